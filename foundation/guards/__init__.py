"""What PostgreSQL itself refuses: transitions that no machine has, changes of what is agreed."""
