"""Mechanisms of the HTML pages that know no context."""
