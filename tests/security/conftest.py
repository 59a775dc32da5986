"""Staff who hold only some rights, the API's clients and schema, a browser that reads English."""

from tests.api.conftest import client_of, schema
from tests.desk.conftest import client, in_english, staff_with

__all__ = ["client", "client_of", "in_english", "schema", "staff_with"]
