"""How good and how fast fill planning is: families of made lots, and the published
packings with setups.
"""
