"""The data sources of every panel: variables of the dashboard, never an address or uid of one Grafana."""

from __future__ import annotations

from grafana_foundation_sdk.models.common import DataSourceRef

PROMETHEUS = DataSourceRef("prometheus", "${datasource}")
LOKI = DataSourceRef("loki", "${loki}")
TEMPO = DataSourceRef("tempo", "${tempo}")
GRAFANA = DataSourceRef("grafana", "-- Grafana --")
