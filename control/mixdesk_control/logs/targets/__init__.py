"""The list that Promtail and Alloy read: which files to ship to Loki, and under which labels."""

from __future__ import annotations

from mixdesk_control.logs.targets.checking import Finding, check
from mixdesk_control.logs.targets.listing import LABELS, Group, Listing, Omitted, document, listing
from mixdesk_control.logs.targets.writer import Writer

__all__ = ["LABELS", "Finding", "Group", "Listing", "Omitted", "Writer", "check", "document", "listing"]
