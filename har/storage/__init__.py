"""Files: atomic writes, caches that stay within a limit, room on the disk, files on other machines."""
