"""In 'Why?': the clips that trained the classifier and are most like the window, moving where they are still here."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from har.annotation import Annotation
from har.classifier import SeenVideo
from har.datasets import Dataset, LabelledVideo
from har.errors import RunMissing
from har.explain import Alike, Facts
from har.runs import look_at
from har.settings import settings
from pages import mistakes
from pages.opening import is_everybodys, opened_if_there
from pages.wall import Cell, wall
from pages.widgets import plain, start_app

_OPEN = "nearest-open"  # in the session: the path of the clip that plays


def show(stored: Annotation, facts: Facts, key: str, *, own: bool) -> None:
    """The nearest clips, and what to make of them; or why there are none.

    Args:
        stored: the result.
        facts: what is known of one of its windows.
        key: of that explanation.
        own: whether its owner looks. Nobody else is told anything of clips that are not everybody's.
    """
    if not facts.nearest and facts.no_nearest is None:  # explained before this was looked for
        return
    st.markdown("**What has it seen like this?**")
    if facts.no_nearest is not None:
        st.caption(plain(facts.no_nearest))
        return
    name = dataset_name(stored)
    if not own and not is_everybodys(name):
        st.caption(
            "Whoever trained this classifier brought the clips: they are shown to the owner of this result only."
        )
        return
    st.markdown(_said(facts))
    _clips(facts.nearest, opened_if_there(name), key, own=own)
    st.caption(
        "Each with its similarity and recording. Similarity is of what the network's last layers are given: 1 is the "
        "same, any two training clips have about 0. The network has learnt from all of them, not from these most."
    )


def dataset_name(stored: Annotation) -> str:
    """By which name the clips that trained a result's classifier can be opened here; empty where nothing says so.

    A run was told it when it was begun; one that was imported has none, whatever its card says. Of other classifiers,
    which whoever runs the app has put there, the card's word counts if that is a data set for all visitors.
    """
    folder = (stored.classifier or Path()).absolute()
    if folder.parent.parent == settings().runs.absolute():
        try:
            return look_at(folder.parent.name).plan.dataset
        except RunMissing:
            return ""
    return stored.card.data.name if is_everybodys(stored.card.data.name) else ""


def find(clip: SeenVideo, dataset: Dataset) -> LabelledVideo | None:
    """The clip in a data set, if its file there is the one that was trained on.

    Generated clips are known by their name alone: another machine's encoder may give their files other bytes.
    """
    for video in dataset.videos:
        if (video.path.parent.name, video.path.name, video.label) == (*_place(clip.path), clip.label):
            try:
                if dataset.name == "figures" or video.content == clip.content:
                    return video
            except OSError:  # gone since the folder was looked through
                continue
    return None


def _place(path: str) -> tuple[str, str]:
    return Path(path).parent.name, Path(path).name


def _said(facts: Facts) -> str:
    """What the clips show, and whether that is what the classifier says."""
    counts = Counter(alike.clip.label for alike in facts.nearest).most_common()
    shown = ", ".join(f"{count if len(counts) > 1 else 'all'} **{plain(label)}**" for label, count in counts)
    said = facts.likeliest[0][0]
    told = f"The {len(facts.nearest)} training clips most like this window to the network: {shown}."
    if dict(counts).get(said, 0) * 2 < len(facts.nearest):
        told += f" Most of them do not show {plain(said)}, which it says: believe it the less."
    return told


def _clips(nearest: Sequence[Alike], dataset: Dataset | None, key: str, *, own: bool) -> None:
    """Those that are here as moving pictures, of which one can be played; the others by name, to the owner."""
    found = {} if dataset is None else {alike: find(alike.clip, dataset) for alike in nearest}
    here = {alike: video for alike, video in found.items() if video is not None}
    if here:
        cells = [Cell(video, alike.clip.label, _detail(alike)) for alike, video in here.items()]
        wall(cells, key=f"nearest-{key}", on_open=lambda video: _open(key, video), small=True)
        for video in here.values():
            if st.session_state.get(_OPEN) == (key, video.path) and mistakes.play(video):
                st.caption(plain(video.path.name))
    others = [alike for alike in nearest if alike not in here]
    if others and own:
        st.dataframe(
            {
                "label": [alike.clip.label for alike in others],
                "similarity": [f"{alike.similarity:.2f}" for alike in others],
                "recording": [alike.clip.group or "not known" for alike in others],
                "clip": [_place(alike.clip.path)[1] for alike in others],
            },
            hide_index=True,
        )
        st.caption("They are not on this server any more, or never were: only their names are known.")


def _open(key: str, video: LabelledVideo) -> None:
    st.session_state[_OPEN] = (key, video.path)


def _detail(alike: Alike) -> str:
    group = alike.clip.group
    return f"{alike.similarity:.2f} · {group}" if group else f"{alike.similarity:.2f}"


if __name__ == "__main__":
    start_app()
