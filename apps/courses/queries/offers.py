"""Reads on courses. What crosses the boundary is a frozen dataclass."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypedDict

from django.conf import settings
from django.db.models import Case, Count, F, Q, QuerySet, Sum, Value, When
from django.db.models.expressions import OrderBy
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.courses import policies
from apps.courses.models import Course, CourseStatus, Lesson
from apps.courses.queries.availability import availability_case, availability_of
from apps.money import format_money
from apps.refusals import NotFound
from foundation.text.search import rows_matching, search_words

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    OutlinedCourse = WithAnnotations[Course, "Outline"]


@dataclass(frozen=True)
class CourseTerms:
    """What an enrollment agrees to, as the course offers it now."""

    id: int
    title: str
    slug: str
    status: str
    price_minor: int
    currency: str
    capacity: int | None
    seats_taken: int
    enrollment_opens_at: datetime | None
    enrollment_closes_at: datetime | None
    starts_at: datetime | None
    ends_at: datetime | None
    completion_threshold_percent: int
    refund_policy: str

    @property
    def can_be_sold(self) -> bool:
        """Whether it is free, or the school takes payments."""
        return policies.course_can_be_sold(
            price_minor=self.price_minor, payments_enabled=settings.PAYMENTS_ENABLED
        )

    @property
    def awaits_payments(self) -> bool:
        """Whether it is open and nobody can enroll, because the school takes no payments."""
        return self.status == CourseStatus.OPEN and not self.can_be_sold

    def availability(self, *, now: datetime) -> str:
        """Return ``open``, ``full``, ``upcoming`` or ``closed``."""
        return availability_of(self, now=now)


@dataclass(frozen=True)
class LessonOutline:
    id: int
    title: str
    duration_minutes: int
    is_preview: bool


@dataclass(frozen=True)
class LessonContent(LessonOutline):
    course_id: int
    content: str
    video_url: str
    file_name: str


@dataclass(frozen=True)
class CourseCard:
    """A course as the catalogue shows it; ``seats_left`` None is unlimited."""

    id: int
    slug: str
    title: str
    summary: str
    category: str
    language: str
    cover_url: str
    price_text: str
    starts_at: datetime | None
    enrollment_opens_at: datetime | None
    capacity: int | None
    seats_left: int | None
    availability: str
    rating_average: float | None
    rating_count: int
    participants: int
    lesson_count: int
    duration_minutes: int


@dataclass(frozen=True)
class CoursePage:
    """What the page of one course shows of the offer itself."""

    card: CourseCard
    terms: CourseTerms
    description: str
    outline: list[LessonOutline]


class Outline(TypedDict):
    lesson_count: int
    duration_minutes: int


TERMS_FIELDS = tuple(CourseTerms.__dataclass_fields__)


def get_terms(*, course_id: int) -> CourseTerms:
    """Return the terms of one course in one query. Raises NotFound."""
    row = Course.objects.filter(pk=course_id).values(*TERMS_FIELDS).first()
    if row is None:
        raise NotFound(_("There is no such course."))
    return CourseTerms(**row)


def list_terms(*, course_ids: Iterable[int]) -> dict[int, CourseTerms]:
    """Return the terms by course id, in one query."""
    rows = Course.objects.filter(pk__in=set(course_ids)).values(*TERMS_FIELDS)
    return {row["id"]: CourseTerms(**row) for row in rows}


def list_outline(*, course_id: int) -> list[LessonOutline]:
    """Return the lessons in their order, in one query."""
    rows = Lesson.objects.filter(course_id=course_id).values(
        "id", "title", "duration_minutes", "is_preview"
    )
    return [LessonOutline(**row) for row in rows]


def get_lesson(*, course_id: int, lesson_id: int) -> LessonContent:
    """Return one lesson of the course. Raises NotFound, also when it is another course's."""
    lesson = Lesson.objects.filter(pk=lesson_id, course_id=course_id).first()
    if lesson is None:
        raise NotFound(_("There is no such lesson in this course."))
    return LessonContent(
        id=lesson.pk,
        title=lesson.title,
        duration_minutes=lesson.duration_minutes,
        is_preview=lesson.is_preview,
        course_id=lesson.course_id,
        content=lesson.content,
        video_url=lesson.video_url,
        file_name=lesson.download_name,
    )


def get_stored_file_name(*, lesson_id: int) -> str:
    """Return the path that the lesson's file is stored under. Raises NotFound without one."""
    lesson = Lesson.objects.filter(pk=lesson_id).exclude(file="").first()
    stored_name = str(lesson.file.name) if lesson else ""
    if lesson is None or not lesson.file.storage.exists(stored_name):
        raise NotFound(_("This lesson has no file."))
    return stored_name


