"""A video with the action written on every frame."""

from har.render.burn import burn_in
