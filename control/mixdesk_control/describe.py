"""`python -m mixdesk_control.describe [FILE]`: the description of the API, as the client's types are made from."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from mixdesk_control import settings
from mixdesk_control.app import create_app
from mixdesk_control.store import Store
from mixdesk_control.web import openapi


def description() -> str:
    """The same text from every machine: a desk with nothing set, in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="mixdesk-") as folder:
        store = Store.open(state_dir=Path(folder))
        try:
            app = create_app(settings.load(env={"MIXDESK_STATE_DIR": folder}), store)
            return json.dumps(openapi.describe(app), indent=1, sort_keys=True, ensure_ascii=False) + "\n"
        finally:
            store.close()


if __name__ == "__main__":
    if sys.argv[1:]:
        Path(sys.argv[1]).write_text(description(), encoding="utf-8")
    else:
        sys.stdout.write(description())