def catalogue(
    *,
    search: str = "",
    category: str = "",
    language: str = "",
    status: str = "",
    price: str = "",
    availability: str = "",
    order: str = "",
    include_hidden: bool = False,
) -> QuerySet[OutlinedCourse]:
    """Return the courses that the filters leave, annotated for cards, in one query.

    ``price`` is ``free`` or ``paid``; ``availability`` as in CourseTerms; ``order`` is ``starts``,
    ``newest``, ``price``, ``-price`` or ``rating``. Unknown words filter nothing.
    """
    now = timezone.now()
    courses = Course.objects.all() if include_hidden else Course.objects.filter(status="open")
    for word in search_words(search):
        courses = courses.filter(pk__in=rows_matching(Course, word))
    exact = {"category__same_text": category, "language": language, "status": status}
    courses = courses.filter(**{name: value for name, value in exact.items() if value})
    if price in _PRICE:
        courses = courses.filter(_PRICE[price])
    if availability in {"open", "full", "upcoming", "closed"}:
        courses = courses.annotate(available=availability_case(now)).filter(available=availability)
    return _with_outline(courses).order_by(*_ORDER.get(order, _ORDER["starts"]))


_PRICE = {"free": Q(price_minor=0), "paid": Q(price_minor__gt=0)}
_ORDER: dict[str, tuple[str | OrderBy, ...]] = {
    "starts": (F("starts_at").asc(nulls_last=True), "-pk"),
    "newest": ("-created_at", "-pk"),
    "price": ("price_minor", "-pk"),
    "-price": ("-price_minor", "-pk"),
    "rating": (
        Case(
            When(rating_count=0, then=Value(0.0)),
            default=F("rating_sum") * 1.0 / F("rating_count"),
        ).desc(),
        "-rating_count",
        "-pk",
    ),
}  # fmt: skip


def _with_outline(courses: QuerySet[Course]) -> QuerySet[OutlinedCourse]:
    return courses.annotate(
        lesson_count=Count("lessons"), duration_minutes=Sum("lessons__duration_minutes", default=0)
    )


def find_visible_course(*, slug: str, include_hidden: bool = False) -> OutlinedCourse | None:
    """Return the course of the page, or None when it is no offer (any more)."""
    return _visible(include_hidden=include_hidden).filter(slug=slug).first()


def get_visible_course(*, course_id: int, include_hidden: bool = False) -> OutlinedCourse:
    """Return the course as ``find_visible_course`` does. Raises NotFound."""
    course = _visible(include_hidden=include_hidden).filter(pk=course_id).first()
    if course is None:
        raise NotFound(_("There is no such course."))
    return course


def _visible(*, include_hidden: bool) -> QuerySet[OutlinedCourse]:
    shown = CourseStatus.values if include_hidden else [CourseStatus.OPEN, CourseStatus.CLOSED]
    return _with_outline(Course.objects.filter(status__in=shown))


def get_page(*, slug: str, include_hidden: bool = False) -> CoursePage:
    """Return the offer behind an address in two queries. Raises NotFound when it is none."""
    course = find_visible_course(slug=slug, include_hidden=include_hidden)
    if course is None:
        raise NotFound(_("There is no such course."))
    return CoursePage(
        card=card_of(course),
        terms=CourseTerms(**{name: getattr(course, name) for name in TERMS_FIELDS}),
        description=course.description,
        outline=list_outline(course_id=course.pk),
    )


def card_of(course: OutlinedCourse) -> CourseCard:
    """Return the card of a course that ``catalogue`` or ``find_visible_course`` gave."""
    left = None if course.capacity is None else max(course.capacity - course.seats_taken, 0)
    return CourseCard(
        id=course.pk,
        slug=course.slug,
        title=course.title,
        summary=course.summary,
        category=course.category,
        language=course.language,
        cover_url=cover_url(slug=course.slug, cover_name=course.cover.name or ""),
        price_text=format_money(course.price_minor, course.currency) if course.price_minor else "",
        starts_at=course.starts_at,
        enrollment_opens_at=course.enrollment_opens_at,
        capacity=course.capacity,
        seats_left=left,
        availability=availability_of(course, now=timezone.now()),
        rating_average=course.rating_sum / course.rating_count if course.rating_count else None,
        rating_count=course.rating_count,
        participants=course.seats_taken,
        lesson_count=course.lesson_count,
        duration_minutes=course.duration_minutes,
    )


def cover_url(*, slug: str, cover_name: str) -> str:
    """Return the address of the cover, which changes with the picture; empty when there is none."""
    if not cover_name:
        return ""
    path = reverse("courses:cover", args=[slug]) + "?v=" + cover_name.rsplit("/", 1)[-1][:8]
    return str(settings.FILES_ORIGIN) + path
