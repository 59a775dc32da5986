"""Send e-mails, each once.

A row is claimed and committed before the mail server is spoken to, and settled after (0016). What
dies in between is found again when its lease is over, and is sent under the same Message-ID.
"""

from __future__ import annotations

import hashlib
import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from email.mime.text import MIMEText
from email.utils import parseaddr
from functools import partial
from smtplib import SMTPDataError, SMTPRecipientsRefused
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps import crash_points, names
from apps.crash_points import CrashPoint
from apps.events.services import publish
from apps.refusals import NotFound, Refusal
from apps.students import letters
from apps.students.events import MailAskedForAgain
from apps.students.letters import Attachment, Kind, Reader, Rendered
from apps.students.models import HistoryEntry, MailStatus, SentEmail, User
from apps.students.services.mail_switches import is_switched_off, unsubscribe_url
from foundation.agreement import Agreement, require

logger = logging.getLogger(__name__)


class MailCannotBeSentAgain(Refusal):
    code = "mail_cannot_be_sent_again"
    message = _(
        "This e-mail cannot be sent again: it is on its way, or it held a link that is not kept."
        " Whoever needs a new link asks for it on the log-in page."
    )


class StillBeingSent(Exception):
    """Another worker is at it, or has just died of it: try again when its lease is over."""


@dataclass(frozen=True)
class _Claim:
    """What this worker may send; ``attempts`` tells it from a later claim of the same row."""

    mail: SentEmail
    attempts: int


def send_mail_once(*, kind: str, recipient_id: int, reason: str, facts: dict[str, Any]) -> None:
    """Write to an active student, unless that has been done for this reason or is switched off.

    ``facts`` are primitives; a ``lecture_id`` stands for its entry of the history. Raises whatever
    keeps the mail server from taking it, except that the recipient is refused for good, and
    StillBeingSent: calling again later is right, and sends nothing twice.
    """
    student = User.objects.get(pk=recipient_id)
    switch = letters.KINDS[kind].switch
    if not student.is_active or (switch and is_switched_off(recipient_id, switch.name)):
        return
    with transaction.atomic():
        mail, _created = SentEmail.objects.get_or_create(
            kind=kind,
            reason=reason,
            recipient=student,
            defaults={
                "address": student.email,
                "facts": facts,
                "created_at": timezone.now(),
            },
        )
    _send(mail.pk, student)


def cancellation_told_refund(*, lecture_id: int) -> bool:
    """Return whether the e-mail on a cancellation has told that its refund is made.

    Raises StillBeingSent while that e-mail is owed: what follows from it is not told first.
    """
    mails = SentEmail.objects.filter(kind="cancelled", facts__lecture_id=lecture_id)
    mail = mails.order_by("-pk").first()
    if mail is None or mail.status not in (MailStatus.SENT, MailStatus.REFUSED):
        raise StillBeingSent(str(mail))
    return bool(mail.facts.get("refunded")) and mail.status == MailStatus.SENT


def send_mail_again(*, mail_id: int) -> None:
    """Send what staff have asked for once more; twice is as once."""
    mail = SentEmail.objects.select_related("recipient").filter(pk=mail_id).first()
    if mail and mail.recipient and mail.recipient.is_active:
        _send(mail.pk, mail.recipient)


def ask_for_mail_again(*, mail_id: int, agreed: Agreement | None = None) -> None:
    """Owe an e-mail once more, as it reads now. Publishes MailAskedForAgain.

    Raises NotFound, MailCannotBeSentAgain, and what ``agreed`` raises.
    """
    with transaction.atomic():
        mail = SentEmail.objects.select_for_update().filter(pk=mail_id).first()
        if mail is None:
            raise NotFound(_("There is no such e-mail."))
        if not may_be_asked_for_again(mail):
            raise MailCannotBeSentAgain()
        require(agreed)
        mail.send_again()
        mail.save()
        publish(MailAskedForAgain(mail_id=mail.pk, edition=mail.edition))


def may_be_asked_for_again(mail: SentEmail) -> bool:
    kind = letters.KINDS.get(mail.kind)
    settled = mail.status in (MailStatus.SENT, MailStatus.FAILED, MailStatus.REFUSED)
    return settled and kind is not None and not kind.is_secret and mail.recipient_id is not None


def send_account_mail(
    *,
    kind: Kind,
    address: str,
    student: User | None,
    language: str,
    facts: dict[str, Any],
    reason: str = "",
) -> None:
    """Write about an account, now: the link is a secret, so that nothing is kept to write it again.

    Under one ``reason`` it is sent once; without one, at each call. Raises what keeps the mail
    server from taking it; the row says that it failed.
    """
    with transaction.atomic():
        mail, _created = SentEmail.objects.get_or_create(
            kind=kind.name,
            reason=reason or uuid.uuid4().hex,
            recipient=student,
            defaults={"address": address},
        )
    reader = Reader(name="", language=language, zone=timezone.get_default_timezone())
    if student:
        reader = reader_of(student)
    claim = _claim(mail.pk, address)
    if claim:
        _carry_out(claim, kind, reader, facts)


