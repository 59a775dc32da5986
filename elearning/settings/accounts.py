"""Who logs in, by what, and how often it may be tried."""

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from elearning.settings.environment import (
    ENVIRONMENT,
    PRODUCTION,
    SECRET_KEY,
    SECRET_KEY_FALLBACKS,
    env,
)

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
DEMO_PASSWORD = "learn-by-doing"  # noqa: S105  (the demo school's, printed at start)
PUBLISHED_PASSWORDS = [DEMO_PASSWORD] if PRODUCTION else []
"""They open no account, and nobody can choose them: a database may hold the demo school."""
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
ACCOUNT_CHANGE_EMAIL = True  # one address: a new one takes the place of the old
ACCOUNT_REAUTHENTICATION_TIMEOUT = env.int("REAUTHENTICATION_SECONDS", default=300)
EMAIL_CHANGE_UNDO_DAYS = env.int("EMAIL_CHANGE_UNDO_DAYS", default=7)
"""For so long the former address of an account may take a change of it back."""
API_TOKENS_PER_USER = env.int("API_TOKENS_PER_USER", default=50)
if min(ACCOUNT_REAUTHENTICATION_TIMEOUT, EMAIL_CHANGE_UNDO_DAYS, API_TOKENS_PER_USER) < 1:
    raise ImproperlyConfigured(
        "Set REAUTHENTICATION_SECONDS, EMAIL_CHANGE_UNDO_DAYS and API_TOKENS_PER_USER to 1 or more."
    )
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = False  # they count in a process's cache; ours count in the database
ACCOUNT_FORMS = {
    "login": "apps.students.counted_forms.LoginForm",
    "add_email": "apps.students.counted_forms.AddEmailForm",
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
if "SECOND_FACTOR_KEYS" in env.ENVIRON and not all(SECOND_FACTOR_KEYS):
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
