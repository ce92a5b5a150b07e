"""Archives from a server or a user: hostile until checked."""
