"""The report on a cross-validation: Markdown, HTML and JSON."""

import json
from dataclasses import asdict
from html import escape

from har import plots
from har.crossvalidation.folds import CrossValidationOptions, CrossValidationResult
from har.crossvalidation.pooled import Pooled
from har.evaluation import ClipPrediction, Proportion, Report
from har.exports import single_line
from har.plots.html_page import figure_section, html_page, html_table
from har.storage import remote

REPORTS = ("report.md", "report.html", "report.json")


def write_reports(result: CrossValidationResult, options: CrossValidationOptions, out: str) -> Pooled | None:
    """Write all three reports into a folder, by path or URL; without a finished training, returns None.

    Raises:
        LocationError: they cannot be written.
    """
    if not result.done:
        return None
    pooled, report = Pooled(result.done), _report(result)
    facts = _facts(result, options, pooled, report)
    title = f"{options.recipe.network} on {result.title}, leave-one-group-out cross-validation"
    texts = (
        _markdown(title, facts, result, report),
        _html(title, facts, result, report, pooled.accuracy),
        json.dumps(_document(result, options, pooled, report), indent=1, allow_nan=False) + "\n",
    )
    for name, text in zip(REPORTS, texts, strict=True):
        remote.write(remote.join(out, name), text.encode("utf-8", errors="backslashreplace"))
    return pooled


def _report(result: CrossValidationResult) -> Report:
    """The predictions of all trainings: each clip has one for each seed."""
    clips = (
        ClipPrediction(clip["clip"], clip["label"], clip["predicted"], clip["confidence"], row["group"])
        for row in result.done
        for clip in row["clips"]
    )
    return Report(result.labels, tuple(clips), 0)


def _facts(
    result: CrossValidationResult, options: CrossValidationOptions, pooled: Pooled, report: Report
) -> dict[str, str]:
    low, high = pooled.interval
    shares = [row["right"] / row["count"] for row in result.done]
    facts = {
        "Accuracy": f"{pooled.accuracy:.3f} of {pooled.clips} clips (95 % interval {low:.3f} to {high:.3f})",
        "Trainings": f"{len(result.done)}" + (f"; {len(result.failed)} failed" if result.failed else ""),
        "Groups": f"accuracy from {min(shares):.3f} to {max(shares):.3f}",
    }
    if pooled.fold_spread is not None:
        facts["Groups"] += f", standard deviation {pooled.fold_spread:.3f}"
    if pooled.spread is not None:
        each = ", ".join(f"{share:.3f}" for share in pooled.shares)
        facts["Seeds"] = f"{each}; standard deviation {pooled.spread:.3f}"
    return facts | {
        "With frames shuffled": f"{pooled.shuffled:.3f}",
        "Baseline: most frequent label": f"{report.baseline.value:.3f}",
        "Network and recipe": f"{options.recipe.network}, {options.recipe.preset}",
    }


def _markdown(title: str, facts: dict[str, str], result: CrossValidationResult, report: Report) -> str:
    lines = [f"# {_escape(title)}", ""]
    lines += _table(("", ""), [(name, _escape(value)) for name, value in facts.items()])
    lines += ["## Groups", ""]
    keys = ("seed", "group", "right", "count", "accuracy", "best_epoch", "seconds")
    rows = [row | {"accuracy": f"{row['right'] / row['count']:.3f}"} for row in result.done]
    head = ("seed", "group", "correct", "of", "accuracy", "best epoch", "seconds")
    lines += _table(head, [tuple(_escape(row[key]) for key in keys) for row in rows])
    lines += ["## Labels", "", "Correct clips of each label, and what the others were recognised as.", ""]
    lines += _table(
        ("label", "correct", "of", "recognised as"),
        [
            (_escape(label), share.right, share.count, _escape(_confusions(report, label)))
            for label, share in report.recall().items()
        ],
    )
    if result.failed:
        lines += ["## Failed", ""]
        lines += [f"- {_escape(row['fold'])}: {_escape(row['why'])}" for row in result.failed] + [""]
    if result.skipped:
        lines += ["## Clips that cannot be read", ""]
        lines += [f"- {_escape(item.name)}: {_escape(item.reason)}" for item in result.skipped]
    return "\n".join(lines).rstrip() + "\n"


def _html(title: str, facts: dict[str, str], result: CrossValidationResult, report: Report, accuracy: float) -> str:
    rows = {
        f"{row['fold']}": f"{row['right']} of {row['count']} ({Proportion(row['right'], row['count']).value:.1%})"
        for row in result.done
    }
    parts = [
        f'<p class="large">{accuracy:.1%}</p>',
        html_table(facts),
        figure_section("Confusion matrix of all trainings", plots.confusion_figure(report)),
        figure_section("Recall of each class", plots.recall_figure(report)),
        "<h2>Groups</h2>",
        html_table(rows),
    ]
    parts += [f"<p>{escape(row['fold'])} failed: {escape(row['why'])}</p>" for row in result.failed]
    parts += [f"<p>{escape(item.name)} was left out: {escape(item.reason)}.</p>" for item in result.skipped]
    return html_page(title, parts)


def _document(
    result: CrossValidationResult, options: CrossValidationOptions, pooled: Pooled, report: Report
) -> dict[str, object]:
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
        "folds": list(result.done),
        "failed": list(result.failed),
        "skipped": [asdict(item) for item in result.skipped],
    }


def _confusions(report: Report, label: str) -> str:
    row = report.labels.index(label)
    counts = [(int(count), name) for name, count in zip(report.labels, report.confusion[row], strict=True)]
    wrong = sorted(((count, name) for count, name in counts if count and name != label), reverse=True)
    return ", ".join(f"{name} {count}" for count, name in wrong)


def _table(head: tuple[object, ...], rows: list[tuple[object, ...]]) -> list[str]:
    lines = (head, ("---",) * len(head), *rows)
    return [f"| {' | '.join(map(str, cells))} |" for cells in lines] + [""]


def _escape(text: object) -> str:
    """Untrusted text for a table cell: it cannot end the cell or start a tag."""
    return single_line(str(text)).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")
