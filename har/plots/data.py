"""Charts of data sets and their splits."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from har.datasets import Dataset, LabelledVideo
from har.datasets.splits import Split, leaked
from har.plots.style import (
    GRID,
    LEAKED,
    LEGEND_ABOVE,
    MIXED,
    SKY,
    TEST,
    TRAIN,
    VALIDATION,
    apply_style,
    escape_text,
    label_text,
)

_MAX_GRID_GROUPS = 60
_ROW, _LOW_ROW = 22, 15  # pixels for a label; and where there are many
_MANY_LABELS = 30
_LETTER, _LINE = 6, 20  # pixels: of a group's name, and of the legend on a phone
_LEAKED_NAME = "test, but its recording is also in training"


def clips_figure(dataset: Dataset) -> go.Figure:
    """Number of clips of each label, the largest first."""
    counts = Counter(video.label for video in dataset.videos).most_common()
    figure = go.Figure(
        go.Bar(
            x=[count for _, count in counts],
            y=[label_text(label) for label, _ in counts],
            orientation="h",
            marker={"color": TRAIN},
            hovertemplate="%{y}: %{x} clips<extra></extra>",
        )
    )
    return _style_rows(figure, _rows_height(len(counts)), "clips")


def durations_figure(dataset: Dataset) -> go.Figure:
    """Histogram of the clips' durations, which are known after `har.datasets.facts.probe_all`."""
    durations = [video.info.duration_sec for video in dataset.videos if video.info is not None]
    edges = np.histogram_bin_edges(durations, bins=min(40, max(1, len(set(durations)))))
    counts, _ = np.histogram(durations, edges)
    figure = go.Figure(
        go.Bar(
            x=(edges[:-1] + edges[1:]) / 2,
            y=counts,
            width=np.diff(edges) * 0.95,
            marker={"color": TRAIN},
            customdata=np.stack([edges[:-1], edges[1:]], axis=1),
            hovertemplate="%{customdata[0]:.2f} to %{customdata[1]:.2f} s: %{y} clips<extra></extra>",
        )
    )
    apply_style(figure, 350, still=True)
    figure.update_xaxes(title="seconds")
    figure.update_yaxes(title="clips")
    return figure


def span_figure(times_sec: Sequence[float], duration_sec: float, span_sec: float) -> go.Figure:
    """The duration of a clip as a ruler, with the span of a network's input and a tick for each sampled frame.

    The span is drawn from the first sampled frame on, up to the clip's end.
    """
    begin_sec = min(times_sec)
    end_sec = min(max(begin_sec + span_sec, *times_sec), duration_sec)
    figure = go.Figure()
    for base_sec, length_sec, colour in ((0.0, duration_sec, GRID), (begin_sec, end_sec - begin_sec, SKY)):
        marker = {"color": colour, "line_width": 0}
        figure.add_trace(go.Bar(base=[base_sec], x=[length_sec], y=[0], width=0.9, orientation="h", marker=marker))
    ticks = {"symbol": "line-ns", "size": 16, "line": {"width": 2, "color": TRAIN}}
    figure.add_trace(go.Scatter(x=list(times_sec), y=[0] * len(times_sec), mode="markers", marker=ticks))
    apply_style(figure, 80, still=True)
    figure.update_layout(margin_b=32, barmode="overlay", showlegend=False, hovermode=False)
    figure.update_xaxes(range=[-0.005 * duration_sec, 1.005 * duration_sec], ticksuffix=" s", showgrid=False)
    figure.update_yaxes(visible=False)
    return figure


def split_figure(split: Split) -> go.Figure:
    """Which recordings are used for training, validation and testing; test clips that leaked stand out.

    A grid of labels and groups where there are at most 60 groups, otherwise clips of each label and part as bars.
    """
    videos = (*split.train, *split.validation, *split.test)
    groups = sorted({video.group for video in videos if video.group is not None})
    labels = sorted({video.label for video in videos})
    if 0 < len(groups) <= _MAX_GRID_GROUPS and all(video.group is not None for video in videos):
        return _split_grid(split, labels, groups)
    return _split_bars(split, labels)


