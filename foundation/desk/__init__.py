"""The desk, the admin: mechanisms that know no context."""
