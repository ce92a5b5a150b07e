"""Many visitors at once, for a while: the real app, and clients that speak its own protocol."""
