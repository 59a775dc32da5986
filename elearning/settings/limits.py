"""How much one request may cost (decision 0027): bytes by address, JSON, errors, calls, jobs."""

from django.core.exceptions import ImproperlyConfigured

from elearning.settings.environment import ENVIRONMENT, env

_KB = 1024
BODY_LIMITS = {
    "/api/v1/courses/": 256 * _KB,  # a description of 20,000 characters, each escaped as \uXXXX
    "/api/": 16 * _KB,
    "/webhooks/": 64 * _KB,
    "/admin/": 256 * _KB * _KB,  # covers and lesson files, which have limits of their own
    "/": 64 * _KB,
}
"""The most bytes of a request's body by the start of its path; the first match counts."""
STAFF_BODY_PATHS = ("/admin/",)
"""Where anyone but staff may send no more than to a page: the CSRF check reads before the view."""
JSON_MAX_MEMBERS = 64
"""Of one object, and of one array."""
JSON_MAX_DEPTH = 8
PROBLEM_MAX_ERRORS = 20
PROBLEM_MAX_TEXT = 500
"""Characters of any text in a problem, where it may repeat what was sent."""
IDEMPOTENCY_MAX_ANSWER_BYTES = 256 * _KB

STRANGER_CALLS_PER_MINUTE = env.int(
    "STRANGER_CALLS_PER_MINUTE",
    default={"production": 1200, "demo": 6000, "test": 1_000_000}[ENVIRONMENT],
)
"""Of one network address in one web process, without a log-in; more are answered 429."""
ONE_JOB_RETRY_SECONDS = 5
if STRANGER_CALLS_PER_MINUTE < 1:
    raise ImproperlyConfigured("Set STRANGER_CALLS_PER_MINUTE to 1 or more.")
