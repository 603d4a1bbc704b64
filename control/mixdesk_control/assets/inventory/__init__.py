"""A first registry from what is there: the services of compose files, or the containers of the engine. Reads only."""

from __future__ import annotations
