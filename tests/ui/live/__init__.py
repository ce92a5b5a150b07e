"""Tests of ui.live."""
