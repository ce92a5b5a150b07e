"""`har datasets`: list data sets, show one, download or add more."""

import json
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from har.cli.options import labels_option, remark
from har.cli.progress import show_progress
from har.datasets import Dataset, Note, Skipped, list_datasets, open_dataset
from har.datasets.archives import unpacking
from har.datasets.facts import compute_facts, probe_all
from har.datasets.source import Source
from har.datasets.sources import SOURCES, find_source
from har.errors import DatasetError, LabelsError, OptionsError
from har.settings import MIB, settings


@click.group(invoke_without_command=True)
@click.pass_context
def datasets(context: click.Context) -> None:
    """List the data sets on this machine. Subcommands show, get or add one."""
    if context.invoked_subcommand is None:
        for entry in list_datasets():
            click.echo(f"{entry.name:28} {entry.title}")


@datasets.command()
@click.argument("dataset")
@click.option(
    "--facts",
    "with_facts",
    is_flag=True,
    help="Also read every file and print statistics of frames, sizes and durations.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def show(dataset: str, with_facts: bool, as_json: bool) -> None:
    """Show the labels, clips and groups of DATASET: a name, or a folder with one folder per class."""
    with show_progress() as on_progress:
        data = open_dataset(dataset, None, on_progress, draw=with_facts)
    measured: dict[str, Any] = {}
    if with_facts:
        with show_progress() as on_progress:
            data = probe_all(data, on_progress)
        measured = {"facts": compute_facts(data).to_json()}
    description = _describe(data) | measured
    if as_json:
        click.echo(json.dumps(description, indent=2, ensure_ascii=False))
        return
    groups = "groups unknown" if description["group_count"] is None else f"{description['group_count']} groups"
    click.echo(f"{data.title}: {len(data.labels)} labels, {description['clip_count']} clips, {groups}")
    for label, count in description["clips_per_label"].items():
        click.echo(f"  {label:30} {count:5} clips")
    for name, value in measured.get("facts", {}).items():
        if not isinstance(value, dict):
            click.echo(f"{name.replace('_', ' '):32} {round(value, 3) if isinstance(value, float) else value}")
    print_remarks((*data.notes, *data.skipped))


@datasets.command()
def sources() -> None:
    """List the sources of data sets."""
    for source in SOURCES.values():
        if source.fetch is not None:
            click.echo(f"{source.name:10} {source.title}: {source.size}. {source.licence}")


@datasets.command()
@click.argument("source", default="ucf101")
def classes(source: str) -> None:
    """List the classes of SOURCE that can be downloaded individually, with their sizes."""
    entry = find_source(source)
    if entry.list_classes is None:
        raise OptionsError(
            f"{entry.title} has no list of classes.",
            "It is only available as a whole.",
            f"Use `har datasets get {source}`.",
        )
    for class_ in entry.list_classes():
        note = "  (downloaded)" if class_.downloaded else ""
        click.echo(f"{class_.label:22} {class_.clip_count:4} clips {class_.size_bytes / MIB:6.0f} MB{note}")


@datasets.command()
@click.argument("source")
@labels_option("Get only these classes.")
@click.option("--preset", metavar="NAME", help="Get a named selection of classes (for ucf101: tutorial, ucf50 or all).")
def get(source: str, labels: tuple[str, ...] | None, preset: str | None) -> None:
    """Download or generate the data set of SOURCE (see `har datasets sources`). Interrupted downloads are resumed."""
    entry = find_source(source)
    if entry.fetch is None:
        raise OptionsError(
            f"{entry.title} cannot be downloaded.", "They are added from an archive.", "Use `har datasets add ARCHIVE`."
        )
    chosen = _chosen(entry, labels, preset)
    remark(entry.licence)
    with show_progress() as on_progress:
        folder = entry.fetch(chosen, on_progress)
    data = open_dataset(str(folder))
    click.echo(f"{len(data.labels)} labels, {len(data.videos)} clips in {folder}")


@datasets.command()
@click.argument("archive", type=click.Path(path_type=Path))
@click.option("--name", metavar="NAME", help="Name of the data set; by default the archive's.")
def add(archive: Path, name: str | None) -> None:
    """Add a data set from ARCHIVE (zip, tar, rar, 7z) with one folder per class."""
    name = name or archive.name.split(".")[0]
    if not re.fullmatch(r"[\w][\w -]{0,59}", name) or name in SOURCES or name.startswith(("figures-v", "own-")):
        raise DatasetError(
            f"A data set cannot be called {name!r}.",
            f"Up to 60 letters, digits, spaces, - and _ are allowed; {', '.join(SOURCES)} and own-… are reserved.",
            "Choose another name with --name.",
        )
    folder = settings().datasets / name
    if folder.exists():
        raise DatasetError(
            f"A data set {name!r} already exists.",
            "Existing data sets are not replaced.",
            "Choose another name with --name.",
        )
    with show_progress() as on_progress:
        found = unpacking.unpack(archive, folder, on_progress)
    data = open_dataset(str(folder))
    click.echo(f"{name}: {len(data.labels)} labels, {len(data.videos)} clips in {folder}")
    print_remarks((*found, *data.notes, *data.skipped))


def _chosen(source: Source, labels: tuple[str, ...] | None, preset: str | None) -> tuple[str, ...]:
    """The classes to get; empty: all."""
    if preset is None and (labels is not None or not source.presets):
        return labels or ()
    if labels is not None or preset is None or preset not in source.presets:
        if not source.presets:
            raise LabelsError(
                f"{source.title} has no preset {preset!r}.",
                "It has no presets.",
                "Leave --preset out, or use --labels.",
            )
        raise LabelsError(
            "It is not clear which classes to get.",
            f"Expected: --labels A,B or --preset with one of {', '.join(source.presets)}.",
            f"Choose classes; `har datasets classes {source.name}` lists them all.",
        )
    return source.presets[preset].labels or ()


def _describe(data: Dataset) -> dict[str, Any]:
    counts = Counter(video.label for video in data.videos)
    return {
        "name": data.name,
        "title": data.title,
        "labels": list(data.labels),
        "clip_count": len(data.videos),
        "group_count": len(data.groups) or None,
        "clips_per_label": {label: counts[label] for label in data.labels},
        "groups": list(data.groups),
        "skipped": [{"name": item.name, "reason": item.reason} for item in data.skipped],
        "notes": [{"name": note.name, "reason": note.reason} for note in data.notes],
    }


def print_remarks(remarks: Iterable[Skipped | Note]) -> None:
    """Print which files were skipped, and what the owner of a data set should check."""
    for item in remarks:
        kind = "skipped" if isinstance(item, Skipped) else "note"
        remark(f"{kind}: {item.name}: {item.reason}")
