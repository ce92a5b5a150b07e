"""NumPy's files, read in several threads."""

import threading

# To be held while NumPy reads files. It parses their headers with `ast`, which in Python 3.11 counts its recursion for
# all threads together, and at times fails with a SystemError (python/cpython#106905).
READING = threading.Lock()
