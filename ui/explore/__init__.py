"""The parts of Explore: samples, facts, a network's input, splits, and sources of data."""
