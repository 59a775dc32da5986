"""Keeps the whole system running on one machine, under supervisord, as children of one process."""
