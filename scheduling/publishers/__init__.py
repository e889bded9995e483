"""What sends posts out: one small class a destination, one family of outcomes."""
