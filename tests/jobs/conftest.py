import time

import pytest

from har.jobs import Jobs


@pytest.fixture(scope="session")
def jobs():
    """One queue, with its embedded cluster, for all tests of this folder."""
    jobs = Jobs()
    yield jobs
    jobs.close()


@pytest.fixture(scope="session")
def wait_until():
    def wait(condition, timeout_sec=120):
        deadline = time.monotonic() + timeout_sec
        while not condition():
            assert time.monotonic() < deadline, "waited too long"
            time.sleep(0.02)

    return wait
