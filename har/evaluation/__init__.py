"""How often a classifier is right on videos it has not seen, and how far its probabilities can be believed."""

from har.evaluation.calibration import Bin, Calibration
from har.evaluation.evaluate import ClipScored, evaluate, unseen
from har.evaluation.examine import ORDERS, Examination, examine, settle
from har.evaluation.report import ClipVerdict, Report, Share

__all__ = [
    "ORDERS",
    "Bin",
    "Calibration",
    "ClipScored",
    "ClipVerdict",
    "Examination",
    "Report",
    "Share",
    "evaluate",
    "examine",
    "settle",
    "unseen",
]
