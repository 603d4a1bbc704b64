"""Models that a server loads and unloads inside itself."""
