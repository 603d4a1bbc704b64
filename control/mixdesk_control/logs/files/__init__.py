"""Bytes of log files as lines: cut, decoded and made valid UTF-8, forward and backward, always in bounded memory."""

from __future__ import annotations
