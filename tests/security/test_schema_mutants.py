"""What schemathesis would find: each fault, planted in the real application, is reported.

A check that never fails tells nothing. Without the faults none is reported, in the test beside.
What is lost, or outlives its deletion, `api/test_links.py` looks for: schemathesis judges that only
where an operation has no parameter beside those of its link, and a log-in is one to it.
"""

from __future__ import annotations

from functools import wraps

import pytest
from rest_framework.permissions import BasePermission
from rest_framework.response import Response

from apps.certification.api import views as certificates
from apps.certification.models import Certificate
from apps.courses.api import views as courses
from apps.lectures.api import views as lectures
from apps.refusals import NotFound
from apps.students.api import views as students
from tests.security.exploring import explore, token_of
from tests.security.test_schema_exploration import cast, ids, in_process

__all__ = ["cast", "ids", "in_process"]

pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")


class Anybody(BasePermission):
    """The permission that was taken away, while the schema still asks for a log-in."""


def take_the_log_in_away(monkeypatch):
    monkeypatch.setattr(students.HistoryView, "permission_classes", [Anybody])


def show_certificates_to_others(monkeypatch):
    def get(view, request, certificate_id):
        found = Certificate.objects.filter(pk=certificate_id).first()
        if found is None:
            raise NotFound()
        return Response(certificates.CertificateSerializer(found).data)

    replace(monkeypatch, certificates.CertificateView, get)


def answer_what_no_schema_says(monkeypatch):
    def get(view, request, course_id):
        return Response(status=418)

    replace(monkeypatch, courses.LessonListView, get)


def answer_another_shape(monkeypatch):
    replace(monkeypatch, students.MeView, lambda view, request: Response({"id": "seven"}))


def break_down(monkeypatch):
    replace(monkeypatch, lectures.EnrollmentListView, lambda view, request: 1 / 0)


def replace(monkeypatch, view, get):
    """Let GET do something else, while the schema says what it said."""
    monkeypatch.setattr(view, "get", wraps(view.get)(get))


AT_ONCE = {"phases": {name: {"enabled": False} for name in ("coverage", "stateful")}}
FAULTS = {
    take_the_log_in_away: "ignored_auth: GET /api/v1/history/",
    show_certificates_to_others: (
        "object_level_authorization: GET /api/v1/certificates/{certificate_id}/"
    ),
    answer_what_no_schema_says: (
        "status_code_conformance: GET /api/v1/courses/{course_id}/lessons/"
    ),
    answer_another_shape: "response_schema_conformance: GET /api/v1/students/me/",
    break_down: "not_a_server_error: GET /api/v1/lectures/",
}
"""Each on an operation of its own, and what must be said of it."""


def test_every_fault_is_reported(cast, ids, tmp_path, monkeypatch):
    for plant in FAULTS:
        plant(monkeypatch)
    tokens = {name: token_of(cast[name]) for name in ("alice", "mallory")}

    findings = explore(tokens, ids, tmp_path, examples=4, **AT_ONCE)

    said = {found for found, _message in findings.failures}
    assert set(FAULTS.values()) - said == set()
