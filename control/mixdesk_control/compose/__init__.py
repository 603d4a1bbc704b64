"""What compose files say, as `docker compose config` reads them. Reads only."""

from __future__ import annotations
