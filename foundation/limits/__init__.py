"""Bounds on what one request may cost: bytes, members, errors, calls and concurrent jobs."""
