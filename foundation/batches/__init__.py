"""Work on many rows in a task, each on its own.

A row that fails is recorded, shown to staff and tried again with backoff; it stops no other row.
"""
