"""The first page of the desk: how the school is doing, over a time that staff choose."""
