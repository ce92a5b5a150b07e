"""Split: which recordings train, which validate, which test; and what a random split gives away."""

import re
from collections import Counter

import streamlit as st

from har.datasets import Dataset, scan, splits
from har.errors import HarError
from har.plots import split_figure
from ui.looking import seen
from ui.messages import plain, show_error
from ui.theme import BARE


def show(dataset: Dataset, name: str) -> None:
    """Choose a kind of split, and see it drawn."""
    st.write(
        "Clips of one recording share the scene, the people and the light. Where some of them train and others test, a "
        "network can answer by the scene, and the accuracy says little about new videos. So whole recordings go to one "
        "part."
    )
    dataset = _with_groups(dataset, name)
    kind, seed, validation, test = _choices(dataset)
    try:
        split = _divided(dataset, (name, len(dataset.videos), dataset.guessed_groups), kind, seed, validation, test)
    except HarError as error:
        show_error(error)
        return
    _told(dataset, split)
    st.plotly_chart(split_figure(split), config=BARE, key="split")
    with st.expander("Clips of each class and part"):
        _table(dataset, split)


def _with_groups(dataset: Dataset, name: str) -> Dataset:
    """The data set, with groups guessed if somebody asked for that."""
    unknown = sum(video.group is None for video in dataset.videos)
    if not unknown:
        return dataset
    asked = f"guess-{name}"
    st.info(
        f"Nothing tells the recording of {unknown} of {len(dataset.videos)} clips. Clips that look alike can be taken "
        "for one recording: that is a guess, and better than none.",
        icon=":material/help:",
    )
    if asked not in st.session_state:
        if not st.button("Guess groups by likeness", icon=":material/join_inner:"):
            return dataset
        st.session_state[asked] = True
        st.rerun()
    try:
        guessed = seen(scan.guess_groups, dataset, name, begin=True)
    except HarError as error:
        show_error(error)
        guessed = None
    if guessed is None:
        return dataset
    st.caption(f"Guessed by likeness: {len(guessed.groups)} groups.")
    return guessed


def _choices(dataset: Dataset) -> tuple[str, int, float, float]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.segmented_control(
            "Kind", _kinds(dataset), default="grouped", format_func=splits.KINDS.__getitem__, required=True, wrap=True
        )
        seed = st.number_input("Seed", 0, 10_000, 0, width=140, help="Another seed, another split.")
    official = kind.startswith("ucf101")
    left, right = st.columns(2, gap="medium")
    with left:
        validation = st.slider("Validation", 5, 40, 20, 5, format="%d %%", help="Of the clips; chooses the best epoch.")
    with right:
        test = st.slider("Test", 5, 40, 20, 5, format="%d %%", disabled=official, help="Of the clips; only measures.")
    return kind, int(seed), validation / 100, test / 100


def _kinds(dataset: Dataset) -> list[str]:
    """UCF101's lists go by numbers of groups: where these are missing they are not offered."""
    numbered = all(re.fullmatch(r"g\d+", video.group or "") for video in dataset.videos)
    return [kind for kind in splits.KINDS if numbered or not kind.startswith("ucf101")]


@st.cache_resource(max_entries=64, show_spinner="Dividing …")
def _divided(
    _dataset: Dataset, key: tuple[str, int, bool], kind: str, seed: int, validation: float, test: float
) -> splits.Split:
    """By what it is made of; the data set itself need not be hashed."""
    return splits.divide(_dataset, kind, seed, validation, test)


def _told(dataset: Dataset, split: splits.Split) -> None:
    """In one sentence, whether test clips can be known from training."""
    lost = splits.leaked(split)
    recording = "recording, as guessed," if dataset.guessed_groups else "recording"
    if lost:
        st.error(
            f"{len(lost)} of {len(split.test)} test clips share a {recording} with training. "
            "Accuracy on them says how well the network remembers, not how well it recognises.",
            icon=":material/warning:",
        )
    elif dataset.groups and not any(video.group is None for video in dataset.videos):
        st.success(
            f"None of {len(split.test)} test clips shares a {recording} with training.", icon=":material/check_circle:"
        )
    if split.note:
        st.caption(plain(split.note))


def _table(dataset: Dataset, split: splits.Split) -> None:
    parts = {"train": split.train, "validation": split.validation, "test": split.test}
    counts = {name: Counter(video.label for video in part) for name, part in parts.items()}
    st.dataframe(
        {"class": list(dataset.labels)}
        | {name: [count[label] for label in dataset.labels] for name, count in counts.items()},
        hide_index=True,
    )
