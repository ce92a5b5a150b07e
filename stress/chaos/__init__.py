"""Failures of the machine: killed workers, a full disk, a lost scheduler, a clock that jumps, missing ffmpeg."""
