"""Mechanisms that know no context: every app and the composition root may use them."""
