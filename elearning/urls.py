"""Every address of the system."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from apps.courses import urls as courses
from apps.lectures.views import enrolling
from apps.students.views import account
from elearning import appearance, certificates, desk, health, home, styleguide
from elearning.dashboard import export

api = [
    path("", include("apps.students.api.urls")),
    path("", include("apps.courses.api.urls")),
    path("", include("apps.lectures.api.urls")),
    path("", include("apps.payments.api.urls")),
    path("", include("apps.certification.api.urls")),
]

course_pages = [
    *courses.urlpatterns,
    # Of the course, but it shows reviews and the reader's own enrollment: courses cannot know them.
    path("courses/<str:slug>/", enrolling.course, name="course"),
]

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("admin/login/", desk.log_in),
    path("admin/search/", admin.site.admin_view(desk.search)),
    path("admin/export/<str:table>/", admin.site.admin_view(export.export), name="desk_export"),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("", home.home, name="home"),
    path(
        "lectures/<int:enrollment_id>/certificate/",
        certificates.certificate_of_enrollment,
        name="certificate_of_enrollment",
    ),
    path("theme/", appearance.choose_theme, name="theme"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
    path("i18n/setlang/", account.set_language, name="set_language"),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("api/v1/", include(api)),
    path("", include((course_pages, courses.app_name))),
    path("", include("apps.lectures.urls")),
    path("", include("apps.certification.urls")),
    path("", include("apps.students.urls")),
]

handler400 = "elearning.errors.bad_request"
handler403 = "elearning.errors.permission_denied"
handler404 = "elearning.errors.page_not_found"
handler500 = "elearning.errors.server_error"
