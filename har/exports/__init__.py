"""Export formats: tables, captions, and documents of this and other programs. Some can be imported again.

Each format is one module in this folder that calls `register`; nothing else needs to know it.
"""

from importlib import import_module
from pkgutil import iter_modules

from har.exports.base import (
    FORMATS,
    Document,
    Format,
    Imported,
    ImportTarget,
    escape_formula,
    importable_suffixes,
    register,
    single_line,
)
from har.exports.importing import MAX_IMPORT_BYTES, read_any

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
