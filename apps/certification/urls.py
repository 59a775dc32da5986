from django.urls import path

from apps.certification import views

app_name = "certification"
urlpatterns = [
    path("verify/", views.ask_code, name="verify"),
    path("verify/<str:code>/", views.verify, name="verify"),
    path("certificates/<str:code>/latin-name/", views.latin_name, name="latin_name"),
    path("certificates/<str:code>/certificate.pdf", views.pdf, name="pdf"),
]
