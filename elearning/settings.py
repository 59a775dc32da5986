"""Settings, read from the environment and validated at start.

Durations carry their unit in the name. ``ENVIRONMENT`` is ``demo`` (a laptop, nothing to prepare),
``test`` or ``production``; production refuses every default that is safe on a laptop only.
"""

import base64
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from elearning import embedded

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

ENVIRONMENT = env.str("ENVIRONMENT", default="demo")
if ENVIRONMENT not in {"demo", "test", "production"}:
    raise ImproperlyConfigured(f"ENVIRONMENT is demo, test or production, not {ENVIRONMENT!r}.")
PRODUCTION = ENVIRONMENT == "production"
DEBUG = env.bool("DEBUG", default=False)
CRASH_POINTS_DIR = env.str("CRASH_POINTS_DIR", default="")
if PRODUCTION and CRASH_POINTS_DIR:
    raise ImproperlyConfigured("Unset CRASH_POINTS_DIR: it is for tests, which kill processes.")


def required_in_production(name: str, default: str) -> str:
    """Return the variable, or ``default`` outside production. Raises ImproperlyConfigured."""
    value = env.str(name, default="" if PRODUCTION else default)
    if PRODUCTION and not value:
        raise ImproperlyConfigured(f"Set {name}: production has no default for it.")
    return value


SECRET_KEY = required_in_production("SECRET_KEY", default="for-a-demo-on-this-machine-only" * 2)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
"""Former keys, while what they signed and sealed still counts: put the new one in SECRET_KEY."""
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / ".local"))).resolve()
PORT = env.int("PORT", default=8000)
SITE_URL = required_in_production("SITE_URL", default=f"http://localhost:{PORT}").rstrip("/")
SCHOOL_NAME = env.str("SCHOOL_NAME", default="수려 아카데미 · Suryeo Academy")
ALLOWED_HOSTS = (
    required_in_production("ALLOWED_HOSTS", default="localhost,127.0.0.1,[::1],testserver")
).split(",")

# --- Applications -------------------------------------------------------------------------------

INSTALLED_APPS = [
    "elearning",
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "rest_framework",
    "knox",
    "django_filters",
    "django_fsm",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "apps.events",
    "apps.courses",
    "apps.payments",
    "apps.lectures",
    "apps.certification",
    "apps.students",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "elearning.middleware.ContentSecurityPolicyMiddleware",
    "elearning.middleware.FilesOriginMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "elearning.middleware.LanguageMiddleware",
    "elearning.middleware.PlainHttpMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "elearning.middleware.SessionAgeMiddleware",
    "elearning.staff.IdleStaffMiddleware",
    "elearning.audit.middleware.ActingMiddleware",
    "elearning.middleware.TimeZoneMiddleware",
    "elearning.middleware.NullByteMiddleware",
    "elearning.middleware.LiveLogInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "elearning.throttling.TooManyCallsMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "elearning.middleware.FormErrorsMiddleware",
    "elearning.middleware.TooManyTriesMiddleware",
    "elearning.staff.SecondFactorMiddleware",
    "elearning.idempotency.IdempotencyMiddleware",
]

ROOT_URLCONF = "elearning.urls"
WSGI_APPLICATION = "elearning.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "elearning.context_processors.school",
            ]
        },
    }
]

# --- Database, broker, cache --------------------------------------------------------------------

DATABASES = {"default": env.db_url("DATABASE_URL", default=embedded.database_url(DATA_DIR))}
DATABASES["default"] |= {
    "ATOMIC_REQUESTS": False,
    "CONN_MAX_AGE": 0,
    "CONN_HEALTH_CHECKS": True,  # the pool hands out no connection that a restart has cut
    "OPTIONS": {
        **DATABASES["default"].get("OPTIONS", {}),
        "pool": {
            "min_size": env.int("DATABASE_POOL_MIN_SIZE", default=1),
            "max_size": env.int("DATABASE_POOL_MAX_SIZE", default=10),
            "timeout": env.int("DATABASE_POOL_TIMEOUT_SECONDS", default=3),
        },
        "options": "-c lock_timeout=3s -c statement_timeout=15s"
        " -c idle_in_transaction_session_timeout=15s",
    },
}
if ENVIRONMENT == "test":  # the test runner drops and creates databases: no pool may hold one open
    del DATABASES["default"]["OPTIONS"]["pool"]

