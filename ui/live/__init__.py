"""Trying a classifier live, in front of the visitor's camera."""

from ui.live.panel import live_panel

__all__ = ["live_panel"]
