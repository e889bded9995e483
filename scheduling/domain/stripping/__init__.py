"""What files carry besides what is seen and heard, taken out: position, serial numbers,
owners, hidden pictures.
"""
