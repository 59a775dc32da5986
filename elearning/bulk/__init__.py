"""One action on many rows, carried out item by item by a worker, resumable at every item."""
