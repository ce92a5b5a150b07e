import numpy as np
import pytest

from har.classifier import with_temperature
from har.evaluation.calibration import (
    bins,
    calibration_error,
    choose_threshold,
    clip_means,
    fit,
    fit_temperature,
    measure,
)


def overconfident(random: np.random.Generator, clips: int, temperature: float) -> tuple[list[np.ndarray], np.ndarray]:
    """Windows with labels drawn from their probabilities, which are then sharpened by the temperature."""
    true = random.dirichlet(np.ones(4), clips)
    targets = np.array([random.choice(4, p=row) for row in true])
    return [with_temperature(row[None], 1 / temperature) for row in true], targets


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_the_temperature_of_overconfident_probabilities_is_found(temperature: float) -> None:
    windows, targets = overconfident(np.random.default_rng(0), 2000, temperature)
    assert fit_temperature(windows, targets) == pytest.approx(temperature, rel=0.1)


def test_a_few_correct_clips_do_not_make_the_temperature_extreme() -> None:
    windows = [np.array([[0.6, 0.2, 0.2]])] * 8
    found = fit_temperature(windows, np.zeros(8, int))
    assert 0.5 < found < 1
    assert fit_temperature(windows * 100, np.zeros(800, int)) < 0.25


@pytest.mark.promise("numbers", "Calibration is measured on other clips than it was fitted on")
def test_calibration_fitted_on_validation_clips_holds_for_test_clips() -> None:
    random = np.random.default_rng(1)
    found = measure(fit(*overconfident(random, 1000, 3.0)), *overconfident(random, 1000, 3.0))
    assert found.ece_before > 0.1
    assert found.ece_after < 0.03
    assert sum(each.count for each in found.before) == sum(each.count for each in found.after) == 1000


def test_a_clip_has_the_mean_over_its_windows() -> None:
    windows = [np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([[0.2, 0.8]])]
    np.testing.assert_allclose(clip_means(windows, 1.0), [[0.5, 0.5], [0.2, 0.8]])


def test_the_calibration_error_is_the_mean_difference_between_confidence_and_accuracy() -> None:
    """Three clips with confidence 0.9, of which one is correct; one with 0.6, which is correct."""
    probabilities = np.array([[0.9, 0.1], [0.9, 0.1], [0.1, 0.9], [0.6, 0.4]])
    result = bins(probabilities, np.array([0, 1, 0, 0]))
    assert [each.count for each in result] == [0, 0, 0, 0, 0, 1, 0, 0, 3, 0]
    assert calibration_error(result) == pytest.approx((3 * abs(0.9 - 1 / 3) + 0.4) / 4)


def test_the_threshold_is_the_lowest_with_nine_of_ten_labels_correct() -> None:
    confidence = np.linspace(0.505, 0.995, 50)
    probabilities = np.stack([confidence, 1 - confidence], axis=1)
    targets = (confidence < 0.7).astype(int)  # all below 0.7 are wrong
    threshold, answered, right = choose_threshold(probabilities, targets)
    assert right >= 0.9
    assert answered == pytest.approx((confidence >= threshold).mean())
    lower = confidence >= threshold - 0.01
    assert (targets[lower] == 0).mean() < 0.9


def test_the_threshold_keeps_half_of_the_clips_and_its_minimum() -> None:
    random = np.random.default_rng(2)
    random_guesses = random.dirichlet(np.ones(10), 500)
    threshold, answered, _ = choose_threshold(random_guesses, random.integers(0, 10, 500))
    assert threshold == 0.4 or answered >= 0.5
    certain = np.tile([0.99, 0.01], (20, 1))
    assert choose_threshold(certain, np.zeros(20, int)) == (0.4, 1.0, 1.0)


@pytest.mark.parametrize(("certain", "right"), [(4, 1.0), (0, 0.0)])
def test_of_a_classifier_that_is_mostly_unsure_those_that_are_answered_are_counted(certain: int, right: float) -> None:
    sure, unsure = [0.9] + [0.02] * 5, [0.2] + [0.16] * 5
    targets = np.array([0] * certain + [1] * (10 - certain))
    found = choose_threshold(np.array([sure] * certain + [unsure] * (10 - certain)), targets)
    assert found == (0.4, certain / 10, right)


def test_a_temperature_of_one_changes_nothing() -> None:
    probabilities = np.random.default_rng(0).dirichlet(np.ones(5), 7).astype(np.float32)
    assert with_temperature(probabilities, 1.0) is probabilities
    np.testing.assert_allclose(with_temperature(probabilities, 2.0).sum(axis=1), 1, rtol=1e-6)
    np.testing.assert_array_equal(with_temperature(probabilities, 3.0).argmax(axis=1), probabilities.argmax(axis=1))
