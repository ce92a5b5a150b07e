"""Archives, of users or on servers. Nothing in them is used before it has been checked."""
