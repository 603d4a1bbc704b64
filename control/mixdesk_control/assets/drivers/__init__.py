"""How an asset of each kind is seen, started and stopped; one file a kind, and one line in this list."""

from __future__ import annotations
