"""``courses:course``, the page of one course, is added above: see ``elearning.urls``."""

from django.urls import path

from apps.courses import views

app_name = "courses"
urlpatterns = [
    path("courses/", views.catalogue, name="catalogue"),
    path("files/courses/<str:slug>/cover/", views.cover, name="cover"),
    path("courses/<str:slug>/lessons/<int:lesson_id>/", views.preview, name="preview"),
]
