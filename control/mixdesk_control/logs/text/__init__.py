"""What is done with the text of logs: bytes in, bytes out, many lines at a time. Pure."""

from __future__ import annotations
