"""Which message goes first, and before which a receiver's rest is cut short. Pure."""

from __future__ import annotations

from mixdesk_control.notify.texts import CRITICAL, TOLD, WARNING

PRESSING, WORRYING, MILD = 0, 1, 2
_RANKS = {CRITICAL: PRESSING, WARNING: WORRYING}
RANKS = {event: _RANKS.get(severity, MILD) for event, (severity, _) in TOLD.items()}


def rank(event: str) -> int:
    """PRESSING for what is critical, WORRYING for a warning, else MILD: the lowest goes first."""
    return RANKS.get(event, MILD)
