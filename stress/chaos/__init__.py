"""What can go wrong around the app is made to go wrong: killed workers, a full disk, a clock that jumps, and more."""
