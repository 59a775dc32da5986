"""Which applications there are, and what every request passes."""

from elearning.settings.environment import BASE_DIR

INSTALLED_APPS = [
    "elearning",
    "unfold",
    "unfold.contrib.filters",
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
    "foundation.batches",
    "foundation.guards",
    "foundation.invariants",
    "foundation.text",
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
    "elearning.unstorable.UnstorableTextMiddleware",
    "elearning.middleware.PlainHttpMiddleware",
    "elearning.middleware.BodyLimitMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "elearning.middleware.StaffBodyMiddleware",
    "elearning.middleware.SessionAgeMiddleware",
    "elearning.staff.IdleStaffMiddleware",
    "elearning.audit.middleware.ActingMiddleware",
    "elearning.middleware.TimeZoneMiddleware",
    "elearning.middleware.LiveLogInMiddleware",
    "foundation.pages.next_page.NextPageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "elearning.throttling.TooManyCallsMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "elearning.middleware.FormErrorsMiddleware",
    "elearning.middleware.TooManyTriesMiddleware",
    "elearning.staff.SecondFactorMiddleware",
    "elearning.sensitive.ReauthenticationMiddleware",
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
