"""Fonts that documents are printed with, and the characters that they have."""
