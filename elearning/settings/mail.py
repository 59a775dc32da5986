"""How e-mails leave."""

from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from elearning.settings.environment import DATA_DIR, PRODUCTION, SITE_URL, env
from elearning.settings.servers import CELERY_TASK_TIME_LIMIT

SENDER = f"no-reply@{urlsplit(SITE_URL).hostname}" if PRODUCTION else "school@example.com"
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"Suryeo Academy <{SENDER}>")
REPLY_TO_EMAIL = env.str("REPLY_TO_EMAIL", default=DEFAULT_FROM_EMAIL)
EMAIL_TIMEOUT = 10
MAIL_LEASE_SECONDS = CELERY_TASK_TIME_LIMIT  # whoever is at it longer is dead
EMAIL_FILE_PATH = str(DATA_DIR / "mail")


def read_email_url() -> dict[str, Any]:
    """Return Django's settings of e-mail. Raises ImproperlyConfigured for an unknown scheme."""
    if "EMAIL_URL" not in env.ENVIRON:
        return {"EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend"}
    try:
        read = env.email_url("EMAIL_URL")
    except (ImproperlyConfigured, ValueError) as error:
        raise ImproperlyConfigured(
            "Set EMAIL_URL to a mail server, such as smtp+tls://user:password@mail.example.com:587."
        ) from error
    ports = {"EMAIL_USE_TLS": 587, "EMAIL_USE_SSL": 465}
    default = next((port for name, port in ports.items() if read.get(name)), 25)
    return {**read, "EMAIL_PORT": read.get("EMAIL_PORT") or default}


vars().update(read_email_url())
