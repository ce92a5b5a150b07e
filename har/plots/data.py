"""Charts of data sets and of their splits."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from har.datasets import Dataset, LabelledVideo
from har.datasets.splits import Split, leaked
from har.plots.ground import CLEAR, GRID, plain

TRAIN, VALIDATION, TEST, LEAKED, MIXED = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#999999"  # Okabe and Ito's
SKY = "#56B4E9"
_MOST_GROUPS = 60  # that a grid can show
_ROW, _LOW_ROW = 22, 15  # pixels for a label; and where there are many
_MANY = 30  # labels
_LETTER, _LINE = 6, 20  # pixels of one, in names of groups and in the legend of a phone
_LEAKED_NAME = "test, but its recording is also in training"


def clips_figure(dataset: Dataset) -> go.Figure:
    """Clips of each label, the most first."""
    counts = Counter(video.label for video in dataset.videos).most_common()
    figure = go.Figure(
        go.Bar(
            x=[count for _, count in counts],
            y=[plain(label) for label, _ in counts],
            orientation="h",
            marker={"color": TRAIN},
            hovertemplate="%{y}: %{x} clips<extra></extra>",
        )
    )
    return _laid_out(figure, _rows(len(counts)), "clips")


def durations_figure(dataset: Dataset) -> go.Figure:
    """How many clips last how long.

    Args:
        dataset: of which `har.datasets.facts.probed` knows the durations.
    """
    lasting = [video.info.duration_sec for video in dataset.videos if video.info is not None]
    edges = np.histogram_bin_edges(lasting, bins=min(40, max(1, len(set(lasting)))))
    counts, _ = np.histogram(lasting, edges)
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
    _laid_out(figure, 240, "seconds")
    figure.update_yaxes(title="clips", autorange=True, dtick=None, showgrid=True, gridcolor=GRID)
    return figure


def span_figure(times_sec: Sequence[float], duration_sec: float, span_sec: float) -> go.Figure:
    """A ruler as long as a clip, with the stretch that a network's frames cover, and each frame's moment.

    Args:
        times_sec: of the frames.
        duration_sec: of the clip.
        span_sec: that the frames stand for, from the first on; more than the clip has is not drawn.
    """
    begin_sec = min(times_sec)
    end_sec = min(max(begin_sec + span_sec, *times_sec), duration_sec)
    figure = go.Figure()
    for base_sec, long_sec, colour in ((0.0, duration_sec, GRID), (begin_sec, end_sec - begin_sec, SKY)):
        figure.add_trace(
            go.Bar(
                base=[base_sec],
                x=[long_sec],
                y=[0],
                width=0.9,
                orientation="h",
                marker={"color": colour, "line_width": 0},
            )
        )
    ticks = {"symbol": "line-ns", "size": 16, "line": {"width": 2, "color": TRAIN}}
    figure.add_trace(go.Scatter(x=list(times_sec), y=[0] * len(times_sec), mode="markers", marker=ticks))
    _laid_out(figure, 0, None)
    figure.update_layout(height=80, margin_b=32, barmode="overlay", showlegend=False, hovermode=False)
    figure.update_xaxes(range=[-0.005 * duration_sec, 1.005 * duration_sec], ticksuffix=" s", showgrid=False)
    figure.update_yaxes(visible=False)
    return figure


def split_figure(split: Split) -> go.Figure:
    """Which recordings train, validate and test; those that do both stand out.

    Where there are at most 60 groups, a grid of labels and groups; else the clips of each label by part.
    """
    videos = (*split.train, *split.validation, *split.test)
    groups = sorted({video.group for video in videos if video.group is not None})
    labels = sorted({video.label for video in videos})
    if groups and len(groups) <= _MOST_GROUPS and all(video.group is not None for video in videos):
        return _grid(split, labels, groups)
    return _bars(split, labels)


def _grid(split: Split, labels: Sequence[str], groups: Sequence[str]) -> go.Figure:
    parts = (split.train, split.validation, split.test)
    counts = np.zeros((3, len(labels), len(groups)), int)
    for number, part in enumerate(parts):
        for video in part:
            counts[number, labels.index(video.label), groups.index(video.group or "")] += 1
    there = counts > 0
    kind = np.full(there.shape[1:], np.nan)  # 0 train, 1 validation, 2 test, 3 leaked, 4 several parts
    for number in range(3):
        kind[there[number]] = number
    kind[there.sum(axis=0) > 1] = 4
    on_both_sides = there[0].any(axis=0) & there[2].any(axis=0)  # by group: whatever the label, it is one recording
    kind[there[2] & on_both_sides] = 3
    colours = (TRAIN, VALIDATION, TEST, LEAKED, MIXED)
    told = [[_counted(counts[:, row, column]) for column in range(len(groups))] for row in range(len(labels))]
    figure = go.Figure(
        go.Heatmap(
            z=kind,
            x=[plain(group) for group in groups],
            y=[plain(label) for label in labels],
            customdata=told,
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
            figure.add_trace(_legend(name, colour, "square-x" if number == 3 else "square"))
    upright = _LETTER * max(map(len, groups)) + _LINE * (len(figure.data) - 1)  # names of groups below, legend above
    _laid_out(figure, _rows(len(labels)) + upright, None)
    figure.update_xaxes(tickangle=-90, showgrid=False, type="category")
    return figure


def _bars(split: Split, labels: Sequence[str]) -> go.Figure:
    lost = set(leaked(split))
    shown: list[tuple[str, str, Sequence[LabelledVideo]]] = [
        ("train", TRAIN, split.train),
        ("validation", VALIDATION, split.validation),
        ("test", TEST, [video for video in split.test if video not in lost]),
        (_LEAKED_NAME, LEAKED, [video for video in split.test if video in lost]),
    ]
    figure = go.Figure()
    for name, colour, videos in shown:
        if not videos:
            continue
        counts = Counter(video.label for video in videos)
        figure.add_trace(
            go.Bar(
                name=name,
                x=[counts[label] for label in labels],
                y=[plain(label) for label in labels],
                orientation="h",
                marker={"color": colour, "pattern": {"shape": "x" if colour == LEAKED else "", "solidity": 0.2}},
                hovertemplate=f"%{{y}}: %{{x}} clips, {name}<extra></extra>",
            )
        )
    figure.update_layout(barmode="stack")
    return _laid_out(figure, _rows(len(labels)) + _LINE * len(figure.data), "clips")


def _counted(counts: np.ndarray) -> str:
    names = ("train", "validation", "test")
    return ", ".join(f"{count} {name}" for count, name in zip(counts.tolist(), names, strict=True) if count)


def _legend(name: str, colour: str, symbol: str) -> go.Scatter:
    marker = {"color": colour, "symbol": symbol, "size": 12}
    return go.Scatter(name=name, x=[None], y=[None], mode="markers", marker=marker, hoverinfo="skip")


def _rows(count: int) -> int:
    return count * (_ROW if count <= _MANY else _LOW_ROW)


def _laid_out(figure: go.Figure, height: int, across: str | None) -> go.Figure:
    figure.update_layout(
        height=height + 110,
        paper_bgcolor=CLEAR,
        plot_bgcolor=CLEAR,
        bargap=0.25,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        legend={"orientation": "h", "traceorder": "normal", "yanchor": "bottom", "y": 1.02, "yref": "paper", "x": 0},
        dragmode=False,
    )
    figure.update_xaxes(title=across, gridcolor=GRID, zeroline=False, automargin=True, fixedrange=True)
    figure.update_yaxes(autorange="reversed", showgrid=False, automargin=True, fixedrange=True, zeroline=False)
    figure.update_yaxes(dtick=1, tickfont_size=11 if height <= _MANY * _ROW else 10)
    return figure
