"""Staff who hold only some rights, API clients, and a browser that reads English."""

from tests.api.conftest import client_of
from tests.desk.conftest import client, in_english, staff_with

__all__ = ["client", "client_of", "in_english", "staff_with"]
