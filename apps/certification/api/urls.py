from django.urls import path

from apps.certification.api import views

urlpatterns = [
    path("certificates/", views.CertificateListView.as_view(), name="api-certificates"),
    path(
        "certificates/<int:certificate_id>/",
        views.CertificateView.as_view(),
        name="api-certificate",
    ),
]
