"""Downloads and archives: everything that comes from a server or a user is hostile until checked."""
