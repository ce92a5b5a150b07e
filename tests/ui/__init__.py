"""TODO: say what is here."""
