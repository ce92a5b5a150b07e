import time
from contextlib import ExitStack

import dask
import pytest

from har.jobs import Jobs


@pytest.fixture(scope="session")
def jobs():
    """One queue, with its embedded cluster, for all tests of this folder."""
    jobs = Jobs()
    yield jobs
    jobs.close()


@pytest.fixture
def as_external(override):
    """Makes a cluster an external one, whose certificate is in Dask's own configuration."""
    with ExitStack() as stack:

        def use(url, certificate, key):
            names = {"ca-file": certificate, "client.cert": certificate, "client.key": key}
            tls = {f"distributed.comm.tls.{name}": value for name, value in names.items()}
            stack.enter_context(dask.config.set(tls))
            override(scheduler=url)

        yield use


@pytest.fixture(scope="session")
def wait_until():
    def wait(condition, timeout_sec=120):
        deadline = time.monotonic() + timeout_sec
        while not condition():
            assert time.monotonic() < deadline, "waited too long"
            time.sleep(0.02)

    return wait
