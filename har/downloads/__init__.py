"""Downloads. Nothing that a server sends is used before it has been checked."""
