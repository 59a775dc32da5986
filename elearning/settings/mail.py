"""How e-mails leave."""

from django.core.exceptions import ImproperlyConfigured

from elearning.settings.environment import DATA_DIR, PRODUCTION, env
from elearning.settings.servers import CELERY_TASK_TIME_LIMIT

DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Suryeo Academy <school@example.com>")
REPLY_TO_EMAIL = env.str("REPLY_TO_EMAIL", default=DEFAULT_FROM_EMAIL)
EMAIL_TIMEOUT = 10
MAIL_LEASE_SECONDS = CELERY_TASK_TIME_LIMIT  # whoever is at it longer is dead
EMAIL_FILE_PATH = str(DATA_DIR / "mail")
vars().update(
    env.email_url("EMAIL_URL")
    if "EMAIL_URL" in env.ENVIRON
    else {"EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend"}
)
if PRODUCTION and "EMAIL_URL" not in env.ENVIRON:
    raise ImproperlyConfigured("Set EMAIL_URL: production sends real e-mail.")
