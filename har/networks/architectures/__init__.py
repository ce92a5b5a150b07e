"""One file for each network: its `ENTRY` is everything the program knows of it."""
