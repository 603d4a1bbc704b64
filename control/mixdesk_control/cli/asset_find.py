"""Which asset a person means."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from urllib.parse import quote, urlencode

from mixdesk_control.cli.asset_facts import Asset
from mixdesk_control.cli.client import Client
from mixdesk_control.cli.errors import CliError

PATH = "/admin/assets"


def asset_path(asset_id: str, what: str, **params: str) -> str:
    """The path of something of an asset, its id quoted."""
    query = f"?{urlencode(params)}" if params else ""
    return f"{PATH}/{quote(asset_id, safe='')}/{what}{query}"


def all_assets(client: Client) -> list[Asset]:
    """All that the registry names, in its order."""
    return list(client.items(PATH))


def find_asset(client: Client, ref: str) -> Asset:
    """The asset with this id or name, or the one whose id begins so. Raises CliError."""
    assets = all_assets(client)
    for key in ("id", "name"):
        found = [asset for asset in assets if asset.get(key) == ref]
        if len(found) == 1:
            return found[0]
    return _beginning_with(assets, ref)


def _beginning_with(assets: Sequence[Asset], ref: str) -> Asset:
    folded = ref.casefold()
    found = [asset for asset in assets if ref and str(asset["id"]).startswith(folded)]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(asset["id"] for asset in found[:10])
        raise CliError(f"{ref!r} is the beginning of several ids: give more of it ({ids})")
    if not assets:
        raise CliError(f"there is no asset {ref!r}: the registry is empty; `mixdesk assets init` makes a first one")
    close = difflib.get_close_matches(folded, [asset["id"] for asset in assets], n=1)
    hint = f"did you mean {close[0]}?" if close else "`mixdesk assets list` shows those there are"
    raise CliError(f"there is no asset {ref!r}: {hint}")
