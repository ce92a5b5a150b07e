"""The report on a training as one HTML file that opens anywhere, without a network connection."""

from html import escape

import plotly.graph_objects as go

from har.evaluation import Evaluation
from har.plots.html_page import figure_section, html_page, html_table
from har.plots.report import confusion_figure, frame_order_figure, recall_figure, reliability_figure
from har.plots.training import training_curves_figure
from har.recipe import Recipe
from har.training import Outcome, SplitFacts


def render_training_report(title: str, recipe: Recipe, outcome: Outcome) -> str:
    """HTML with everything in it; labels and file names are escaped."""
    evaluation = outcome.examination
    if evaluation is None:
        parts = ["<p>The classifier was not tested.</p>"]
    else:
        parts = [*_accuracy(evaluation, outcome.split), _calibration(evaluation)]
        if evaluation.novelty is not None:
            parts.append(f"<p>{evaluation.novelty.describe()}</p>")
    return html_page(title, [*parts, *_figures(outcome), *_tables(recipe, outcome)])


def _accuracy(evaluation: Evaluation, split: SplitFacts) -> list[str]:
    share, baseline = evaluation.report.share, evaluation.report.baseline
    low, high = share.interval
    unseen = "from recordings it has not seen" if split.leaked == 0 else "it was not trained on"
    parts = [
        f'<p class="large">{share.value:.0%} <small>({low:.0%} to {high:.0%})</small></p>',
        f"<p>of {share.count} test clips {unseen} are correct. Always answering the most frequent class would get "
        f"{baseline.value:.0%}.</p>",
    ]
    if split.leaked:
        parts.append(
            f"<p><strong>{split.leaked} of {split.test} test clips share a recording with training: the accuracy is "
            "inflated.</strong></p>"
        )
    return parts


def _calibration(evaluation: Evaluation) -> str:
    calibration = evaluation.calibration
    return (
        f"<p>Calibration: temperature {calibration.temperature:.2f}; expected calibration error on the test clips "
        f"{calibration.ece_before:.1%} before it and {calibration.ece_after:.1%} after. With a threshold of "
        f"{calibration.threshold:.0%}, below which the label is 'unsure', {calibration.answered:.0%} of the validation "
        f"clips get a label, and {calibration.right:.0%} of these labels are correct.</p>"
    )


def _figures(outcome: Outcome) -> list[str]:
    figures: list[tuple[str, go.Figure]] = [
        ("Training curves", training_curves_figure(outcome.history, best=outcome.best.epoch)),
    ]
    if outcome.examination is not None:
        figures += [
            ("Recall of each class", recall_figure(outcome.examination.report)),
            ("Confusion matrix", confusion_figure(outcome.examination.report)),
            ("Calibration", reliability_figure(outcome.examination.calibration)),
            ("Does it need motion?", frame_order_figure(outcome.examination)),
        ]
    return [figure_section(title, figure) for title, figure in figures]


def _tables(recipe: Recipe, outcome: Outcome) -> list[str]:
    split = outcome.split
    facts = {
        "Training clips": split.train,
        "Validation clips": split.validation,
        "Test clips": split.test,
        "Parameters": f"{outcome.parameters:,}",
        "Multiply-adds per clip": f"{outcome.macs:,}" if outcome.macs is not None else "not counted",
        "Best epoch": f"{outcome.best.epoch} of {len(outcome.history)}",
        "Time": f"{outcome.seconds:.0f} s",
    }
    if outcome.skipped:
        facts["Clips that cannot be read"] = len(outcome.skipped)
    facts |= {f"Groups in {part}": ", ".join(groups) for part, groups in split.groups.items() if groups}
    zoomed = f", enlarged {recipe.test_zoom:g} times and centre-cropped," if recipe.test_zoom > 1 else ""
    return [
        "<h2>Facts</h2>",
        html_table(facts),
        f"<p>{escape(split.note)}</p>" if split.note else "",
        *(f"<p>Left out: {escape(item.name)}: {escape(item.reason)}.</p>" for item in outcome.skipped),
        "<h2>Recipe</h2>",
        html_table({name.replace("_", " "): value for name, value in vars(recipe).items()}),
        "<h2>Files</h2><p><code>card.json</code> and <code>weights.npz</code> are the classifier as this project loads "
        "it; <code>model.keras</code> is the same network for Keras alone: "
        f"<code>keras.saving.load_model('model.keras')</code> takes clips of {escape(str(recipe.spec.shape))} as "
        f"uint8{zoomed} and gives probabilities before the temperature.</p>",
    ]
