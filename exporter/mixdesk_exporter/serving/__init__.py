"""HTTP as scrapers speak it: GET, keep-alive, no more. The exporter's figures leave no room for a framework."""

from __future__ import annotations
