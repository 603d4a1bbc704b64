"""Sources read as they grow, through every rotation: files, and what the Docker engine alone hands out."""

from __future__ import annotations

from mixdesk_control.logs.follow.readers import reader
from mixdesk_control.logs.follow.watch import Watch

__all__ = ["Watch", "reader"]
