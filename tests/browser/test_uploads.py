"""Uploads from outside the upload boxes, over the network."""

import pytest
import requests


@pytest.mark.promise("hostile", "Uploads that belong to no upload box are limited too")
def test_uploads_under_invented_ids_are_refused_above_the_quota(page, clip):
    page.goto("/annotate")
    page.get_by_text("Your own video", exact=True).click()
    with page.expect_request(lambda request: "upload_file" in request.url) as upload:
        page.locator("input[type=file]").set_input_files(clip)
    assert upload.value.response().status == 204
    address = upload.value.url.rsplit("/", 1)[0]
    token = upload.value.headers["x-xsrftoken"]
    data = bytes(190 << 20)

    def put(path):
        return requests.put(
            path,
            headers={"X-Xsrftoken": token},
            cookies={"_streamlit_xsrf": token},
            files={"file": ("a.mp4", data, "video/mp4")},
            timeout=60,
        ).status_code

    assert [put(f"{address}/invented-{number}") for number in range(2)] == [204, 507]
    data = b"x"
    assert put(f"{address.rsplit('/', 1)[0]}/no-session/1") == 400


def test_answers_forbid_frames_of_other_sites(page):
    for path in ("/", "/_stcore/health", "/annotate"):
        headers = page.request.get(path).headers
        assert "frame-ancestors 'self'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
