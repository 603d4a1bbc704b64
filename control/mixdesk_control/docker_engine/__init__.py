"""The Docker engine as the desk asks it: its client, what it sends without end, and what goes wrong with it."""
