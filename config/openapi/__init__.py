"""The OpenAPI document: of bodies as typed, of doors as they answer, with examples of
what they answered.
"""
