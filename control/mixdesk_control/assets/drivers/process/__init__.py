"""Processes of this host."""
