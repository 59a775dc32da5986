from django.urls import path

from apps.courses.api import views

urlpatterns = [
    path("courses/", views.CourseListView.as_view(), name="api-courses"),
    path("courses/<int:course_id>/", views.CourseView.as_view(), name="api-course"),
    path(
        "courses/<int:course_id>/lessons/",
        views.LessonListView.as_view(),
        name="api-course-lessons",
    ),
]
