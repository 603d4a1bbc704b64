"""What can go wrong with a source of figures."""

from __future__ import annotations


class ExporterError(Exception):
    """The root of this package's errors."""


class Absent(ExporterError):
    """The source does not exist here: no GPU, no Docker, a file that this kernel does not have. Nothing is wrong."""


class Garbled(ExporterError):
    """The source answered what cannot be understood; the message shows the part."""


class Hung(ExporterError):
    """The source was asked and has not answered."""
