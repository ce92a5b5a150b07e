"""Trying a classifier live, in front of the visitor's camera."""
