"""What every page knows."""

from django.conf import settings
from django.http import HttpRequest

from elearning.appearance import theme_of


def school(request: HttpRequest) -> dict[str, object]:
    return {
        "school_name": settings.SCHOOL_NAME,
        "is_demo": settings.ENVIRONMENT == "demo",
        "theme": theme_of(request),
    }
