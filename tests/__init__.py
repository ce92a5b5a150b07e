"""Tests mirror the modules. `checked` is their run-time type checker: as mypy, it takes an int where a float is due."""

from beartype import BeartypeConf, beartype

checked = beartype(conf=BeartypeConf(is_pep484_tower=True))
