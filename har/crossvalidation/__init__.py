"""Leaving out one group at a time: each training and its test by themselves, on whichever worker is free."""

from har.crossvalidation.folds import LEDGER, CrossDone, CrossOptions, crossvalidate
from har.crossvalidation.pooled import Pooled, facts_of
from har.crossvalidation.report import REPORTS, write_reports

__all__ = [
    "LEDGER",
    "REPORTS",
    "CrossDone",
    "CrossOptions",
    "Pooled",
    "crossvalidate",
    "facts_of",
    "write_reports",
]
