"""Every address of the system."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from elearning import health

api = [
    path("", include("apps.students.api.urls")),
    path("", include("apps.courses.api.urls")),
    path("", include("apps.lectures.api.urls")),
    path("", include("apps.payments.api.urls")),
    path("", include("apps.certification.api.urls")),
]

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("admin/login/", RedirectView.as_view(pattern_name="account_login", query_string=True)),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    path("api/v1/", include(api)),
    path("", include("apps.courses.urls")),
    path("", include("apps.lectures.urls")),
    path("", include("apps.certification.urls")),
    path("", include("apps.students.urls")),
]

handler400 = "elearning.errors.bad_request"
handler403 = "elearning.errors.permission_denied"
handler404 = "elearning.errors.page_not_found"
handler500 = "elearning.errors.server_error"
