import stat

import pytest

from har.settings import settings
from har.storage import private


@pytest.mark.promise("private", "Other users of the machine cannot read the app's folder")
@pytest.mark.parametrize("mode", [None, 0o755, 0o770, 0o700, 0o500])
def test_home_is_for_its_user_alone(tmp_path, override, mode):
    override(home=tmp_path / "new" / "home")
    if mode is not None:
        settings().home.mkdir(parents=True)
        settings().home.chmod(mode)
    private.make_home_private()
    assert stat.S_IMODE(settings().home.stat().st_mode) == (0o700 if mode is None else mode & 0o700)
