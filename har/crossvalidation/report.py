"""What the folds say together, for people (Markdown, HTML) and for programs (JSON)."""

import json
from dataclasses import asdict
from html import escape

from har import plots
from har.crossvalidation.folds import CrossDone, CrossOptions
from har.crossvalidation.pooled import Pooled
from har.evaluation import ClipVerdict, Report, Share
from har.exports import one_line
from har.jobs.manifest import Row, file_in
from har.plots.page import page, section, table
from har.storage import remote

REPORTS = ("report.md", "report.html", "report.json")


def write_reports(found: CrossDone, options: CrossOptions, out: str) -> Pooled | None:
    """Write all three into a folder, by path or URL; nothing (and None) where no training is done.

    Raises:
        PlaceError: they cannot be written.
    """
    if not found.done:
        return None
    pooled, report = Pooled(found.done), _report(found)
    title = f"{options.recipe.network} on {found.title}, one group left out at a time"
    texts = (
        _markdown(title, found, options, pooled, report),
        _html(title, found, options, pooled, report),
        json.dumps(_document(found, options, pooled, report), indent=1, allow_nan=False) + "\n",
    )
    for name, text in zip(REPORTS, texts, strict=True):
        remote.write(file_in(out, name), text.encode("utf-8", errors="backslashreplace"))
    return pooled


def _report(found: CrossDone) -> Report:
    """The verdicts of all trainings: a clip has one of each seed."""
    clips = (
        ClipVerdict(clip["clip"], clip["label"], clip["predicted"], clip["confidence"], row["group"])
        for row in found.done
        for clip in row["clips"]
    )
    return Report(found.labels, tuple(clips), 0)


def _facts(found: CrossDone, options: CrossOptions, pooled: Pooled, report: Report) -> dict[str, str]:
    low, high = pooled.interval
    shares = [row["right"] / row["count"] for row in found.done]
    facts = {
        "Accuracy": f"{pooled.accuracy:.3f} of {pooled.clips} clips (95 % interval {low:.3f} to {high:.3f})",
        "Trainings": f"{len(found.done)}" + (f"; {len(found.failed)} more failed" if found.failed else ""),
        "Groups": f"accuracies of single ones from {min(shares):.3f} to {max(shares):.3f}",
    }
    if pooled.fold_spread is not None:
        facts["Groups"] += f", standard deviation {pooled.fold_spread:.3f}"
    if pooled.spread is not None:
        each = ", ".join(f"{share:.3f}" for share in pooled.shares)
        facts["Seeds"] = f"{each}; standard deviation {pooled.spread:.3f}"
    return facts | {
        "With frames shuffled": f"{pooled.shuffled:.3f}",
        "Always the most frequent label": f"{report.baseline.value:.3f}",
        "Network and recipe": f"{options.recipe.network}, {options.recipe.preset}",
    }


def _markdown(title: str, found: CrossDone, options: CrossOptions, pooled: Pooled, report: Report) -> str:
    lines = [f"# {_plain(title)}", ""]
    lines += _rows(("", ""), [(name, _plain(value)) for name, value in _facts(found, options, pooled, report).items()])
    lines += ["## Groups", ""]
    lines += _rows(
        ("seed", "group", "right", "of", "accuracy", "best epoch", "seconds"),
        [
            (
                row["seed"],
                _plain(row["group"]),
                row["right"],
                row["count"],
                _share(row),
                row["best_epoch"],
                row["seconds"],
            )
            for row in found.done
        ],
    )
    lines += ["## Labels", "", "Of each label's clips, those that are right; and what the others were taken for.", ""]
    lines += _rows(
        ("label", "right", "of", "taken for"),
        [
            (_plain(label), share.right, share.count, _plain(_mistakes(report, label)))
            for label, share in report.recall().items()
        ],
    )
    if found.failed:
        lines += ["## Failed", ""]
        lines += [f"- {_plain(row['fold'])}: {_plain(row['why'])}" for row in found.failed]
    return "\n".join(lines).rstrip() + "\n"


def _html(title: str, found: CrossDone, options: CrossOptions, pooled: Pooled, report: Report) -> str:
    rows = {
        f"{row['fold']}": f"{row['right']} of {row['count']} ({Share(row['right'], row['count']).value:.1%})"
        for row in found.done
    }
    parts = [
        f'<p class="large">{pooled.accuracy:.1%}</p>',
        table(_facts(found, options, pooled, report)),
        section("Confusion, all trainings together", plots.confusion_figure(report)),
        section("Recall of each class", plots.recall_figure(report)),
        "<h2>Groups</h2>",
        table(rows),
    ]
    parts += [f"<p>{escape(row['fold'])} failed: {escape(row['why'])}</p>" for row in found.failed]
    return page(title, parts)


def _document(found: CrossDone, options: CrossOptions, pooled: Pooled, report: Report) -> dict[str, object]:
    return {
        "accuracy": round(pooled.accuracy, 6),
        "interval": [round(end, 6) for end in pooled.interval],
        "clip_count": pooled.clips,
        "by_seed": [round(share, 6) for share in pooled.shares],
        "seed_deviation": pooled.spread,
        "group_deviation": pooled.fold_spread,
        "shuffled": round(pooled.shuffled, 6),
        "baseline": round(report.baseline.value, 6),
        "labels": list(report.labels),
        "confusion": report.confusion.tolist(),
        "recipe": asdict(options.recipe),
        "folds": list(found.done),
        "failed": list(found.failed),
    }


def _share(row: Row) -> str:
    return f"{row['right'] / row['count']:.3f}"


def _mistakes(report: Report, label: str) -> str:
    row = report.labels.index(label)
    counts = [(int(count), name) for name, count in zip(report.labels, report.confusion[row], strict=True)]
    wrong = sorted(((count, name) for count, name in counts if count and name != label), reverse=True)
    return ", ".join(f"{name} {count}" for count, name in wrong)


def _rows(head: tuple[object, ...], rows: list[tuple[object, ...]]) -> list[str]:
    lines = (head, ("---",) * len(head), *rows)
    return [f"| {' | '.join(map(str, cells))} |" for cells in lines] + [""]


def _plain(text: str) -> str:
    """Text of strangers in a line of a table: nothing in it ends a cell or begins a tag."""
    return one_line(str(text)).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")
