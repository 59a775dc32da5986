"""The REST API and its schema."""

from datetime import timedelta

from elearning.settings.environment import ENVIRONMENT, env

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
