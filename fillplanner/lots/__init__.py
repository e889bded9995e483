"""Lots as people see and edit them: as a table, and with what is wrong in which cell.
The planner reads them itself (`planning.intake`). Pure.
"""
