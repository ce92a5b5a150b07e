"""The parts of Train: the recipe form, a run's progress, its report, and the list of runs."""
