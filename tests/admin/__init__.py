"""The admin in a browser. A package, so that its browser ends with it: while it lives, nothing else runs an event loop."""
