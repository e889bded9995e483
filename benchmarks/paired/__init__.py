"""How fast this checkout is beside another one, round by round."""
