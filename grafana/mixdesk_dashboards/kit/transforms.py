"""What happens between the queries of a table and its rows."""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import DataTransformerConfig


def join(by: str) -> DataTransformerConfig:
    """One row a value of the column `by`, with the columns of all queries; empty where a query has no such row."""
    return DataTransformerConfig("joinByField", options={"byField": by, "mode": "outer"})


def arrange(*order: str, leave_out: tuple[str, ...] = ()) -> DataTransformerConfig:
    """The columns in this order, by name; those in `leave_out` are gone (and not usable in links)."""
    options = {
        "indexByName": {name: at for at, name in enumerate(order)},
        "excludeByName": dict.fromkeys(leave_out, True),
        "renameByName": {},
        "includeByName": {},
    }
    return DataTransformerConfig("organize", options=options)


def without_time() -> DataTransformerConfig:
    """Every column but `Time`, which each query brings along."""
    return DataTransformerConfig("filterFieldsByName", options={"include": {"pattern": "^(?!Time$).*$"}})


def merge() -> DataTransformerConfig:
    """One row for each set of equal labels, with the columns of all queries: where one column is not enough to join."""
    return DataTransformerConfig("merge", options={})
