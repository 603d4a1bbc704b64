"""The example in a browser. A package, as tests/admin is, so that its browser ends with it."""