REDIS_URL = env.str("REDIS_URL", default=embedded.redis_url(DATA_DIR))
CACHES = {
    name: {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": name,
        "OPTIONS": {"MAX_ENTRIES": entries},
    }
    for name, entries in {"default": 300, "calls": 50_000}.items()
}

CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_SOFT_TIME_LIMIT = 25  # below the lease, so that two workers rarely hold one delivery
CELERY_TASK_TIME_LIMIT = 29
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 5
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_TIMEOUT = 1
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_VISIBILITY_TIMEOUT = 300  # seconds; above the longest task, in all three places
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": CELERY_VISIBILITY_TIMEOUT,
    "socket_timeout": 2,
    "socket_connect_timeout": 1,
    "unacked_restore_throttle": 1,
    "unacked_restore_interval": 2,
}
CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS = {"visibility_timeout": CELERY_VISIBILITY_TIMEOUT}

EVENTS_MAX_ATTEMPTS = 5
EVENTS_LEASE_SECONDS = 30
EVENTS_BACKOFF_SECONDS = [2, 10, 60, 300]
EVENTS_SWEEP_SECONDS = 5
EVENTS_SWEEP_BUDGET_SECONDS = 15
EVENTS_QUEUES = ["default", "certification"]

BULK_BUDGET_SECONDS = 12
BULK_LEASE_SECONDS = 35  # above the time limit of a task: no two workers hold one bulk job
BULK_KEEP_DAYS = 90

# --- Enrollment and payment ---------------------------------------------------------------------

ENROLLMENT_HOLD_SECONDS = env.int("ENROLLMENT_HOLD_SECONDS", default=24 * 3600)
WAITING_LIST_OFFER_SECONDS = env.int("WAITING_LIST_OFFER_SECONDS", default=24 * 3600)
if WAITING_LIST_OFFER_SECONDS < 1:
    raise ImproperlyConfigured("Set WAITING_LIST_OFFER_SECONDS to 1 or more.")
PAYMENT_REMINDER_HOURS = env.int("PAYMENT_REMINDER_HOURS", default=6)
START_REMINDER_HOUR = env.int("START_REMINDER_HOUR", default=9)  # of the day before, in TIME_ZONE
LESSON_REMINDER_AFTER_DAYS = env.int("LESSON_REMINDER_AFTER_DAYS", default=7)
LESSON_REMINDERS_PER_PAUSE = env.int("LESSON_REMINDERS_PER_PAUSE", default=4)
if min(PAYMENT_REMINDER_HOURS, LESSON_REMINDER_AFTER_DAYS, LESSON_REMINDERS_PER_PAUSE) < 1:
    raise ImproperlyConfigured(
        "Set PAYMENT_REMINDER_HOURS, LESSON_REMINDER_AFTER_DAYS and LESSON_REMINDERS_PER_PAUSE"
        " to 1 or more."
    )
if not 0 <= START_REMINDER_HOUR <= 23:
    raise ImproperlyConfigured("Set START_REMINDER_HOUR to an hour of the day, 0 to 23.")
CURRENCIES = env.list("CURRENCIES", default=["KRW", "USD", "EUR", "JPY"])
DEFAULT_CURRENCY = env.str("DEFAULT_CURRENCY", default="KRW")

