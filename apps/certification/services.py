"""Issue, revoke and reissue certificates."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_fsm import can_proceed

from apps import names
from apps.certification.events import CertificateIssued, CertificateRevoked
from apps.certification.models import Certificate
from apps.crash_points import CrashPoint, reach
from apps.events.services import publish
from apps.refusals import InvalidInput, NotFound, Refusal
from apps.retries import retry_given_up
from foundation.agreement import Agreement, require
from foundation.printing.glyphs import prints_all_of

CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's Base32: no letter can be taken for a digit when a code is read aloud or typed."""
MAX_REASON_LENGTH = 300


class CertificateRevokedAlready(Refusal):
    code = "certificate_revoked"
    message = _("This certificate has been revoked already.")


class NameIsPrinted(Refusal):
    code = "name_is_printed"
    message = _(
        "This certificate can be printed as it is. Ask the school to issue it again if the name"
        " is wrong."
    )


@retry_given_up
def issue_certificate(
    *,
    enrollment_id: int,
    student_id: int,
    student_name: str,
    course_title: str,
    completed_at: datetime,
    student_latin_name: str = "",
) -> bool:
    """Issue the one certificate of a completed enrollment. Returns False when it exists already.

    The row's unique key decides, so that two workers at once issue one. Publishes
    CertificateIssued.
    """
    with transaction.atomic():
        certificate = Certificate(
            code=new_code(),
            lecture_id=enrollment_id,
            student_id=student_id,
            student_name=student_name,
            student_latin_name=student_latin_name,
            course_title=course_title,
            completed_at=completed_at,
            issued_at=timezone.now(),
        )
        Certificate.objects.bulk_create([certificate], ignore_conflicts=True)
        issued = Certificate.objects.filter(code=certificate.code, lecture_id=enrollment_id).first()
        if issued is None:
            return False
        reach(CrashPoint.CERTIFICATE_WRITTEN)
        _announce_issue(issued)
    return True


@retry_given_up
def revoke_certificate(
    *, certificate_id: int, reason: str, agreed: Agreement | None = None
) -> None:
    """Revoke it for the stated reason. Publishes CertificateRevoked.

    Raises NotFound, InvalidInput, CertificateRevokedAlready, and what ``agreed`` raises.
    """
    _check_reason(reason)
    with transaction.atomic():
        certificate = _lock_valid(certificate_id)
        require(agreed)
        _revoke(certificate, reason)


@retry_given_up
def reissue_certificate(
    *,
    certificate_id: int,
    student_name: str,
    reason: str,
    student_latin_name: str = "",
    agreed: Agreement | None = None,
) -> int:
    """Revoke it and issue a new one under the corrected names, which says what it replaces.

    Returns the new id. Publishes CertificateRevoked and CertificateIssued. Raises NotFound,
    InvalidInput, CertificateRevokedAlready, and what ``agreed`` raises.
    """
    _check_reason(reason)
    if not 0 < len(student_name.strip()) <= names.MAX_NAME_LENGTH:
        raise InvalidInput("student_name", _("Write a name of 1 to 150 characters."))
    _check_latin(student_latin_name)
    with transaction.atomic():
        old = _lock_valid(certificate_id)
        require(agreed)
        _revoke(old, reason)
        new = Certificate.objects.create(
            code=new_code(),
            lecture_id=old.lecture_id,
            student_id=old.student_id,
            student_name=student_name.strip(),
            student_latin_name=names.tidy_latin(student_latin_name),
            course_title=old.course_title,
            completed_at=old.completed_at,
            issued_at=timezone.now(),
            replaces=old,
        )
        _announce_issue(new, replaces_code=old.code)
    return new.pk


@retry_given_up
def add_latin_name(*, certificate_id: int, student_id: int, latin_name: str) -> None:
    """Let a certificate be printed in Latin letters whose name no font of ours has (0018).

    It has not been printed yet, so nothing that anybody holds changes. Raises NotFound, also for
    somebody else's, CertificateRevokedAlready, NameIsPrinted, InvalidInput.
    """
    with transaction.atomic():
        certificate = _lock_valid(certificate_id)
        if certificate.student_id != student_id:
            raise NotFound(_("There is no such certificate."))
        if certificate.printed_name:
            raise NameIsPrinted()
        _check_latin(latin_name)
        if not prints_all_of(latin_name):
            raise InvalidInput("student_latin_name", _("Write your name in Latin letters first."))
        certificate.student_latin_name = names.tidy_latin(latin_name)
        certificate.save(update_fields=["student_latin_name"])


def new_code() -> str:
    """Return 12 random characters, 60 bits, in groups of four: ``7K3M-9QXR-2FHT``."""
    letters = "".join(secrets.choice(CODE_ALPHABET) for _position in range(12))
    return "-".join((letters[:4], letters[4:8], letters[8:]))


def _lock_valid(certificate_id: int) -> Certificate:
    certificate = (
        Certificate.objects.select_for_update(no_key=True).filter(pk=certificate_id).first()
    )
    if certificate is None:
        raise NotFound(_("There is no such certificate."))
    if not can_proceed(certificate.revoke):
        raise CertificateRevokedAlready()
    return certificate


def _check_latin(latin_name: str) -> None:
    try:
        names.refuse_unless_latin(latin_name)
    except ValidationError as error:
        raise InvalidInput("student_latin_name", error.messages[0]) from error


def _check_reason(reason: str) -> None:
    if not 0 < len(reason.strip()) <= MAX_REASON_LENGTH:
        raise InvalidInput("reason", _("Write a reason of 1 to 300 characters."))


def _revoke(certificate: Certificate, reason: str) -> None:
    now = timezone.now()
    certificate.revoke(at=now, reason=reason.strip())
    certificate.save()
    publish(
        CertificateRevoked(
            **_about(certificate), occurred_at=now.isoformat(), reason=reason.strip()
        )
    )


def _announce_issue(certificate: Certificate, replaces_code: str = "") -> None:
    publish(
        CertificateIssued(
            **_about(certificate),
            occurred_at=certificate.issued_at.isoformat(),
            replaces_code=replaces_code,
        )
    )


def _about(certificate: Certificate) -> dict[str, Any]:
    return {
        "certificate_id": certificate.pk,
        "code": certificate.code,
        "enrollment_id": certificate.lecture_id,
        "student_id": certificate.student_id,
        "course_title": certificate.course_title,
    }
