"""Tests of ui.explore."""