PAYMENT_GATEWAY = env.str("PAYMENT_GATEWAY", default="sandbox")
PAYMENT_TOTAL_BUDGET_SECONDS = env.float("PAYMENT_TOTAL_BUDGET_SECONDS", default=6.0)
PAYMENT_MAX_ATTEMPTS = env.int("PAYMENT_MAX_ATTEMPTS", default=2)
PAYMENT_BACKOFF_INITIAL_SECONDS = env.float("PAYMENT_BACKOFF_INITIAL_SECONDS", default=0.1)
PAYMENT_BACKOFF_MAX_SECONDS = env.float("PAYMENT_BACKOFF_MAX_SECONDS", default=1.0)
PAYMENT_READ_TIMEOUT_SECONDS = env.float("PAYMENT_READ_TIMEOUT_SECONDS", default=4.0)
PAYMENT_BULKHEAD_CALLS = env.int("PAYMENT_BULKHEAD_CALLS", default=8)
PAYMENT_BULKHEAD_WAIT_SECONDS = env.float("PAYMENT_BULKHEAD_WAIT_SECONDS", default=0.2)
PAYMENT_BREAKER_WINDOW_CALLS = env.int("PAYMENT_BREAKER_WINDOW_CALLS", default=20)
PAYMENT_BREAKER_MIN_CALLS = env.int("PAYMENT_BREAKER_MIN_CALLS", default=10)
PAYMENT_BREAKER_FAILURE_PERCENT = env.int("PAYMENT_BREAKER_FAILURE_PERCENT", default=50)
PAYMENT_BREAKER_SLOW_SECONDS = env.float("PAYMENT_BREAKER_SLOW_SECONDS", default=3.0)
PAYMENT_BREAKER_OPEN_SECONDS = env.float("PAYMENT_BREAKER_OPEN_SECONDS", default=15.0)
PAYMENT_IN_PROGRESS_SECONDS = env.float("PAYMENT_IN_PROGRESS_SECONDS", default=10.0)
PAYMENT_SETTLE_AFTER_SECONDS = env.float("PAYMENT_SETTLE_AFTER_SECONDS", default=15.0)
PAYMENT_ABANDON_AFTER_SECONDS = env.float("PAYMENT_ABANDON_AFTER_SECONDS", default=60.0)
REFUND_BACKOFF_SECONDS = [10, 30, 120, 600]
SANDBOX_SLOW_TOKEN_SECONDS = env.float("SANDBOX_SLOW_TOKEN_SECONDS", default=2.0)
if PRODUCTION and PAYMENT_GATEWAY == "sandbox":
    raise ImproperlyConfigured("Set PAYMENT_GATEWAY: the sandbox takes no real money.")


def webhook_secret() -> str | None:
    """Return the secret that gateways sign with, or None. Raises ImproperlyConfigured."""
    if "PAYMENT_WEBHOOK_SECRET" not in env.ENVIRON:
        return None
    secret = env.str("PAYMENT_WEBHOOK_SECRET")
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        key = b""
    if not 24 <= len(key) <= 64:
        raise ImproperlyConfigured(
            "PAYMENT_WEBHOOK_SECRET: leave it unset, or set whsec_ and 24 to 64 random bytes in"
            " base64. An empty or short one would let anybody sign."
        )
    return secret


PAYMENT_WEBHOOK_SECRET = webhook_secret()

# --- People -------------------------------------------------------------------------------------

AUTH_USER_MODEL = "students.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": name}
    for name in (
        "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "django.contrib.auth.password_validation.MinimumLengthValidator",
        "django.contrib.auth.password_validation.CommonPasswordValidator",
        "apps.students.passwords.ContextValidator",
        "apps.students.passwords.DateValidator",
        "apps.students.passwords.BreachValidator",
    )
]
BREACHED_PASSWORDS_URL = env.str("BREACHED_PASSWORDS_URL", default="")
"""Such as https://api.pwnedpasswords.com/range/, or a copy of one's own; empty: nobody is asked."""
if BREACHED_PASSWORDS_URL and urlsplit(BREACHED_PASSWORDS_URL).scheme not in {"http", "https"}:
    raise ImproperlyConfigured("BREACHED_PASSWORDS_URL: set an address of http or https, or none.")
