"""The meters of hosts: each read where its exporter is, once for everybody who looks."""
