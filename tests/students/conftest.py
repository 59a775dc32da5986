"""Pages in English, and the API's clients."""

from tests.api.conftest import client_of
from tests.desk.conftest import client, in_english

__all__ = ["client", "client_of", "in_english"]
