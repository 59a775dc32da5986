"""Every address of the system."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularSwaggerSplitView

from apps import serving
from apps.courses import urls as courses
from apps.courses.views import leads_on
from apps.lectures.views import enrolling
from apps.students.views import account
from elearning import (
    appearance,
    certificates,
    desk,
    health,
    home,
    list_export,
    preview,
    styleguide,
)
from elearning.dashboard import export
from elearning.imports import views as imports
from elearning.saved_views import views as saved_views
from foundation.api.schema import SchemaView

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
    path("courses/<str:slug>/", leads_on(enrolling.course), name="course"),
]

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("admin/login/", desk.log_in),
    path("admin/search/", admin.site.admin_view(desk.search)),
    path("admin/export/<str:table>/", admin.site.admin_view(export.export), name="desk_export"),
    path(
        "admin/export/<str:app_label>/<str:model_name>/",
        admin.site.admin_view(list_export.export_list),
        name="desk_export_list",
    ),
    path("admin/views/", admin.site.admin_view(saved_views.save), name="desk_save_view"),
    path(
        "admin/views/<int:pk>/deletion/",
        admin.site.admin_view(saved_views.delete),
        name="desk_delete_view",
    ),
    path("admin/import/", admin.site.admin_view(imports.upload), name="desk_import"),
    path(
        "admin/import/<int:pk>/encoding/",
        admin.site.admin_view(imports.read_again),
        name="desk_import_encoding",
    ),
    path(
        "admin/import/template/",
        admin.site.admin_view(imports.template),
        name="desk_import_template",
    ),
    path(
        "admin/courses/course/<int:pk>/as-student/",
        admin.site.admin_view(preview.show),
        name="desk_preview",
    ),
    path(
        "admin/courses/course/<int:pk>/as-student/page/",
        admin.site.admin_view(preview.page),
        name="desk_preview_page",
    ),
    path("admin/", admin.site.urls),
    path("accounts/data/", include("elearning.own_data.urls")),
    path(
        "accounts/sessions/",
        RedirectView.as_view(pattern_name="students:sessions"),
        name="usersessions",
    ),
    path("accounts/", include("allauth.urls")),
    path("", home.home, name="home"),
    path(
        "lectures/<int:enrollment_id>/certificate/",
        certificates.certificate_of_enrollment,
        name="certificate_of_enrollment",
    ),
    path("files/<str:signed>/<str:name>", serving.file, name="file"),
    path("theme/", appearance.choose_theme, name="theme"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
    path("i18n/setlang/", account.set_language, name="set_language"),
    path("api/schema/", SchemaView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("api/v1/", include(api)),
    path("", include((course_pages, courses.app_name))),
    path("", include("apps.lectures.urls")),
    path("", include("apps.certification.urls")),
    path("", include("apps.payments.urls")),
    path("", include("apps.students.urls")),
]

handler400 = "elearning.errors.bad_request"
handler403 = "elearning.errors.permission_denied"
handler404 = "elearning.errors.page_not_found"
handler500 = "elearning.errors.server_error"
