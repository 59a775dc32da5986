"""What the school holds on a student: to take away, and to remove."""
