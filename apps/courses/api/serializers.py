"""Courses as the API takes and gives them; the limits are the model's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from django.conf import settings
from rest_framework import serializers

from apps.courses import queries
from apps.courses.models import Course, CourseStatus
from apps.strict import (
    ListQuery,
    StrictChoiceField,
    StrictModelSerializer,
)
from foundation.text.fields import LookupCharField

if TYPE_CHECKING:
    from apps.courses.queries import OutlinedCourse

HELP = {
    "title": "The name of the course.",
    "slug": "The last part of the page's address. Left out, it is made of the title.",
    "summary": "One or two sentences for the catalogue.",
    "description": "What the course is about, in Markdown.",
    "category": "One word to filter by, such as `Data`.",
    "language": "The language that it is taught in: `ko` or `en`.",
    "price_minor": "In the currency's smallest unit (won, cents). 0 makes the course free.",
    "currency": "ISO 4217 code of the price.",
    "capacity": "How many seats there are; null is unlimited.",
    "seats_taken": "How many seats are held or taken.",
    "enrollment_opens_at": "From when on one can enroll; null is at once.",
    "enrollment_closes_at": "Until when one can enroll; null is for ever.",
    "starts_at": "When it starts; null makes it self-paced.",
    "ends_at": "When it ends, or null.",
    "completion_threshold_percent": "Percent of the lessons that must be completed, 1 to 100.",
    "refund_policy": "What a cancellation gives back: `until_start` all before the start; "
    "`tuition_law` by elapsed time, as the Korean Academies Act prescribes; `full` all until "
    "completion; `none` nothing once paid.",
}


class CourseSerializer(StrictModelSerializer):
    """A course as it is offered."""

    status = serializers.ChoiceField(
        choices=CourseStatus.values,
        read_only=True,
        help_text="`draft`, `open`, `closed` or `withdrawn`.",
    )
    availability = serializers.SerializerMethodField(
        help_text="Whether one can enroll now: `open`, `full`, `upcoming` or `closed`."
    )
    seats_left = serializers.SerializerMethodField(
        help_text="How many seats are free; null is unlimited."
    )
    cover_url = serializers.SerializerMethodField(
        help_text="The address of the cover picture, or empty."
    )
    rating_average = serializers.SerializerMethodField(
        help_text="The average of the reviews, 1 to 5; null without any."
    )
    rating_count = serializers.IntegerField(read_only=True, help_text="How many reviews there are.")
    lesson_count = serializers.IntegerField(read_only=True, help_text="How many lessons it has.")
    duration_minutes = serializers.IntegerField(
        read_only=True, help_text="How long its lessons take together."
    )

    class Meta:
        model = Course
        fields = [
            "id", *HELP, "status", "availability", "seats_left", "cover_url", "rating_average",
            "rating_count", "lesson_count", "duration_minutes",
        ]  # fmt: skip
        read_only_fields = ["id", "seats_taken"]
        extra_kwargs: dict[str, dict[str, Any]] = {
            name: {"help_text": text} for name, text in HELP.items()
        } | {"id": {"help_text": "Stands as `course` on enrollments."}}

    def to_representation(self, instance: OutlinedCourse) -> dict[str, Any]:
        self.card = queries.card_of(instance)
        return super().to_representation(instance)

    def get_availability(self, course: Course) -> str:
        return self.card.availability

    def get_seats_left(self, course: Course) -> int | None:
        return self.card.seats_left

    def get_cover_url(self, course: Course) -> str:
        return urljoin(settings.SITE_URL, self.card.cover_url) if self.card.cover_url else ""

    def get_rating_average(self, course: Course) -> float | None:
        return self.card.rating_average


class NewCourseSerializer(CourseSerializer):
    """A course to register; only the title is required."""

    status = StrictChoiceField(
        choices=["draft", "open"],
        default="draft",
        help_text="`open` offers the course at once; by default it stays a `draft`.",
    )


class ChangedCourseSerializer(CourseSerializer):
    """What shall change of a course."""

    status = StrictChoiceField(
        choices=["open", "closed"],
        required=False,
        help_text="`open` offers the course, `closed` takes no more enrollments. "
        "To withdraw it, use DELETE.",
    )

    class Meta(CourseSerializer.Meta):
        extra_kwargs = {
            **CourseSerializer.Meta.extra_kwargs,
            "title": {"help_text": HELP["title"], "required": False},
        }


class LessonSerializer(serializers.Serializer):
    """A lesson of the outline."""

    id = serializers.IntegerField(help_text="Stands in the address of the lesson's completion.")
    title = serializers.CharField(help_text="The name of the lesson.")
    duration_minutes = serializers.IntegerField(help_text="How long it takes.")
    is_preview = serializers.BooleanField(help_text="Whether anyone can read it.")


class CatalogueQuery(ListQuery):
    """Filters and order of the catalogue."""

    search = LookupCharField(
        required=False, allow_blank=True, max_length=200,
        help_text="Words that stand in title, summary, description, category or address. Case,"
        " width and the spaces of Korean make no difference.",
    )  # fmt: skip
    category = LookupCharField(
        required=False,
        allow_blank=True,
        max_length=60,
        help_text="This category, however it is typed.",
    )
    language = StrictChoiceField(
        choices=settings.LANGUAGES,
        required=False,
        help_text="The language that it is taught in.",
    )
    price = StrictChoiceField(
        choices=["free", "paid"], required=False, help_text="Free courses only, or paid ones."
    )
    availability = StrictChoiceField(
        choices=["open", "full", "upcoming", "closed"],
        required=False,
        help_text="Whether one can enroll now.",
    )
    status = StrictChoiceField(
        choices=CourseStatus.values, required=False, help_text="For staff: only this state."
    )
    order = StrictChoiceField(
        choices=["starts", "newest", "price", "-price", "rating"],
        required=False,
        help_text="By start (the default), newest first, by price up or down, or best rated first.",
    )
