"""Measurements that anyone can repeat: `python -m benchmarks`, one line of JSON a figure."""
