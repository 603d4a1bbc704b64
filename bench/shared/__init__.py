"""What the benchmarks share: desks, cheap and real trainers, peers' estimates, the table of a machine."""