if ENVIRONMENT == "test":
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "students:history"
LOGOUT_REDIRECT_URL = "courses:catalogue"
ACCOUNT_ADAPTER = "apps.students.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "apps.students.forms.SignupForm"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"  # what keeps sign-up from telling who has an account
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 3
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_MAX_EMAIL_ADDRESSES = 2
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = False  # they count in a process's cache; ours count in the database
ACCOUNT_FORMS = {
    "signup": "apps.students.counted_forms.SignupForm",
    "reset_password": "apps.students.counted_forms.ResetPasswordForm",
    "change_password": "apps.students.counted_forms.ChangePasswordForm",
}

MFA_ADAPTER = "apps.students.second_factor.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_TOLERANCE = 1  # a clock may be a step of 30 s off; RFC 6238 allows no more
MFA_FORMS = {
    "authenticate": "apps.students.counted_forms.AuthenticateForm",
    "reauthenticate": "apps.students.counted_forms.ReauthenticateForm",
    "activate_totp": "apps.students.counted_forms.ActivateTOTPForm",
}
STAFF_NEEDS_SECOND_FACTOR = env.bool("STAFF_NEEDS_SECOND_FACTOR", default=PRODUCTION)
SECOND_FACTOR_KEYS = env.list("SECOND_FACTOR_KEYS", default=[SECRET_KEY, *SECRET_KEY_FALLBACKS])
if not all(SECOND_FACTOR_KEYS):
    raise ImproperlyConfigured("SECOND_FACTOR_KEYS: leave it unset, or list keys with commas.")
STAFF_IDLE_SECONDS = env.int("STAFF_IDLE_SECONDS", default=3600)
SESSION_MAX_AGE_SECONDS = env.int("SESSION_MAX_AGE_SECONDS", default=30 * 24 * 3600)
"""After which a log-in ends however busy it was; SESSION_COOKIE_AGE ends one that is not used."""
CALLS_PER_MINUTE = env.int("CALLS_PER_MINUTE", default=600 if PRODUCTION else 6000)
"""Of one account in one web process, by whichever way; more are answered 429."""
if min(STAFF_IDLE_SECONDS, SESSION_MAX_AGE_SECONDS, CALLS_PER_MINUTE) < 1:
    raise ImproperlyConfigured(
        "Set STAFF_IDLE_SECONDS, SESSION_MAX_AGE_SECONDS and CALLS_PER_MINUTE to 1 or more."
    )

# How often, and for how many seconds a try counts and a lockout lasts (decision 0011). A limit by
# address is for a whole school behind it; outside production only a flood reaches it.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=1 if PRODUCTION else 0)
LOCKOUT_SECONDS = env.int("LOCKOUT_SECONDS", default=15 * 60)
TRY_LIMITS = {
    "log_in": (env.int("LOG_IN_TRIES", default=10), LOCKOUT_SECONDS),
    "log_in_account": (env.int("LOG_IN_TRIES_PER_ACCOUNT", default=100), LOCKOUT_SECONDS),
    "log_in_address": (
        env.int("LOG_IN_TRIES_PER_ADDRESS", default=300 if PRODUCTION else 5000),
        LOCKOUT_SECONDS,
    ),
    "code": (env.int("CODE_TRIES", default=10), LOCKOUT_SECONDS),
    "spent_code": (1, 150),  # longer than a code of an authenticator is good for
    "sign_up": (env.int("SIGN_UPS_PER_EMAIL", default=5), 3600),
    "sign_up_address": (
        env.int("SIGN_UPS_PER_ADDRESS", default=500 if PRODUCTION else 5000),
        3600,
    ),
    "password_reset": (env.int("PASSWORD_RESETS_PER_EMAIL", default=5), 3600),
    "password_reset_address": (
        env.int("PASSWORD_RESETS_PER_ADDRESS", default=100 if PRODUCTION else 5000),
        3600,
    ),
    "confirmation": (1, 180),
}
for name, (tries, seconds) in TRY_LIMITS.items():
    if tries < 1 or seconds < 1:
        raise ImproperlyConfigured(f"Set the limit of {name!r} and its seconds to 1 or more.")

