"""The screens are tested as their parts are."""

from tests.ui.conftest import _collect_only_new_objects, _scan_packages_once, _wait_for_page_work, jobs, owner, result

__all__ = ["_collect_only_new_objects", "_scan_packages_once", "_wait_for_page_work", "jobs", "owner", "result"]
