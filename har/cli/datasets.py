"""`har datasets`: what there is, what is in it, and getting more."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from har.cli.progress import drawing, progress
from har.datasets import Dataset, Skipped, list_datasets, open_dataset
from har.datasets.facts import facts, probed
from har.datasets.sources import SOURCES, Checking, Downloading, Unpacking, archives, ucf50, ucf101
from har.errors import DatasetError, LabelsError
from har.settings import MIB, settings


def listed(labels: str | None) -> tuple[str, ...] | None:
    """Labels given on the command line, with commas between them."""
    return tuple(part.strip() for part in labels.split(",") if part.strip()) if labels else None


@click.group(invoke_without_command=True)
@click.pass_context
def datasets(context: click.Context) -> None:
    """List the data sets that are there; with a command, look into one or get another."""
    if context.invoked_subcommand is None:
        for entry in list_datasets():
            click.echo(f"{entry.name:28} {entry.title}")


@datasets.command()
@click.argument("dataset")
@click.option("--facts", "with_facts", is_flag=True, help="Also look into every file: frames, sizes, durations.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def show(dataset: str, with_facts: bool, as_json: bool) -> None:
    """Tell the labels, clips and groups of DATASET: a name, or a folder of class folders."""
    with progress(drawing) as on_event:
        data = open_dataset(dataset, None, lambda done, total: on_event((done, total)), draw=with_facts)
    measured: dict[str, Any] = {}
    if with_facts:
        with progress(_looking) as on_event:
            data = probed(data, lambda done, total: on_event((done, total)))
        measured = {"facts": facts(data).to_json()}
    told = _described(data) | measured
    if as_json:
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return
    groups = "groups not known" if told["group_count"] is None else f"{told['group_count']} groups"
    click.echo(f"{data.title}: {len(data.labels)} labels, {told['clip_count']} clips, {groups}")
    for label, count in told["clips_per_label"].items():
        click.echo(f"  {label:30} {count:5} clips")
    for name, value in measured.get("facts", {}).items():
        if not isinstance(value, dict):
            click.echo(f"{name.replace('_', ' '):32} {value}")
    _print_skipped(data.skipped)


@datasets.command()
@click.argument("source", type=click.Choice(["ucf101"]), default="ucf101")
def classes(source: str) -> None:
    """List the classes that can be fetched one by one, with what each weighs."""
    for entry in ucf101.classes():
        there = "  (there already)" if entry.ready else ""
        click.echo(f"{entry.label:22} {entry.clip_count:4} clips {entry.size_bytes / MIB:6.0f} MB{there}")


@datasets.command()
@click.argument("source", type=click.Choice(["ucf101", "ucf50"]))
@click.option("--labels", metavar="A,B", help="Fetch only these classes (ucf101).")
@click.option("--preset", metavar="NAME", help="A choice of classes with a name (ucf101): tutorial, ucf50 or all.")
def get(source: str, labels: str | None, preset: str | None) -> None:
    """Fetch UCF101 class by class, or UCF50 as a whole. What was fetched before an interruption is kept."""
    chosen = _chosen(labels, preset) if source == "ucf101" else ()
    click.echo(f"har: {SOURCES[source].licence}", err=True)
    with progress(_fetching) as on_event:
        folder = ucf101.fetch(chosen, on_event=on_event) if chosen else ucf50.fetch(on_event=on_event)
    data = open_dataset(str(folder))
    click.echo(f"{len(data.labels)} labels, {len(data.videos)} clips in {folder}")


@datasets.command()
@click.argument("archive", type=click.Path(path_type=Path))
@click.option("--name", metavar="NAME", help="What to call it; by default the archive's own name.")
def add(archive: Path, name: str | None) -> None:
    """Unpack ARCHIVE (zip, tar, rar, 7z) with class folders in it, so that it is among the data sets."""
    called = name or archive.name.split(".")[0]
    if not re.fullmatch(r"[\w][\w -]{0,59}", called) or called == "figures" or called.startswith(("figures-v", "own-")):
        raise DatasetError(
            f"A data set cannot be called {called!r}.",
            "Letters, digits, blanks, - and _ are allowed, up to 60 of them; 'figures' and 'own-…' are taken.",
            "Choose another with --name.",
        )
    folder = settings().datasets / called
    if folder.exists():
        raise DatasetError(
            f"There is a data set {called!r} already.", "Nothing is replaced.", "Choose another name with --name."
        )
    with progress(_fetching) as on_event:
        skipped = archives.unpack(archive, folder, on_event)
    data = open_dataset(str(folder))
    click.echo(f"{called}: {len(data.labels)} labels, {len(data.videos)} clips in {folder}")
    _print_skipped((*skipped, *data.skipped))


def _chosen(labels: str | None, preset: str | None) -> tuple[str, ...]:
    presets = {"tutorial": "The tutorial's four", "ucf50": "The 50 of UCF50", "all": "All"}
    if (chosen := listed(labels)) is not None and preset is None:
        return chosen
    if labels is not None or preset not in presets:
        raise LabelsError(
            "Which classes to fetch is not clear.",
            f"Either --labels A,B or --preset with one of {', '.join(presets)} is expected.",
            "`har datasets classes` lists them all.",
        )
    return ucf101.PRESETS[presets[preset]] or tuple(entry.label for entry in ucf101.classes())


def _described(data: Dataset) -> dict[str, Any]:
    counts = dict.fromkeys(data.labels, 0)
    for video in data.videos:
        counts[video.label] += 1
    return {
        "name": data.name,
        "title": data.title,
        "labels": list(data.labels),
        "clip_count": len(data.videos),
        "group_count": len(data.groups) or None,
        "clips_per_label": counts,
        "groups": list(data.groups),
        "skipped": [{"name": item.name, "reason": item.reason} for item in data.skipped],
    }


def _print_skipped(skipped: Iterable[Skipped]) -> None:
    for item in skipped:
        click.echo(f"har: left out: {item.name}: {item.reason}", err=True)


def _looking(event: tuple[int, int]) -> tuple[float, str]:
    return event[0] / event[1], "looking into files"


def _fetching(event: Downloading | Unpacking | Checking) -> tuple[float, str]:
    match event:
        case Downloading(done, total, label):
            return done / total if total else 0.0, f"fetching {label}"
        case Unpacking(done, total):
            return done / total if total else 0.0, "unpacking"
        case Checking(done, total):
            return done / total if total else 0.0, "checking videos"