HOST_ONLY = "__Host-" if PRODUCTION else ""
"""The browser then takes a cookie of this name over HTTPS only, from this very host."""
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{HOST_ONLY}sessionid", f"{HOST_ONLY}csrftoken"
LANGUAGE_COOKIE_NAME, THEME_COOKIE_NAME = f"{HOST_ONLY}django_language", f"{HOST_ONLY}theme"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = PRODUCTION
LANGUAGE_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [SITE_URL]
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^api/v1/", r"^webhooks/"]  # refused: what was sent is out
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

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

# --- Language, time, files ----------------------------------------------------------------------

LANGUAGE_CODE = env.str("LANGUAGE_CODE", default="ko")
LANGUAGES = [("ko", _("Korean")), ("en", _("English"))]
FORMAT_MODULE_PATH = ["elearning.formats"]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.str("TIME_ZONE", default="Asia/Seoul")
USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
WHITENOISE_USE_FINDERS = not PRODUCTION
MEDIA_ROOT = DATA_DIR / "media"  # never served as it is: every file goes through a view
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILES_ORIGIN = env.str("FILES_ORIGIN", default="").rstrip("/")
"""Such as https://files.example.com, a host that serves uploads alone; empty: ``/files/`` here."""
if FILES_ORIGIN and urlsplit(FILES_ORIGIN).hostname not in ALLOWED_HOSTS:
    raise ImproperlyConfigured("Name the host of FILES_ORIGIN in ALLOWED_HOSTS, too.")
FILES_LINK_SECONDS = 300
LESSON_FILE_MAX_BYTES = 20 * 1024 * 1024
COVER_MAX_BYTES = 5 * 1024 * 1024
MEDIA_URL = "/admin/courses/course/media/"  # where staff fetch covers and lesson files
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000  # a course with hundreds of lessons is one form

# --- Desk (admin) -------------------------------------------------------------------------------

UNFOLD = {
    "SITE_TITLE": SCHOOL_NAME,
    "SITE_HEADER": SCHOOL_NAME,
    "SITE_URL": "/",
    "SITE_ICON": "elearning.desk.find_icon",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "elearning.desk.find_icon"}],
    "STYLES": ["elearning.desk.find_style"],
    "SCRIPTS": ["elearning.desk.find_script"],
    "SHOW_LANGUAGES": True,
    "DASHBOARD_CALLBACK": "elearning.desk.show_dashboard",
    "SIDEBAR": {"show_search": False, "navigation": "elearning.desk.list_menu"},
    "COLORS": {
        "primary": {
            "50": "#eff4ff", "100": "#e0e9fe", "200": "#c7d7fd", "300": "#9dbaff",
            "400": "#6b93f8", "500": "#4070ef", "600": "#1d4ed8", "700": "#1b3fae",
            "800": "#1d3588", "900": "#1c2f6b", "950": "#131e45",
        }
    },
}  # fmt: skip

# --- REST API -----------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "apps.students.api.authentication.TokenAuthentication",
        "apps.students.api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": ["elearning.throttling.CallsThrottle"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["apps.parsing.StrictJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "elearning.pagination.Pagination",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "elearning.problems.handle_exception",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
REST_KNOX = {"TOKEN_TTL": timedelta(days=30), "AUTO_REFRESH": False}
API_TOKEN_NEEDS_CONFIRMED_EMAIL = env.bool(
    "API_TOKEN_NEEDS_CONFIRMED_EMAIL", default=ENVIRONMENT != "demo"
)
IDEMPOTENCY_KEY_SECONDS = 24 * 3600
SPECTACULAR_SETTINGS = {
    "TITLE": "elearning API",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",  # 3.0 cannot say that an object may be null
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "COMPONENT_SPLIT_PATCH": False,  # what a PATCH requires, its serializer says
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,  # the labels are translated, the schema is English
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "elearning.schema.complete",
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# --- Logging ------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
}
