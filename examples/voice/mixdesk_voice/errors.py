"""What can go wrong that a person can mend: each message says what was wrong, where, and what to do."""

from __future__ import annotations


class VoiceError(Exception):
    """Base of this package's errors; `python -m mixdesk_voice` prints it as one line and exits 1."""


class WavError(VoiceError):
    """A file that cannot be read as a wav of PCM or float samples."""


class RecordingsError(VoiceError):
    """A folder without one usable recording."""


class BundleError(VoiceError):
    """A packaged voice that lacks a part or cannot be loaded."""


class OptionError(VoiceError):
    """An option, or an option remembered from an earlier start, that cannot be used."""


class InUseError(VoiceError):
    """Another process works on the run of this name."""
