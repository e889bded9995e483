"""The filling side over GraphQL: one more door before the selectors and services of the
REST interface, with its readers of bodies.
"""
