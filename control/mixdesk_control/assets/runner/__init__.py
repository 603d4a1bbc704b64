"""The program that is the parent of an asset's process. Standard library alone: each asset has one of its own."""
