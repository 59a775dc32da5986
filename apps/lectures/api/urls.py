from django.urls import path

from apps.lectures.api import views, waiting_views

urlpatterns = [
    path("lectures/", views.EnrollmentListView.as_view(), name="api-lectures"),
    path("lectures/<int:enrollment_id>/", views.EnrollmentView.as_view(), name="api-lecture"),
    path(
        "lectures/<int:enrollment_id>/lessons/<int:lesson_id>/completion/",
        views.CompletionView.as_view(),
        name="api-completion",
    ),
    path("waiting-list/", waiting_views.WaitingListView.as_view(), name="api-waiting-list"),
    path(
        "waiting-list/<int:entry_id>/",
        waiting_views.WaitingPlaceView.as_view(),
        name="api-waiting-place",
    ),
]
