"""How fast this checkout is beside another one, run by run in turn."""
