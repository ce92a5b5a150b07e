"""Tests of the stress programs."""
