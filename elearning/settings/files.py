"""Static files, and what is uploaded."""

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from elearning.settings.environment import (
    ALLOWED_HOSTS,
    BASE_DIR,
    DATA_DIR,
    ENVIRONMENT,
    PRODUCTION,
    env,
)

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = (DATA_DIR if PRODUCTION else BASE_DIR / ".local") / "static"  # one for all data
WHITENOISE_USE_FINDERS = ENVIRONMENT == "test"  # elsewhere `run` collects them
PLAIN_STATIC = "django.contrib.staticfiles.storage.StaticFilesStorage"
HASHED_STATIC = "whitenoise.storage.CompressedManifestStaticFilesStorage"
"""Each file under a name that changes with it, so that browsers keep it; compressed beforehand."""
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": PLAIN_STATIC if WHITENOISE_USE_FINDERS else HASHED_STATIC},
}
MEDIA_ROOT = DATA_DIR / "media"  # never served as it is: every file goes through a view
DATA_UPLOAD_MAX_MEMORY_SIZE = 128 * 1024 * 1024
"""Of one form's fields: 300 lessons of 100,000 characters fit. BODY_LIMITS bound it by path."""
FILES_ORIGIN = env.str("FILES_ORIGIN", default="").rstrip("/")
"""Such as https://files.example.com, a host that serves uploads alone; empty: ``/files/`` here."""
if FILES_ORIGIN and urlsplit(FILES_ORIGIN).hostname not in ALLOWED_HOSTS:
    raise ImproperlyConfigured("Name the host of FILES_ORIGIN in ALLOWED_HOSTS, too.")
FILES_LINK_SECONDS = 300
LESSON_FILE_MAX_BYTES = 20 * 1024 * 1024
COVER_MAX_BYTES = 5 * 1024 * 1024
VIDEO_HOSTS = [host.lower() for host in env.list("VIDEO_HOSTS", default=[])]
"""Beside YouTube and Vimeo: hosts whose addresses can be embedded as they are."""
MEDIA_URL = "/admin/courses/course/media/"  # where staff fetch covers and lesson files
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000  # a course with hundreds of lessons is one form
DATA_UPLOAD_MAX_NUMBER_FILES = 1000  # its empty file fields count, too
