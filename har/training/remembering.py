"""What a freshly trained classifier makes of the clips that trained it, for whoever will ask which a video is like."""

import logging
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
from jaxtyping import Float32

from har import networks
from har.classifier import Classifier
from har.classifier.embeddings import are_small, write_embeddings
from har.datasets import LabelledVideo
from har.errors import HarError, StopRequested
from har.recipe import Recipe
from har.training.events import Remembering, TrainingEvent
from har.training.examples import CachedSamples, Examples, middles
from har.training.train import TrainingResult

_log = logging.getLogger(__name__)


def remember(
    folder: Path,
    result: TrainingResult,
    recipe: Recipe,
    on_event: Callable[[TrainingEvent], None] = lambda event: None,
) -> None:
    """Keep the embeddings of the training clips beside a classifier that has just been saved.

    A training must not be lost for them. So where that cannot be done (too many clips, a full disk, a clip gone from
    both cache and disk), or `StopRequested` comes out of `on_event`, there are none, and 'Why?' says so.

    Args:
        folder: of `har.classifier.save`.
        result: whose classifier it is.
        recipe: of the training.
        on_event: told of each batch. Where the training itself was stopped, it is not asked again.
    """
    from har.networks.last import widths

    videos, classifier = result.split.train, result.classifier
    impatient = result.stopped and result.examination is None

    def tell(done: int) -> None:
        with suppress(StopRequested) if result.stopped else nullcontext():
            on_event(Remembering(done, len(videos)))

    if impatient or not are_small(len(videos), widths(classifier.model)):
        return
    try:
        write_embeddings(folder, embed(classifier, videos, recipe, tell))
    except StopRequested:
        _log.info("Stopped: nothing is kept of the training clips")
    except (HarError, OSError) as error:
        _log.warning("Nothing is kept of the training clips (%s)", type(error).__name__)  # its words name files


def embed(
    classifier: Classifier,
    videos: Sequence[LabelledVideo],
    recipe: Recipe,
    on_done: Callable[[int], None] = lambda done: None,
) -> dict[str, Float32[np.ndarray, "clips width"]]:
    """What the last layers are given for the middle clip of each video, out of the caches where it is there.

    Args:
        classifier: who looks.
        videos: in order; its pretrained part, if it has one, has looked at them.
        recipe: gives size, rate and batch.
        on_done: told how many are done; may raise `StopRequested`.

    Raises:
        VideoError: a video that is in no cache and cannot be read.
    """
    from har.networks.last import embedder, widths

    recipe = replace(recipe, spec=classifier.card.spec)  # clips as it looks at them, not as training drew from them
    samples, nothing = CachedSamples(videos, recipe.spec), np.zeros(len(videos), int)
    examples, part = Examples(samples, nothing), classifier.model
    if networks.NETWORKS[recipe.network].frozen and (found := networks.parts(part)) is not None:
        from har.training.features import EncodedSamples, Encoder

        encoder, part = Encoder(found[0], recipe), found[1]
        examples = Examples(EncodedSamples(videos, encoder, samples, False), nothing, frames=encoder.rows)
    look, done = embedder(part), 0
    rows = {name: np.empty((len(videos), width), np.float32) for name, width in widths(part).items()}
    for clips, _ in middles(examples, recipe):
        for name, given in look(clips).items():
            rows[name][done : done + len(clips)] = given
        done += len(clips)
        on_done(done)
    return rows
