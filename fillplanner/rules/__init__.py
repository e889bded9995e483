"""A line's rules as people see and edit them: in words, in rows, as a table of types,
and kept as templates. The planner reads them itself (`planning.rules`). Pure.
"""
