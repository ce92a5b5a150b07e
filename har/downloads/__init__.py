"""Downloads: a server is hostile until what it sent is checked."""
