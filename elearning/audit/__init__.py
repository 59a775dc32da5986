"""The audit log: who of the staff did what, when, from where, and each row before and after."""
