"""How the panels of assets select their series."""

from __future__ import annotations

CHOSEN = 'asset=~"$asset"'
ACTIONS = 'mixdesk_actions_total{action=~"start|stop"}'


# each desk has assets of its own, so two of one name are two
EACH = "instance, asset"
NAMED = "{{asset}} at {{instance}}"


def of(metric: str, more: str = "") -> str:
    """One series an asset of a desk."""
    return f"max by ({EACH}) ({metric}{{{CHOSEN}{', ' + more if more else ''}}})"


def keyed(expr: str) -> str:
    """With a label `key`, by which the queries of a table are joined: columns join by one name alone."""
    return f'label_join({expr}, "key", " ", "instance", "asset")'


def bare(expr: str) -> str:
    """The same with no label but the key: two queries with a label of one name would make two columns of it."""
    return f"max by (key) ({keyed(expr)})"


def on_gpu(metric: str, keep: str) -> str:
    """GPU memory of the chosen assets by these labels."""
    return f"sum by ({keep}) ({metric}{{{CHOSEN}}})"


def all_on_gpu(metric: str) -> str:
    """GPU memory of all assets by GPU. Of one name on one GPU, as two desks tell it, it is the same memory."""
    return f"sum by (UUID) (max without(instance, job) ({metric}))"
