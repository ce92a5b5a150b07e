"""Human action recognition: from labelled videos to classifiers, from videos to timelines."""
