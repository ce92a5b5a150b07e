"""Whether a browser shows the frame that the table means, whatever the original was."""

import base64
from fractions import Fraction

import pytest

from har.video import make_proxy, probe, read_frames, write_video
from tests.browser.made import SHOWN
from tests.video.barcode import barcode
from tests.video.conftest import FORMATS, ffmpeg

FRAMES = 50
_LOAD = """async (source) => {
  window.video = Object.assign(document.createElement("video"), { muted: true });
  document.body.append(video);
  await new Promise((on, fail) => {
    video.requestVideoFrameCallback(on);  // of the first frame: whoever seeks waits for the next
    video.onerror = () => fail(video.error);
    video.src = source;
  });
}"""
_SEEK = """(seconds) => new Promise((on) => {
  video.requestVideoFrameCallback((now, { mediaTime }) => on(mediaTime));
  video.currentTime = seconds;
})"""


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    path = tmp_path_factory.mktemp("source") / "source.mp4"
    write_video(path, (barcode(number) for number in range(FRAMES)), Fraction(25))
    return path


@pytest.mark.parametrize(
    "name", ["h264.mp4", "sound.mp4", "variable.mp4", "late.mp4", "vp9.webm", "ntsc.mkv", "bframes.avi", "hevc.mp4"]
)
def test_in_the_middle_of_a_frames_time_stands_that_frame(name, source, browser, tmp_path):
    ffmpeg("-i", source, *FORMATS[name].split(), tmp_path / name)
    info = probe(tmp_path / name)
    with read_frames(info, collect_times=True) as reader:
        assert len(list(reader)) == FRAMES
    times = [*reader.times_sec, info.duration_sec]
    proxy = make_proxy(info, tmp_path, mark="m" * 32)
    page = browser.new_page()
    page.evaluate(_LOAD, f"data:video/{proxy.suffix[1:]};base64,{base64.b64encode(proxy.read_bytes()).decode()}")
    for frame in (31, 7, 8, 40, 1, 48, 49):
        media_time = page.evaluate(_SEEK, (times[frame] + times[frame + 1]) / 2)
        assert media_time == pytest.approx(times[frame], abs=2e-3)
        assert page.evaluate(SHOWN) == frame
    page.close()
