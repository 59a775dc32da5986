"""The pages of whoever is logged in."""

from django.http import HttpRequest

from apps.students.models import User


class StudentRequest(HttpRequest):
    """A request behind ``login_required``."""

    user: User
