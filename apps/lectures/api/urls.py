from django.urls import path

from apps.lectures.api import views

urlpatterns = [
    path("lectures/", views.EnrollmentListView.as_view(), name="api-lectures"),
    path("lectures/<int:enrollment_id>/", views.EnrollmentView.as_view(), name="api-lecture"),
    path(
        "lectures/<int:enrollment_id>/lessons/<int:lesson_id>/completion/",
        views.CompletionView.as_view(),
        name="api-completion",
    ),
]
