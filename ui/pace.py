"""How far a job is, as a page shows it: a bar that only grows, and a remaining time that only counts down."""

import math

from har.progress import Progress, Spans, Stage, overall

UNFINISHED = 0.98  # the most that a bar shows before the job has ended
_MIN_SEC = 3.0  # a shorter part of a stage says too little about the rest
_TOO_LOW = 0.5  # a time below this share of the true one is hidden


class Countdown:
    """A remaining time. Where an estimate proves too low, it counts more slowly, or is hidden, but never goes up."""

    def __init__(self) -> None:
        self._end_sec: float | None = None
        self._shown_sec: float | None = None
        self._at_sec = 0.0

    def expect(self, now_sec: float, left_sec: float) -> None:
        """Set the end by a new estimate."""
        self._end_sec = now_sec + left_sec

    def read(self, now_sec: float) -> float | None:
        """What to show; None: not known."""
        if self._end_sec is None or (left_sec := self._end_sec - now_sec) <= 0:
            return None
        passed_sec, self._at_sec = now_sec - self._at_sec, now_sec
        if self._shown_sec is None:
            self._shown_sec = left_sec
        elif self._shown_sec < left_sec * _TOO_LOW:
            return None
        else:
            self._shown_sec = min(self._shown_sec * left_sec / (left_sec + passed_sec), left_sec)
        return self._shown_sec


class Pace:
    """A job's progress, as a page has followed it."""

    def __init__(self, spans: Spans | None = None) -> None:
        """Start with a job."""
        self._spans = spans or {}
        self._reset()

    def _reset(self) -> None:
        self.share = 0.0  # of the job that is done
        self._now_sec = 0.0
        self._stage: Stage | None = None
        self._start = self._last = (0.0, 0.0)  # share of the stage, and when; at first and now
        self._given_sec: float | None = None
        self._whole, self._step = Countdown(), Countdown()

    def follow(self, progress: Progress, now_sec: float, left_sec: float | None = None) -> None:
        """Take in the latest progress.

        Args:
            progress: of the job.
            now_sec: since the job started.
            left_sec: until its end, if that is known better than from the stage's speed.
        """
        if now_sec < self._now_sec:  # started again
            self._reset()
        self._now_sec = now_sec
        share = min(overall(progress, self._spans), UNFINISHED)
        self.share = max(self.share, share) if self._spans else share
        now = (progress.fraction, now_sec)
        if progress.stage is not self._stage:
            self._stage, self._start, self._last, self._step = progress.stage, now, now, Countdown()
        elif progress.fraction > self._last[0]:
            self._last = now
            self._estimate()
        if left_sec is not None and left_sec != self._given_sec:
            self._given_sec = left_sec
            self._whole.expect(now_sec, left_sec)

    def _estimate(self) -> None:
        """From the speed of this stage; for the whole only if this stage is most of what was left when it began."""
        (before, began_sec), (done, now_sec) = self._start, self._last
        if now_sec - began_sec < _MIN_SEC or self._stage is None:
            return
        stage_sec = (now_sec - began_sec) / (done - before)
        self._step.expect(now_sec, stage_sec * (1 - done))
        begin, end = self._spans.get(self._stage, (0.0, 1.0))
        if end - begin >= (1 - begin) / 2:
            self._whole.expect(now_sec, stage_sec * (1 - done + (1 - end) / (end - begin)))

    def time_left(self, word: str = "about") -> str:
        """The remaining time in words, of the whole or at least of this stage; empty if neither is known."""
        whole_sec, step_sec = self._whole.read(self._now_sec), self._step.read(self._now_sec)
        if whole_sec is not None:
            return f" · {rough_duration(whole_sec, word)} left"
        return "" if step_sec is None else f" · {rough_duration(step_sec)} for this step"


def rough_duration(sec: float, word: str = "about") -> str:
    """'a few seconds', 'about 35 s', 'about 3 min', 'about 2 h'."""
    if sec < 5:
        return "a few seconds"
    if sec < 90:
        return f"{word} {math.ceil(sec / 5) * 5} s"
    return f"{word} {math.ceil(sec / 60)} min" if sec < 5400 else f"{word} {math.ceil(sec / 3600)} h"
