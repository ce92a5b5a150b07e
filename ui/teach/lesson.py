"""What is being taught in this tab: its columns, and the data set with their clips."""

import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import streamlit as st

from har.datasets import takes, user_sets
from har.errors import HarError
from har.recipe import Recipe, default_network, recipe_for
from har.storage import owners
from ui import visitor

DATASET, RUN, ADDING = "dataset", "run", "adding"  # in the address: the set, its run, and the job that adds files
BACKGROUND = "Nothing special"
_LESSON = "teach-lesson"  # in the session
_MIN_COLUMNS = 2


@dataclass
class Column:
    """A class: its clips are in the folder of its label, once there are any."""

    label: str
    id: str = field(default_factory=lambda: secrets.token_hex(4))
    problem: str = ""  # why its name could not be changed, or a file not be added
    uploads: int = 0  # number of drops; each gets a new, empty box


@dataclass
class Lesson:
    """The columns of a data set."""

    name: str | None  # of the set; None: there is none yet
    columns: list[Column]
    active: str | None = None  # id of the column whose camera is open
    run: str | None = None  # id of the training

    @property
    def labels(self) -> list[str]:
        """Of all columns."""
        return [column.label for column in self.columns]

    def clips(self) -> Mapping[str, Sequence[Path]]:
        """The clips of each label that has any."""
        return takes.clips_by_label(self.name) if self.name else {}

    def others(self, column: Column) -> list[str]:
        """Labels that a column's must differ from."""
        return [other.label for other in self.columns if other is not column]

    def add_column(self, label: str | None = None) -> None:
        """A new class, under a free name unless there is one."""
        numbers = range(1, takes.MAX_LABELS + 2)
        free = next(f"Move {number}" for number in numbers if f"Move {number}" not in self.labels)
        self.columns.append(Column(label or free))

    def remove_column(self, column: Column) -> None:
        """Delete a class with its clips.

        Raises:
            DatasetMissing: the set has been deleted.
        """
        if self.name and column.label in self.clips():
            takes.remove(self.name, column.label)
        self.columns.remove(column)

    def create_set(self) -> str:
        """The name of the set, which is created if there is none, and put into the address.

        Raises:
            TooMuchStored, DiskFull: as `takes.new_draft`.
        """
        if self.name is None:
            self.name = takes.new_draft(visitor.visitor().id)
            st.query_params[DATASET] = self.name
        return self.name


def current() -> tuple[Lesson, str]:
    """The lesson of this tab, and a sentence if the set in the address cannot be used.

    Who returns to the page by the menu finds the lesson as it was.
    """
    lesson = st.session_state.get(_LESSON)
    if isinstance(lesson, Lesson) and lesson.name and DATASET not in st.query_params:
        st.query_params[DATASET] = lesson.name
    name, problem = _own_set()
    fewest = 0
    if not isinstance(lesson, Lesson) or lesson.name != name:
        lesson, fewest = Lesson(name, []), _MIN_COLUMNS
        st.session_state[_LESSON] = lesson
    # A class that was renamed or deleted while files were added to it comes back with them.
    lesson.columns += [Column(label) for label in lesson.clips() if label not in lesson.labels]
    while len(lesson.columns) < fewest:
        lesson.add_column()
    return lesson, problem


def forget() -> None:
    """Start over, with empty columns."""
    st.session_state.pop(_LESSON, None)
    for parameter in (DATASET, RUN, ADDING):
        st.query_params.pop(parameter, None)


def recipe() -> Recipe:
    """How classifiers are trained here: on all clips, since there are few."""
    return recipe_for(default_network(user_sets.NAME, clip_count=0), split="all", validation_share=0.2)


def _own_set() -> tuple[str | None, str]:
    name = st.query_params.get(DATASET)
    if name is None:
        return None, ""
    with suppress(HarError):
        folder = user_sets.dataset_folder(name)
        if folder.is_dir():
            if owners.owner_of(folder) == visitor.visitor().id:
                return name, ""
            return None, "The clips at this address belong to another visitor. Here you can record your own."
    return None, "The clips at this address have been deleted. Here you can record new ones."
