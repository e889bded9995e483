"""What follows from results: what hours go into, what is different between two versions,
and which of several is best. Pure.
"""
