"""Networks that can be run: from a file by LiteRT, TensorFlow's small runtime, or by Keras after training.

LiteRT is ready in a tenth of a second, where importing TensorFlow and building a network takes several seconds. Its
files are converted from the registry's networks by `har.runtime.conversion`, which imports TensorFlow.
"""

from har.runtime.graph import Graph, KerasGraph, Runnable, Stream, softmax, started
from har.runtime.staged import Reach, StagedGraph