def send_mail_to_nobody(
    *, kind: str, reason: str, address: str, reader: Reader, facts: dict[str, Any]
) -> None:
    """Write once to somebody who has no account any more; raises as ``send_mail_once`` does."""
    mail, _created = SentEmail.objects.get_or_create(
        kind=kind, reason=reason, recipient=None, defaults={"address": address}
    )
    claim = _claim(mail.pk, address)
    if claim:
        _carry_out(claim, letters.KINDS[kind], reader, facts)


def _send(mail_id: int, student: User) -> None:
    claim = _claim(mail_id, student.email)
    if claim is None:
        return
    kind = letters.KINDS[claim.mail.kind]
    off_url = unsubscribe_url(student.pk, kind.switch.name) if kind.switch else ""
    reader = reader_of(student, unsubscribe_url=off_url)
    _carry_out(claim, kind, reader, _with_entry(claim.mail.facts))


def reader_of(student: User, *, unsubscribe_url: str = "") -> Reader:
    """Return how the student is written to: by the name as the language of the letter has it."""
    return Reader(
        name=names.as_read(student.name, student.latin_name, language=student.language),
        language=student.language,
        zone=student.zone,
        unsubscribe_url=unsubscribe_url,
    )


def _with_entry(facts: dict[str, Any]) -> dict[str, Any]:
    """Return the facts with the history's entry in the place of its number."""
    told = dict(facts)
    if "lecture_id" in told:
        told["entry"] = HistoryEntry.objects.get(lecture_id=told.pop("lecture_id"))
    return told


def _claim(mail_id: int, address: str) -> _Claim | None:
    """Take the e-mail, committed. Returns None for one that is done. Raises StillBeingSent."""
    now = timezone.now()
    with transaction.atomic():
        mail = SentEmail.objects.select_for_update().get(pk=mail_id)
        if mail.status in (MailStatus.SENT, MailStatus.REFUSED):
            return None
        if not mail.may_be_claimed(now=now):
            raise StillBeingSent(str(mail))
        mail.claim(address=address, now=now)
        mail.save()
    return _Claim(mail, mail.attempts)


def _carry_out(claim: _Claim, kind: Kind, reader: Reader, facts: dict[str, Any]) -> None:
    try:
        rendered = letters.render(kind, reader, facts)
        _message(claim.mail, reader, rendered).send()
    except Exception as error:
        told = type(error).__name__ if kind.is_secret else repr(error)
        if not _is_refused_for_good(error):
            _settle(claim, partial(SentEmail.fail, error=told))
            raise
        logger.warning("The e-mail %s is refused for good: %s", claim.mail.pk, told)
        _settle(claim, partial(SentEmail.refuse, error=told))
    else:
        crash_points.reach(CrashPoint.MAIL_HANDED_OVER)
        _settle(claim, partial(SentEmail.finish, subject=rendered.subject, at=timezone.now()))


def _is_refused_for_good(error: Exception) -> bool:
    """Return whether the server says 5xx to the recipient or to what we write (RFC 5321, 4.2.1)."""
    if isinstance(error, SMTPRecipientsRefused):
        return all(code >= 500 for code, _text in error.recipients.values())
    return isinstance(error, SMTPDataError) and int(error.smtp_code) >= 500


def _settle(claim: _Claim, change: Callable[[SentEmail], None]) -> None:
    with transaction.atomic():
        mail = SentEmail.objects.select_for_update().get(pk=claim.mail.pk)
        if mail.status == MailStatus.SENDING and mail.attempts == claim.attempts:
            change(mail)
            mail.save()


def _message(mail: SentEmail, reader: Reader, rendered: Rendered) -> EmailMultiAlternatives:
    headers = {
        "Message-ID": message_id(mail),
        "Auto-Submitted": "auto-generated",
        "Content-Language": reader.language,
    }
    if reader.unsubscribe_url:
        headers["List-Unsubscribe"] = f"<{reader.unsubscribe_url}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message = EmailMultiAlternatives(
        subject=rendered.subject,
        body=rendered.text,
        to=[mail.address],
        reply_to=[settings.REPLY_TO_EMAIL],
        headers=headers,
    )
    message.attach_alternative(rendered.html, "text/html")
    for attachment in rendered.attachments:
        message.attach(_part(attachment))
    return message


def message_id(mail: SentEmail) -> str:
    """Return the Message-ID, which follows from what the e-mail is, whenever it is sent.

    A mail system that gets it a second time may drop it; another edition has another.
    """
    words = "|".join((mail.kind, mail.reason, str(mail.recipient_id), str(mail.edition)))
    digest = hashlib.sha256(f"{settings.SECRET_KEY}|{words}".encode()).hexdigest()[:32]
    host = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return f"<{digest}@{host}>"


def _part(attachment: Attachment) -> MIMEText:
    part = MIMEText(attachment.content, attachment.subtype, "utf-8")
    for name, value in attachment.parameters:
        part.set_param(name, value)
    part.add_header("Content-Disposition", "attachment", filename=attachment.name)
    return part
