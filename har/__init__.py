"""Human action recognition: from labelled videos to classifiers, from videos to timelines."""

import os

# Read by TensorFlow when it is imported, if ever. Its builds for x86 carry oneDNN's kernels, but unless told so take
# them only where a processor has AVX-512 or the like; they are worth as much without: docs/decisions/0031-onednn.md.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
