"""A run's report as one HTML file that opens anywhere, without a network."""

from html import escape

import plotly.graph_objects as go

from har import plots
from har.evaluation import Share
from har.plots.page import page, section, table
from har.recipe import Recipe
from har.runs.folder import Run
from har.runs.plan import Outcome


def report_page(run: Run) -> str:
    """HTML with everything in it; texts from labels and file names are escaped.

    Args:
        run: one that is through.
    """
    outcome = run.outcome
    if outcome is None:
        raise ValueError("a run that is through was expected")
    return page(run.name, [*_accuracy(outcome), *_plots(outcome), *_tables(run, outcome)])


def _accuracy(outcome: Outcome) -> list[str]:
    split, examination = outcome.split, outcome.examination
    if examination is None:
        return ["<p>The training was stopped before it was tested.</p>"]
    report, calibration = examination.report, examination.calibration
    unseen = "of recordings it never saw" if split.leaked == 0 else "that it was not trained on"
    found = [
        f'<p class="large">{_told(report.share)}</p>',
        f"<p>of {report.share.count} test clips {unseen} are right. Always naming the most frequent label would get "
        f"{report.baseline.value:.1%}.</p>",
    ]
    if split.leaked:
        found.append(
            f"<p><strong>{split.leaked} of {split.test} test clips share a recording with training: this figure "
            "flatters.</strong></p>"
        )
    found.append(
        f"<p>Calibration: temperature {calibration.temperature:.2f}; expected calibration error on the test clips "
        f"{calibration.ece_before:.3f} before it and {calibration.ece_after:.3f} after. Below a probability of "
        f"{calibration.threshold:.2f} it is better to say 'unsure': {calibration.answered:.0%} of the validation clips "
        f"then get an answer, and {calibration.right:.0%} of these answers are right.</p>"
    )
    return found


def _plots(outcome: Outcome) -> list[str]:
    figures: list[tuple[str, go.Figure]] = [
        ("Curves", plots.curves_figure(outcome.history, best=outcome.best.epoch)),
    ]
    if outcome.examination is not None:
        figures += [
            ("Recall of each class", plots.recall_figure(outcome.examination.report)),
            ("Confusion", plots.confusion_figure(outcome.examination.report)),
            ("Calibration", plots.reliability_figure(outcome.examination.calibration)),
            ("Does it need motion?", plots.orders_figure(outcome.examination)),
        ]
    return [section(title, figure) for title, figure in figures]


def _tables(run: Run, outcome: Outcome) -> list[str]:
    split = outcome.split
    facts = {
        "Training clips": split.train,
        "Validation clips": split.validation,
        "Test clips": split.test,
        "Parameters": f"{outcome.parameters:,}",
        "Multiply-adds for a clip": f"{outcome.macs:,}" if outcome.macs is not None else "not counted",
        "Best epoch": f"{outcome.best.epoch} of {len(outcome.history)}",
        "Time": f"{outcome.seconds:.0f} s",
    }
    facts |= {f"Groups in {part}": ", ".join(groups) for part, groups in split.groups.items() if groups}
    recipe = {name.replace("_", " "): value for name, value in vars(run.plan.recipe).items()}
    return [
        "<h2>Facts</h2>",
        table(facts),
        f"<p>{escape(split.note)}</p>" if split.note else "",
        "<h2>Recipe</h2>",
        table(recipe),
        "<h2>In this zip</h2><p><code>classifier/</code> is what this project loads; <code>model.keras</code> is the "
        "same network for Keras alone: <code>keras.saving.load_model('model.keras')</code> takes clips of "
        f"{escape(str(run.plan.recipe.spec.shape))} as uint8{_near(run.plan.recipe)} and gives probabilities before "
        "the temperature.</p>",
    ]


def _near(recipe: Recipe) -> str:
    return f", enlarged {recipe.test_zoom:g} times and cut to their middle," if recipe.test_zoom > 1 else ""


def _told(share: Share) -> str:
    low, high = share.interval
    return f"{share.value:.1%} <small>({low:.1%} to {high:.1%})</small>"
