"""The planning engine: lots and a line's rules in, a judged plan with a proven bound
out. Plain Python.

`solve.solve` is the one door; nothing here knows Django.
"""
