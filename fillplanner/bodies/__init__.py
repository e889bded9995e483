"""What the filling API answers with.

Times are UTC without offset, as this dialect has them; hours are counted from a plan's
start.
"""
