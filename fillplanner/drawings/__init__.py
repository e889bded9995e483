"""What is drawn of plans and comparisons: geometry in units of the drawing, which
templates turn into SVG. Pure.
"""
