"""Cross-validation that leaves out one group at a time: each fold is trained and tested on any free worker."""

from har.crossvalidation.folds import MANIFEST, CrossValidationOptions, CrossValidationResult, crossvalidate
from har.crossvalidation.pooled import Pooled, summarise_training
from har.crossvalidation.report import REPORTS, write_reports
