"""`make pictures`: the sample on Home, stills of the samples, and README's screenshot, all from generated videos."""

import re
import shutil
import tempfile
from fractions import Fraction
from io import BytesIO
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from benchmarks.running import ROOT, chromium, running_app
from har import reels
from har.annotation import annotate
from har.classifier import load, read_card
from har.clips import ClipSpec, Samples
from har.datasets import one_per_class, open_dataset
from har.datasets.figures import SAMPLES, draw_missing, draw_sequence, make_sample
from har.datasets.figures.clips import FPS
from har.explain import activations
from har.networks.summary import build_summary
from har.recognition import score
from har.render import burn_in
from har.results import bundled_sample
from har.settings import override_settings
from har.timeline import save_scores
from har.video import probe, read_frames, write_video

ASSETS, IMAGES = ROOT / "ui" / "assets", ROOT / "docs" / "images"
SPANS_SEC = {"short": 0.75, "long": 7.0}
SPAN_FROM_SEC = 11.3  # in the sample, where a person sits down and gets up again
_PLAYER_FROM_SEC, _PLAYER_STEP_SEC, _PLAYER_FRAMES, _PLAYER_SPEED = 3.0, 0.2, 85, 2.0  # of the picture in README
_GAP = 12  # pixels between two stills
_SAMPLE_ENLARGED, _SAMPLE_CRF = 3, 27  # of the sample on Home
STILL_SEC = {"six-actions": 7.4, "training": 8.0, "delivery": 7.0}  # typical moments


def stills(folder: Path) -> None:
    """A picture of each sample."""
    for name in SAMPLES:
        make_sample(folder / f"{name}.mp4", name)
        with read_frames(probe(folder / f"{name}.mp4"), start_sec=STILL_SEC[name]) as reader:
            frame = next(reader)
        cv2.imwrite(str(ASSETS / f"{name}.jpg"), frame[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 88])


def moving_sample(folder: Path) -> None:
    """The first sample with its labels, drawn in the size of a page."""
    result = annotate(folder / "six-actions.mp4", folder / "out", "lrcn-figures", burn_in=False)
    sample = SAMPLES["six-actions"]
    frames = draw_sequence(sample.group, sample.actions, enlarged=_SAMPLE_ENLARGED)
    with override_settings(encoder_crf=_SAMPLE_CRF, encoder_preset="veryslow"):
        write_video(folder / "large.mp4", frames, Fraction(FPS))
        burn_in(probe(folder / "large.mp4"), result.labelled.frames, ASSETS / "sample.mp4")


def stored_sample(folder: Path) -> None:
    """The sample's video and scores, from which Home opens a result without computing anything."""
    bundled_sample.VIDEO_FILE.parent.mkdir(exist_ok=True)
    shutil.copyfile(folder / f"{bundled_sample.SAMPLE}.mp4", bundled_sample.VIDEO_FILE)
    save_scores(bundled_sample.SCORES_FILE, score(probe(bundled_sample.VIDEO_FILE), load(bundled_sample.CLASSIFIER)))


def spans(folder: Path) -> None:
    """Twenty frames of the same video, over a moment and over most of two actions."""
    info = probe(folder / "six-actions.mp4")
    for name, span_sec in SPANS_SEC.items():
        spec = ClipSpec(20, 96, 128, span_sec)
        first = round(SPAN_FROM_SEC * spec.rate)
        frames = list(islice(Samples(info, spec), first, first + spec.frames))
        rows = [np.concatenate(frames[at : at + 5], axis=1) for at in range(0, 20, 5)]
        sheet = np.concatenate(rows)[:, :, ::-1]
        cv2.imwrite(str(ASSETS / f"span-{name}.jpg"), sheet, [cv2.IMWRITE_JPEG_QUALITY, 82])


def bundled_activations() -> None:
    """What How it works shows at first: activations of three classifiers, and the layers of four."""
    activations.BUNDLED.mkdir(exist_ok=True)
    for name in activations.CLASSIFIERS:
        path = activations.clip_path(activations.DEFAULT_LABEL)
        draw_missing([path])
        values = activations.activations_of(load(name), path)
        activations.bundled_path(name).write_bytes(activations.to_npz(values))
    for name in activations.DIAGRAM_CLASSIFIERS:
        card = read_card(name)
        activations.write_bundled_summary(name, build_summary(card.network, len(card.labels), card.spec, card.options))


def player(folder: Path) -> None:
    """The player at work, for README: the sample's result, as a moving picture."""
    frames = []
    with running_app(folder / "home") as app, chromium() as browser:
        page = browser.new_page(viewport={"width": 1180, "height": 900})
        page.goto(app.url)
        page.get_by_role("button", name="Six actions in a row").click()
        page.locator(".player .item").first.wait_for(timeout=180_000)
        video, bottom = page.locator("video").first, page.locator(".player .timeline").first
        page.wait_for_url(re.compile("job="))
        page.wait_for_function("document.querySelector('video')?.readyState === 4")
        video.evaluate("v => { v.controls = false; v.pause() }")
        top, end = video.bounding_box(), bottom.bounding_box()
        if top is None or end is None:
            raise RuntimeError("the player is not on the page")
        clip = {"x": end["x"], "y": top["y"], "width": end["width"], "height": end["y"] + end["height"] - top["y"]}
        for number in range(_PLAYER_FRAMES):
            video.evaluate(
                "(v, at) => new Promise(done => { v.onseeked = () => done(); v.currentTime = at })",
                _PLAYER_FROM_SEC + number * _PLAYER_STEP_SEC,
            )
            page.wait_for_timeout(150)  # until the timeline has followed
            frames.append(Image.open(BytesIO(page.screenshot(clip=clip))).convert("RGB"))  # type: ignore[arg-type]
    frames[0].save(
        IMAGES / "player.webp",
        save_all=True,
        append_images=frames[1:],
        duration=round(1000 * _PLAYER_STEP_SEC / _PLAYER_SPEED),
        loop=0,
        quality=70,
        method=4,
    )


def films(folder: Path) -> None:
    """Stills of films, for README and docs/films.md: a highlight next to two labellings, and a wall of classes."""
    result = folder / "film-result"
    bundled_sample.copy_bundled_sample(result)
    reels.make_highlights([result], folder / "highlights.mp4", reels.HighlightOptions(labels=("JumpingJack", "Wave")))
    reels.make_side_by_side([result], folder / "sides.mp4")
    reels.make_montage(one_per_class(open_dataset("figures", draw=False).videos), folder / "wall.mp4")
    stills = [_still(folder / f"{name}.mp4", at_sec) for name, at_sec in (("highlights", 8.5), ("sides", 18.5))]
    low = min(still.height for still in stills)
    scaled = [still.resize((round(still.width * low / still.height), low)) for still in stills]
    both = Image.new("RGB", (sum(still.width for still in scaled) + _GAP, low), "white")
    both.paste(scaled[0], (0, 0))
    both.paste(scaled[1], (scaled[0].width + _GAP, 0))
    both.save(IMAGES / "films.jpg", quality=82)
    _still(folder / "wall.mp4", 2.0).save(IMAGES / "wall.jpg", quality=82)


def _still(film: Path, at_sec: float) -> Image.Image:
    with read_frames(probe(film), start_sec=at_sec) as reader:
        return Image.fromarray(next(reader))


if __name__ == "__main__":
    ASSETS.mkdir(exist_ok=True)
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        stills(Path(name))
        moving_sample(Path(name))
        stored_sample(Path(name))
        bundled_activations()
        spans(Path(name))
        player(Path(name))
        films(Path(name))
