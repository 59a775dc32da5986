"""What must always be true, checked from time to time: each by itself, with an age.

An invariant that could not be checked, or was not checked lately, is a finding like one that is
broken.
"""
