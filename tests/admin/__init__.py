"""The admin in a browser. A package, so that its browser ends with it: until then no other event loop can run."""
