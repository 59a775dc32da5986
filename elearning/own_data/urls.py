from django.urls import path

from elearning.own_data import views

app_name = "own_data"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("json/", views.as_json, name="json"),
    path("pdf/", views.as_pdf, name="pdf"),
    path("removal/", views.removal, name="removal"),
]
