"""`python -m mixdesk_exporter`."""

from __future__ import annotations

import sys

from mixdesk_exporter.app import main

sys.exit(main())
