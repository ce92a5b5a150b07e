"""The registry of data set sources: one module of this package each.

To add one, add a module here that defines `SOURCE`, an instance of `har.datasets.source.Source`: it is then on the
command line (`har datasets get`), on the Explore page and in the docs. Code outside this package calls `register`.
"""

import pkgutil
from importlib import import_module

from har.datasets.source import Source
from har.errors import OptionsError

SOURCES: dict[str, Source] = {}  # by name


def register(source: Source) -> None:
    """Add a source, in place of one of the same name."""
    SOURCES[source.name] = source


def find_source(name: str) -> Source:
    """The source with this name.

    Raises:
        OptionsError: there is none.
    """
    if name not in SOURCES:
        raise OptionsError(f"There is no source {name!r}.", f"Sources: {', '.join(SOURCES)}.", "Choose one of them.")
    return SOURCES[name]


for _module in pkgutil.iter_modules(__path__):
    register(import_module(f"{__name__}.{_module.name}").SOURCE)
