"""A source as it grows, for everybody who looks: read once, worked on once a view, sent to many."""

from __future__ import annotations
