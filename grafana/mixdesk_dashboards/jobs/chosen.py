"""Which jobs the page shows: those of the types that are chosen above."""

from __future__ import annotations

TYPE = 'job_type=~"$job_type"'
