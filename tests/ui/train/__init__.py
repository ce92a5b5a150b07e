"""Tests of ui.train."""
