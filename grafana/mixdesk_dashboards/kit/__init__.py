"""Small typed helpers over grafana-foundation-sdk, one module a concern; they know Grafana, and no dashboard."""
