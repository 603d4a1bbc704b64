"""A request, followed to its outcome: the record of it, its states, its stream. What is asked of whom is another's."""

from __future__ import annotations

from mixdesk_control.operations.operation import Operation
from mixdesk_control.operations.service import OperationService

__all__ = ["Operation", "OperationService"]
