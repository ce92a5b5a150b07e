"""The parts of Teach: columns of classes, the camera, training on the same page, and keeping the result."""
