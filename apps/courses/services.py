"""Commands on courses: register, open, close, withdraw; take and free seats."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from django_fsm import can_proceed

from apps.courses.events import CourseClosed, CourseOpened, CourseSeatsAdded, CourseWithdrawn
from apps.courses.models import NO_PAYMENTS, Course, CourseStatus, FormerAddress, Lesson
from apps.events.services import publish
from apps.refusals import InvalidInput, NotFound, Refusal
from apps.retries import retry_given_up
from foundation.agreement import Agreement, require
from foundation.inserts import lock_name


class CourseStateRefused(Refusal):
    code = "course_state"
    message = _("The course cannot change to this state from the one it is in.")


class PaymentsDisabled(Refusal):
    code = "payments_disabled"
    message = NO_PAYMENTS


class CourseFull(Refusal):
    code = "course_full"
    message = _(
        "Every seat of this course is taken. Join its waiting list or choose another course."
    )


class CourseNotOpen(Refusal):
    code = "course_not_open"
    message = _("This course takes no enrollments at the moment.")


def register_course(
    *, fields: Mapping[str, Any], opened: bool = False, claim_id: int | None = None
) -> int:
    """Register a course from field names and values; returns its id. Raises InvalidInput.

    It is a draft, or ``opened`` at once. Under one ``claim_id`` it is registered once: a request
    that is done again because its process died finds the course.
    """
    registered = Course.objects.filter(claim_id=claim_id).first() if claim_id else None
    if registered is not None:
        return registered.pk
    course = Course(**fields, claim_id=claim_id)
    with transaction.atomic():
        save_course(course=course)
        if opened:
            open_course(course_id=course.pk)
    return course.pk


def add_lesson(*, course_id: int, fields: Mapping[str, Any]) -> int:
    """Add a lesson behind the others; returns its id. Raises NotFound, InvalidInput."""
    with transaction.atomic():
        course = _lock(course_id)
        _refuse_withdrawn(course)
        lesson = Lesson(course=course, position=course.lessons.count() + 1, **fields)
        _refuse_invalid(lesson)
        lesson.save()
    return lesson.pk


@retry_given_up
def change_course(
    *,
    course_id: int,
    fields: Mapping[str, Any],
    status: str | None = None,
    agreed: Agreement | None = None,
) -> None:
    """Change the offer, and open or close it; what is agreed with the enrolled stays.

    All of it or nothing. Raises NotFound, InvalidInput, CourseStateRefused.
    """
    with transaction.atomic():
        course = _lock(course_id)
        require(agreed)
        _refuse_withdrawn(course)
        for name, value in fields.items():
            setattr(course, name, value)
        save_course(course=course)
        if status == CourseStatus.OPEN:
            open_course(course_id=course_id)
        elif status == CourseStatus.CLOSED:
            close_course(course_id=course_id)


def save_course(*, course: Course) -> None:
    """Check and save everything but the state. Raises InvalidInput naming the field.

    Publishes CourseSeatsAdded when there are more seats than before.
    """
    course.slug = course.slug or _free_slug(course)
    _refuse_invalid(course)
    with transaction.atomic():
        _claim_slug(course)
        seats_are_added = _has_more_seats_than_stored(course)
        _lead_on_from_former_address(course)
        course.save()
        if seats_are_added:
            publish(CourseSeatsAdded(course_id=course.pk, capacity=course.capacity))


def _claim_slug(course: Course) -> None:
    """Lock a new slug until the commit. Raises InvalidInput where it is taken."""
    if not Course.objects.filter(pk=course.pk, slug=course.slug).exists():
        lock_name(f"course slug {course.slug}")
        if Course.objects.filter(slug=course.slug).exists():
            message = _("Another course has just taken this address. Choose another.")
            raise InvalidInput("slug", message)


def _lead_on_from_former_address(course: Course) -> None:
    """Keep the address that is left; the one that is taken leads nowhere else any more."""
    left = Course.objects.filter(pk=course.pk).exclude(slug=course.slug)
    if slug := left.values_list("slug", flat=True).first():
        FormerAddress.objects.update_or_create(slug=slug, defaults={"course_id": course.pk})
    FormerAddress.objects.filter(slug=course.slug).delete()


def _has_more_seats_than_stored(course: Course) -> bool:
    stored = Course.objects.filter(pk=course.pk).values_list("capacity", flat=True).first()
    return stored is not None and (course.capacity is None or course.capacity > stored)


def _refuse_invalid(row: Course | Lesson) -> None:
    try:
        row.full_clean(exclude=["status"])
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise InvalidInput(field, messages[0]) from error


def _free_slug(course: Course) -> str:
    base = slugify(course.title, allow_unicode=True)[:200] or "course"
    others = Course.objects.filter(slug__startswith=base).exclude(pk=course.pk)
    former = FormerAddress.objects.filter(slug__startswith=base).exclude(course_id=course.pk)
    taken = set(others.values_list("slug", flat=True)) | set(former.values_list("slug", flat=True))
    if base not in taken:
        return base
    return next(f"{base}-{n}" for n in range(2, len(taken) + 3) if f"{base}-{n}" not in taken)


@retry_given_up
def open_course(*, course_id: int, agreed: Agreement | None = None) -> None:
    """Offer the course. Publishes CourseOpened.

    Raises NotFound, CourseStateRefused, and PaymentsDisabled for a price that cannot be paid.
    """
    now = timezone.now()
    with transaction.atomic():
        course = _lock(course_id)
        if not can_proceed(course.open):
            raise CourseStateRefused()
        if not course.can_be_sold:
            raise PaymentsDisabled()
        require(agreed)
        course.open()
        course.save(update_fields=["status"])
        publish(CourseOpened(course_id=course.pk, title=course.title, opened_at=now.isoformat()))


@retry_given_up
def close_course(*, course_id: int, agreed: Agreement | None = None) -> None:
    """Take no more enrollments. Publishes CourseClosed. Raises NotFound, CourseStateRefused."""
    now = timezone.now()
    with transaction.atomic():
        course = _lock(course_id)
        if not can_proceed(course.close):
            raise CourseStateRefused()
        require(agreed)
        course.close()
        course.save(update_fields=["status"])
        publish(CourseClosed(course_id=course.pk, title=course.title, closed_at=now.isoformat()))


@retry_given_up
def withdraw_course(*, course_id: int, agreed: Agreement | None = None) -> None:
    """Take the offer away for good. Publishes CourseWithdrawn, which cancels the enrollments.

    Raises NotFound, CourseStateRefused.
    """
    now = timezone.now()
    with transaction.atomic():
        course = _lock(course_id)
        if not can_proceed(course.withdraw):
            raise CourseStateRefused(_("This course has been withdrawn already."))
        require(agreed)
        course.withdraw(at=now)
        course.save(update_fields=["status", "withdrawn_at"])
        publish(
            CourseWithdrawn(course_id=course.pk, title=course.title, withdrawn_at=now.isoformat())
        )


def hold_course(*, course_id: int) -> None:
    """Lock the course's row until the commit: nobody takes or frees a seat of it meanwhile.

    Enrollments that refer to the row are not held up before they come to the seat. Raises NotFound.
    """
    row = Course.objects.select_for_update(no_key=True).filter(pk=course_id)
    if row.values_list("pk", flat=True).first() is None:
        raise NotFound(_("There is no such course."))


def take_seat(*, course_id: int, count: int = 1) -> None:
    """Take one seat or several, in one statement. Raises CourseFull, CourseNotOpen.

    Call it last before the commit: the row stays locked from here on.
    """
    free = Q(capacity__isnull=True) | Q(seats_taken__lte=F("capacity") - count)
    open_course = Course.objects.filter(pk=course_id, status=CourseStatus.OPEN)
    if open_course.filter(free).update(seats_taken=F("seats_taken") + count):
        return
    raise CourseFull() if open_course.exists() else CourseNotOpen()


def free_seats(*, course_id: int, count: int = 1) -> None:
    """Give seats back, in one statement, last before the commit."""
    Course.objects.filter(pk=course_id).update(seats_taken=F("seats_taken") - count)


def count_rating(*, course_id: int, rating_change: int, count_change: int) -> None:
    """Add to the sum and the number of the ratings that the catalogue shows."""
    Course.objects.filter(pk=course_id).update(
        rating_sum=F("rating_sum") + rating_change, rating_count=F("rating_count") + count_change
    )


def _lock(course_id: int) -> Course:
    course = Course.objects.select_for_update(no_key=True).filter(pk=course_id).first()
    if course is None:
        raise NotFound(_("There is no such course."))
    return course


def _refuse_withdrawn(course: Course) -> None:
    if course.status == CourseStatus.WITHDRAWN:
        raise CourseStateRefused(_("A withdrawn course cannot be changed any more."))
