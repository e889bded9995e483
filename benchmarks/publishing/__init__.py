"""How fast and how punctually posts go out: PostgreSQL, Valkey, one worker with two
children, a platform of 5 ms.
"""
