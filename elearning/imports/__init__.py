"""Students and enrollments from a CSV file: read, checked without writing, then carried out."""
