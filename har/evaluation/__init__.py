"""How accurate a classifier is on videos it has not seen, and how well its probabilities are calibrated."""

from har.evaluation.calibration import Bin, Calibration
from har.evaluation.evaluate import canonical_labels, evaluate, evaluate_by_name, unseen
from har.evaluation.novelty import evaluate_novelty, novelty_of
from har.evaluation.report import ClipPrediction, Proportion, Report
from har.evaluation.split_evaluation import ORDERS, Evaluation, evaluate_test_clips, fit_calibration
