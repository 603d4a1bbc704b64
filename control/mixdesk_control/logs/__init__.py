"""Where services write their logs, read live, backwards and by search; the same list is handed to the shipper."""

from __future__ import annotations
