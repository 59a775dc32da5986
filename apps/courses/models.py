"""What is offered: the course, its lessons, its seats and its states."""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePath
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, FSMField, transition

from apps.courses import policies
from apps.money import MAX_MINOR
from foundation.file_names import MAX_SHOWN_LENGTH, shown_name, stored_name
from foundation.printing.glyphs import lost_in_print
from foundation.text.search import SearchKey
from foundation.video_urls import VideoURLField

MAX_CAPACITY = 1_000_000
MAX_LOST_SHOWN = 20
NO_PAYMENTS = _(
    "This school takes no payments (PAYMENT_GATEWAY=none), so only free courses can be open. Set"
    " the price to 0, or connect a payment gateway first."
)


class CourseStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    OPEN = "open", _("Open")
    CLOSED = "closed", _("Closed")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class RefundPolicy(models.TextChoices):
    """What a cancellation gives back; the rule itself is lectures.policies.refund_amount."""

    UNTIL_START = "until_start", _("Full refund until the course starts")
    TUITION_LAW = "tuition_law", _("By elapsed time, as the Korean Academies Act prescribes")
    FULL = "full", _("Full refund until completion")
    NONE = "none", _("No refund once paid")


def currency_choices() -> list[tuple[str, str]]:
    return [(code, code) for code in settings.CURRENCIES]


def default_currency() -> str:
    return str(settings.DEFAULT_CURRENCY)


def cover_path(course: Course, filename: str) -> str:
    return f"covers/{uuid4().hex}{PurePath(filename).suffix.lower()}"


def lesson_file_path(lesson: Lesson, filename: str) -> str:
    """Return a path that every file system takes, and note the name that the upload had."""
    lesson.file_name = shown_name(filename)
    return f"lessons/{uuid4().hex}/{stored_name(filename)}"


class Course(ConcurrentTransitionMixin, models.Model):
    """One offer of the school. ``capacity`` None is unlimited; prices are in minor units."""

    title = models.CharField(_("title"), max_length=200)
    slug = models.SlugField(
        _("address"), max_length=220, unique=True, allow_unicode=True, blank=True,
        help_text=_("The last part of the page's address. Left empty, it is made of the title."),
    )  # fmt: skip
    summary = models.CharField(_("summary"), max_length=300, blank=True)
    description = models.TextField(
        _("description"), max_length=20_000, blank=True, help_text=_("Markdown")
    )
    category = models.CharField(_("category"), max_length=60, blank=True, db_index=True)
    language = models.CharField(
        _("language"), max_length=5, choices=settings.LANGUAGES, default="ko",
        help_text=_("The language that the course is taught in."),
    )  # fmt: skip
    cover = models.ImageField(_("cover picture"), upload_to=cover_path, blank=True)
    price_minor = models.BigIntegerField(
        _("price"), default=0,
        validators=[MinValueValidator(0), MaxValueValidator(MAX_MINOR)],
        help_text=_("In the currency's smallest unit: won, or cents. 0 makes the course free."),
    )  # fmt: skip
    currency = models.CharField(
        _("currency"), max_length=3, choices=currency_choices, default=default_currency
    )
    capacity = models.PositiveIntegerField(
        _("seats"), null=True, blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_CAPACITY)],
        help_text=_("Left empty, the number of seats is unlimited."),
    )  # fmt: skip
    seats_taken = models.PositiveIntegerField(_("seats taken"), default=0, editable=False)
    enrollment_opens_at = models.DateTimeField(_("enrollment opens at"), null=True, blank=True)
    enrollment_closes_at = models.DateTimeField(_("enrollment closes at"), null=True, blank=True)
    starts_at = models.DateTimeField(
        _("starts at"), null=True, blank=True,
        help_text=_("Left empty, the course is self-paced: it starts with the enrollment."),
    )  # fmt: skip
    ends_at = models.DateTimeField(_("ends at"), null=True, blank=True)
    completion_threshold_percent = models.PositiveSmallIntegerField(
        _("completion threshold"), default=100,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("Percent of the lessons that must be completed."),
    )  # fmt: skip
    refund_policy = models.CharField(
        _("refund policy"), max_length=20, choices=RefundPolicy.choices,
        default=RefundPolicy.TUITION_LAW,
    )  # fmt: skip
    rating_sum = models.PositiveIntegerField(default=0, editable=False)
    rating_count = models.PositiveIntegerField(_("reviews"), default=0, editable=False)
    status = FSMField(
        _("status"), default=CourseStatus.DRAFT, choices=CourseStatus.choices, protected=True
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    claim_id = models.BigIntegerField(null=True, unique=True, editable=False)
    """The Idempotency-Key's claim that registered it: a request done again finds its course."""
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("course")
        verbose_name_plural = _("courses")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=CourseStatus.values), name="course_status_is_known"
            ),
            models.CheckConstraint(
                condition=Q(price_minor__gte=0, price_minor__lte=MAX_MINOR),
                name="course_price_is_sane",
            ),
            models.CheckConstraint(
                condition=Q(capacity__isnull=True) | Q(seats_taken__lte=F("capacity")),
                name="course_seats_are_not_oversold",
                violation_error_message=_("More seats are taken than this. Free some seats first."),
            ),
            models.CheckConstraint(
                condition=Q(completion_threshold_percent__range=(1, 100)),
                name="course_threshold_is_a_percentage",
            ),
            models.CheckConstraint(
                condition=Q(refund_policy__in=RefundPolicy.values),
                name="course_refund_policy_is_known",
            ),
            models.CheckConstraint(
                condition=Q(status="withdrawn", withdrawn_at__isnull=False)
                | (~Q(status="withdrawn") & Q(withdrawn_at__isnull=True)),
                name="course_withdrawn_has_its_time",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "starts_at"], name="course_catalogue"),
            models.Index(SearchKey("slug"), name="course_address_as_typed"),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        self._refuse_unprintable_title()
        for field, message in policies.date_order_problems(
            enrollment_opens_at=self.enrollment_opens_at,
            enrollment_closes_at=self.enrollment_closes_at,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
        ):
            raise ValidationError({field: message})
        if self.capacity is not None and self.capacity < self.seats_taken:
            message = _("%(count)d seats are taken; there cannot be fewer.")
            raise ValidationError({"capacity": message % {"count": self.seats_taken}})
        if self._is_priced_while_open():
            raise ValidationError({"price_minor": NO_PAYMENTS})

    @property
    def can_be_sold(self) -> bool:
        return policies.course_can_be_sold(
            price_minor=self.price_minor, payments_enabled=settings.PAYMENTS_ENABLED
        )

    def _is_priced_while_open(self) -> bool:
        """Return whether an open course that was free gets a price that cannot be paid."""
        if self.status != CourseStatus.OPEN or self.can_be_sold:
            return False
        return Course.objects.filter(pk=self.pk, price_minor=0).exists()

    def _refuse_unprintable_title(self) -> None:
        """Refuse a new title that certificates could not show; an old one stays as it is."""
        lost = lost_in_print(self.title)
        if lost and not Course.objects.filter(pk=self.pk, title=self.title).exists():
            message = _(
                "The fonts of certificates lack “%(lost)s”. Write the title in Korean or Latin"
                " letters, and the other script in the summary."
            )
            raise ValidationError({"title": message % {"lost": lost[:MAX_LOST_SHOWN]}})

    @transition(
        field=status, source=[CourseStatus.DRAFT, CourseStatus.CLOSED], target=CourseStatus.OPEN
    )
    def open(self) -> None:
        """Offer the course, for the first time or again."""

    @transition(field=status, source=CourseStatus.OPEN, target=CourseStatus.CLOSED)
    def close(self) -> None:
        """Take no more enrollments; the running ones go on."""

    @transition(
        field=status,
        source=[CourseStatus.DRAFT, CourseStatus.OPEN, CourseStatus.CLOSED],
        target=CourseStatus.WITHDRAWN,
    )
    def withdraw(self, *, at: datetime) -> None:
        """Take the offer away for good; the row stays for what refers to it."""
        self.withdrawn_at = at


