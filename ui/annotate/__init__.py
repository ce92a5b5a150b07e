"""The parts of Annotate: a job's progress, its result with the player, corrections and explanations."""
