"""Which services there are, and where each writes its logs: from compose files, the Docker engine and the settings."""

from __future__ import annotations
