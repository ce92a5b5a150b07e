"""Many visitors at the real app, played by clients that speak its protocol."""
