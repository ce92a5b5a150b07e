"""The parts of How it works: a clip on its way through a network."""
