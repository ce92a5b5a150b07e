"""Files: atomic writes, caches with a size limit, disk space, files on other machines."""
