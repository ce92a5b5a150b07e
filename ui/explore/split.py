"""Split: which recordings are for training, validation and testing, and what leaks in a random split."""

from collections import Counter

import streamlit as st

from har.datasets import Dataset, scan, splits
from har.errors import HarError
from har.labels import display_name
from har.plots import split_figure
from ui.dataset_cache import cached_split, scanned
from ui.messages import plain, show_error
from ui.tables import table
from ui.theme import BARE


def show(dataset: Dataset, name: str) -> None:
    """Show the choices and the split they make."""
    st.write(
        "Clips of one recording share scene, people and light. If some of them are used for training and others for "
        "testing, a network can recognise the scene instead of the action, and its accuracy says little about new "
        "videos. So recordings are kept together."
    )
    dataset = _with_groups(dataset, name)
    kind, seed, validation, test = _choose(dataset)
    try:
        split = cached_split(dataset, kind, seed, validation, test)
    except HarError as error:
        show_error(error)
        return
    _show_leaks(dataset, split)
    st.plotly_chart(split_figure(split), config=BARE, key="split")
    parts = {"train": split.train, "validation": split.validation, "test": split.test}
    counts = {name: Counter(video.label for video in part) for name, part in parts.items()}
    with st.expander("Clips per class and part"):
        table(
            {"class": [display_name(label) for label in dataset.labels]}
            | {name: [count[label] for label in dataset.labels] for name, count in counts.items()},
        )


def _with_groups(dataset: Dataset, name: str) -> Dataset:
    """The data set, with guessed groups if the visitor wants them."""
    unknown = sum(video.group is None for video in dataset.videos)
    if not unknown:
        return dataset
    requested = f"guess-{name}"
    st.info(
        f"The recording of {unknown} of {len(dataset.videos)} clips is unknown. Clips that look alike can be grouped "
        "as one recording; that is a guess, but better than none.",
        icon=":material/help:",
    )
    if requested not in st.session_state:
        if not st.button("Guess groups by similarity", icon=":material/join_inner:"):
            return dataset
        st.session_state[requested] = True
        st.rerun()
    try:
        guessed = scanned(scan.guess_groups, dataset, name)
    except HarError as error:
        show_error(error)
        guessed = None
    if guessed is None:
        return dataset
    st.caption(f"Guessed by similarity: {len(guessed.groups)} groups.")
    return guessed


def _choose(dataset: Dataset) -> tuple[str, int, float, float]:
    """Kind, seed, and shares of validation and test."""
    kinds = splits.kinds_for(dataset)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.segmented_control(
            "Kind", kinds, default="grouped", format_func=splits.KINDS.__getitem__, required=True, wrap=True
        )
        seed = st.number_input("Seed", 0, 10_000, 0, width=140, help="Another seed gives another split.")
    official = kind in splits.OFFICIAL
    left, right = st.columns(2, gap="medium")
    with left:
        validation = st.slider("Validation", 5, 40, 20, 5, format="%d%%", help="To select the best epoch.")
    with right:
        test = st.slider("Test", 5, 40, 20, 5, format="%d%%", disabled=official, help="To measure accuracy.")
        if official:
            st.caption("UCF101's list names the clips for testing.")
    return kind, int(seed), validation / 100, test / 100


def _show_leaks(dataset: Dataset, split: splits.Split) -> None:
    leaks = len(splits.leaked(split))
    recording = "recording (guessed)" if dataset.guessed_groups else "recording"
    if leaks:
        st.error(
            f"{leaks} of {len(split.test)} test clips share a {recording} with training. Accuracy on them shows how "
            "well the network remembers, not how well it recognises.",
            icon=":material/warning:",
        )
    elif dataset.groups and not any(video.group is None for video in dataset.videos):
        st.success(
            f"None of {len(split.test)} test clips shares a {recording} with training.", icon=":material/check_circle:"
        )
    if split.note:
        st.caption(plain(split.note))
