"""Jobs as messages need to know them: what of a change is to be told (pure), and who stands still or has no room."""

from mixdesk_control.telling.teller import Teller

__all__ = ["Teller"]
