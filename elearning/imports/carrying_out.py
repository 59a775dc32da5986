"""What a confirmed import does with each row: by the services, and nothing a second time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.desk import Text
from apps.lectures import queries as lectures_queries
from apps.lectures import services as lectures
from apps.money import format_money
from apps.payments import services as payments
from apps.payments.queries import PaymentSummary
from apps.refusals import FactsChanged
from apps.students import queries as student_queries
from apps.students import services as students
from apps.students.services import Invitee
from elearning.bulk.kinds import BulkKind, Facts, Outcome, register
from elearning.imports.services import delete_file, find_reading
from foundation.agreement import Agreement, token_of


def _import_row(facts: Facts) -> Outcome:
    """Register, enroll and book what is not there yet; a second time there is nothing to do."""
    _refuse_unplanned(facts)
    student_id, is_new = students.invite_student(invitee=_invitee(facts))
    return _outcome(is_new=is_new, steps=_enroll(student_id, facts) if facts["course_id"] else [])


def _register_rows(rows: Sequence[Facts]) -> list[Outcome]:
    """Register the students of many rows at once: none of these rows has a course."""
    invited = students.invite_students(invitees=[_invitee(facts) for facts in rows])
    return [_outcome(is_new=is_new, steps=[]) for _student_id, is_new in invited]


def _invitee(facts: Facts) -> Invitee:
    return Invitee(**{name: facts[name] for name in ("email", "name", "latin_name", "language")})


def _outcome(*, is_new: bool, steps: Sequence[Text]) -> Outcome:
    if is_new:
        steps = [_("A new student is registered and invited by e-mail."), *steps]
    if not steps:
        return Outcome(_("Everything is there already."), changed=False)
    return Outcome(" ".join(map(str, steps)))


def _enroll(student_id: int, facts: Facts) -> list[Text]:
    course_id = facts["course_id"]
    steps: list[Text] = []
    live = lectures_queries.find_live_enrollment(student_id=student_id, course_id=course_id)
    if live is None:
        if not facts["enrolls"]:
            raise FactsChanged()
        lectures.request_enrollment(student_id=student_id, course_id=course_id, by_staff=True)
        steps.append(_("Enrolled."))
        live = lectures_queries.find_live_enrollment(student_id=student_id, course_id=course_id)
    payment = live.payment if live else None
    if facts["transfer_reference"] and payment is not None and payment.is_payable:
        payments.approve_payment_by_staff(
            payment_id=payment.id,
            transfer_reference=facts["transfer_reference"],
            agreed=_agreed_sum(facts, payment),
        )
        amount = format_money(payment.amount_minor, payment.currency)
        steps.append(_("Booked as paid: %(amount)s.") % {"amount": amount})
    return steps


def _refuse_unplanned(facts: Facts) -> None:
    """Refuse, before anything is done, a row that would do more than its dry run said."""
    email = facts["email"]
    if not facts["is_new"] and email not in student_queries.find_people(emails=[email]):
        raise FactsChanged()
    if facts["enrolls"] and "price_minor" in facts:
        terms = lectures_queries.get_course_terms(course_id=facts["course_id"])
        if (terms.price_minor, terms.currency) != (facts["price_minor"], facts["currency"]):
            raise FactsChanged()


def _agreed_sum(facts: Facts, payment: PaymentSummary) -> Agreement:
    """Book the sum that the dry run said, or nothing."""
    said = (facts["pays_minor"], facts["currency"])
    return Agreement(
        (token_of(said),), lambda: (payment.amount_minor, payment.currency), FactsChanged
    )


def read_plan(items: Sequence[Facts]) -> list[Any]:
    """Return what the dry run said of each row. Rows are held to it when they are carried out."""
    names = ("is_new", "enrolls", "price_minor", "pays_minor", "currency")
    return [[facts.get(name) for name in names] for facts in items]


def _never_done(_facts: Facts) -> bool:
    """A row that was interrupted is run again: it does what is missing, and no more."""
    return False


def _warn(items: Sequence[Facts]) -> list[Text]:
    counts = {
        name: sum(bool(facts[name]) for facts in items)
        for name in ("is_new", "enrolls", "pays_minor")
    }
    sums: dict[str, int] = defaultdict(int)
    for facts in items:
        sums[facts["currency"]] += facts["pays_minor"]
    idle = sum(not (f["is_new"] or f["enrolls"] or f["pays_minor"]) for f in items)
    new = ngettext(
        "%(n)s new student is registered and gets an e-mail to choose a password.",
        "%(n)s new students are registered and get an e-mail to choose a password.",
        counts["is_new"],
    )
    enrolled = ngettext(
        "%(n)s enrollment is requested.", "%(n)s enrollments are requested.", counts["enrolls"]
    )
    unchanged = ngettext(
        "%(n)s row is already as the file says.", "%(n)s rows are already as the file says.", idle
    )
    return [
        new % {"n": f"{counts['is_new']:,}"},
        enrolled % {"n": f"{counts['enrolls']:,}"},
        *(
            _("%(amount)s is booked as paid, because you say that it has arrived.")
            % {"amount": format_money(amount_minor, currency)}
            for currency, amount_minor in sorted(sums.items())
            if amount_minor
        ),
        *([unchanged % {"n": f"{idle:,}"}] if idle else []),
    ]


def _kind(name: str, *permissions: str, run_many: Any = None) -> BulkKind:
    return BulkKind(
        name=name,
        label=gettext_lazy("Import students and enrollments"),
        permissions=("students.add_user", *permissions),
        run=_import_row,
        run_many=run_many,
        is_done=_never_done,
        read=read_plan,
        warns=_warn,
        back_to="desk_import",
        find_reading=find_reading,
        on_start=delete_file,
    )


STUDENTS = _kind("import_students", run_many=_register_rows)
ENROLLMENTS = _kind("import_enrollments", "lectures.add_enrollment")
PAID = _kind("import_paid", "lectures.add_enrollment", "payments.change_payment")


def offer() -> None:
    """Let the worker know how to carry imports out. Called once, at start."""
    for kind in (STUDENTS, ENROLLMENTS, PAID):
        register(kind)


def kind_for(rows: Sequence[Facts]) -> BulkKind:
    """Return the import that asks for the rights that these rows need, and no more."""
    if any(facts.get("transfer_reference") for facts in rows):
        return PAID
    return ENROLLMENTS if any(facts.get("course") for facts in rows) else STUDENTS
