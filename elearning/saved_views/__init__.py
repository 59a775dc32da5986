"""Lists as staff like to see them: filters, search and order kept under a name."""
