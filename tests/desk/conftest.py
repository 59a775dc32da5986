"""A browser that reads English, and staff who hold only some rights."""

import pytest
from django.contrib.auth.models import Permission
from django.utils import translation

from tests.conftest import make_user


@pytest.fixture
def staff_with(db):
    """Return staff that hold the named permissions, such as ``courses.view_course``."""

    def make(*names):
        user = make_user("dave@example.com", "Dave Jung", is_staff=True)
        for name in names:
            app_label, codename = name.split(".")
            user.user_permissions.add(
                Permission.objects.get(content_type__app_label=app_label, codename=codename)
            )
        return user

    return make


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def client(client):
    client.cookies["django_language"] = "en"
    return client