def _split_grid(split: Split, labels: Sequence[str], groups: Sequence[str]) -> go.Figure:
    counts = np.zeros((3, len(labels), len(groups)), int)
    for number, part in enumerate((split.train, split.validation, split.test)):
        for video in part:
            counts[number, labels.index(video.label), groups.index(video.group or "")] += 1
    present = counts > 0
    kind = np.full(present.shape[1:], np.nan)  # 0 train, 1 validation, 2 test, 3 leaked, 4 several parts
    for number in range(3):
        kind[present[number]] = number
    kind[present.sum(axis=0) > 1] = 4
    leaked_groups = present[0].any(axis=0) & present[2].any(axis=0)  # across labels: a group is one recording
    kind[present[2] & leaked_groups] = 3
    colours = (TRAIN, VALIDATION, TEST, LEAKED, MIXED)
    figure = go.Figure(
        go.Heatmap(
            z=kind,
            x=[escape_text(group) for group in groups],
            y=[label_text(label) for label in labels],
            customdata=[
                [_describe_counts(counts[:, row, column]) for column in range(len(groups))]
                for row in range(len(labels))
            ],
            text=np.where(kind == 3, "×", ""),  # not by colour alone
            texttemplate="%{text}",
            textfont={"color": "white"},
            colorscale=[[(number + side) / 5, colour] for number, colour in enumerate(colours) for side in (0, 1)],
            zmin=-0.5,
            zmax=4.5,
            showscale=False,
            xgap=2,
            ygap=2,
            hoverongaps=False,
            hovertemplate="%{y}, %{x}: %{customdata}<extra></extra>",
        )
    )
    names = ("train", "validation", "test", _LEAKED_NAME, "several parts")
    for number, (name, colour) in enumerate(zip(names, colours, strict=True)):
        if (kind == number).any():
            marker = {"color": colour, "symbol": "square-x" if number == 3 else "square", "size": 12}
            figure.add_trace(go.Scatter(name=name, x=[None], y=[None], mode="markers", marker=marker, hoverinfo="skip"))
    outside = _LETTER * max(map(len, groups)) + _LINE * (len(figure.data) - 1)  # group names below, legend above
    _style_rows(figure, _rows_height(len(labels)) + outside, None)
    figure.update_xaxes(tickangle=-90, showgrid=False, type="category")
    return figure


def _split_bars(split: Split, labels: Sequence[str]) -> go.Figure:
    leaks = set(leaked(split))
    parts: list[tuple[str, str, Sequence[LabelledVideo]]] = [
        ("train", TRAIN, split.train),
        ("validation", VALIDATION, split.validation),
        ("test", TEST, [video for video in split.test if video not in leaks]),
        (_LEAKED_NAME, LEAKED, [video for video in split.test if video in leaks]),
    ]
    figure = go.Figure()
    for name, colour, videos in parts:
        if not videos:
            continue
        counts = Counter(video.label for video in videos)
        figure.add_trace(
            go.Bar(
                name=name,
                x=[counts[label] for label in labels],
                y=[label_text(label) for label in labels],
                orientation="h",
                marker={"color": colour, "pattern": {"shape": "x" if colour == LEAKED else "", "solidity": 0.2}},
                hovertemplate=f"%{{y}}: %{{x}} clips, {name}<extra></extra>",
            )
        )
    figure.update_layout(barmode="stack")
    return _style_rows(figure, _rows_height(len(labels)) + _LINE * len(figure.data), "clips")


def _describe_counts(counts: np.ndarray) -> str:
    names = ("train", "validation", "test")
    return ", ".join(f"{count} {name}" for count, name in zip(counts.tolist(), names, strict=True) if count)


def _rows_height(count: int) -> int:
    return count * (_ROW if count <= _MANY_LABELS else _LOW_ROW)


def _style_rows(figure: go.Figure, height: int, x_title: str | None) -> go.Figure:
    apply_style(figure, height + 110, still=True)
    figure.update_layout(bargap=0.25, legend={"traceorder": "normal", **LEGEND_ABOVE})
    figure.update_xaxes(title=x_title)
    figure.update_yaxes(autorange="reversed", showgrid=False, dtick=1)
    figure.update_yaxes(tickfont_size=11 if height <= _MANY_LABELS * _ROW else 10)
    return figure
