"""What is shown while a video is scored."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from har.results import open_annotation, open_partial, partial
from har.results.store import Notes
from har.timeline import WindowScores
from tests.ui.shared_pages import annotated


@pytest.mark.parametrize("fps", [Fraction(1, 10), Fraction(1, 4), Fraction(25)])
def test_a_video_with_few_frames_is_shown_while_it_is_scored(tmp_path, override, monkeypatch, fps):
    monkeypatch.setattr(partial, "_INTERVAL_SEC", -1.0)
    monkeypatch.setattr(partial, "_TIME_SHARE", -1.0)
    override(home=tmp_path)
    done = open_annotation(annotated().folder)
    keep = partial.start_partial(tmp_path, Notes(replace(done.info, fps=fps), done.card, done.options))
    for count in range(1, 60):
        starts = np.arange(count) / 2
        scores = WindowScores(("squat", "wave"), starts, starts + 2, np.full((count, 2), 0.5, np.float32))
        keep(lambda scores=scores: scores)
        found = open_partial(tmp_path)
    assert found.annotation.segments
