"""Jobs: reports in, desired state out, and everything that is derived from them; no process is touched."""
