"""Tests of har.storage."""
