"""Drives the system under test: what is done, what is broken meanwhile, and what must be true."""