class FormerAddress(models.Model):
    """An address that a course once had: links to it lead on, until another course takes it."""

    slug = models.SlugField(max_length=220, unique=True, allow_unicode=True, editable=False)
    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="former_addresses")
    left_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        default_permissions = ()
        indexes = [models.Index(SearchKey("slug"), name="former_address_as_typed")]

    def __str__(self) -> str:
        return self.slug


class Lesson(models.Model):
    """One unit of a course's content: Markdown, perhaps a video by URL, perhaps a file."""

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="lessons")
    position = models.PositiveIntegerField(_("order"), default=0, db_index=True)
    title = models.CharField(_("title"), max_length=200)
    content = models.TextField(
        _("content"), max_length=100_000, blank=True, help_text=_("Markdown")
    )
    video_url = VideoURLField(
        _("video address"), blank=True, max_length=500,
        help_text=_("Of YouTube or Vimeo, as you copy it there."),
    )  # fmt: skip
    file = models.FileField(
        _("file"), upload_to=lesson_file_path, blank=True, max_length=300,
        help_text=_("Only the enrolled can download it."),
    )  # fmt: skip
    file_name = models.CharField(
        max_length=MAX_SHOWN_LENGTH, blank=True, default="", db_default="", editable=False
    )
    """The name that the file was uploaded under; storage may shorten it."""
    duration_minutes = models.PositiveSmallIntegerField(_("minutes"), default=0)
    is_preview = models.BooleanField(
        _("free preview"), default=False, help_text=_("Anyone can read it before enrolling.")
    )

    class Meta:
        verbose_name = _("lesson")
        verbose_name_plural = _("lessons")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.title

    @property
    def download_name(self) -> str:
        """The name of the file as its author knows it; empty without a file."""
        return (self.file_name or PurePath(self.file.name or "").name) if self.file else ""
