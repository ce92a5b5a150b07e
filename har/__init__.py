"""Human action recognition: from labelled videos to classifiers, from videos to timelines."""

import os

# Read by TensorFlow when it is imported, if ever. oneDNN's kernels are in its builds for x86, but unless told so it takes
# them only where a processor has AVX-512 or the like; without that they are worth as much. See docs/decisions/0031.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
