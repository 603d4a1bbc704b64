"""What a job prints, kept in its log and passed on to where it went before. Never raises into the loop."""

from __future__ import annotations

from .output import Output, captured_by_parent

__all__ = ["Output", "captured_by_parent"]
