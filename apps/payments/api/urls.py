from django.urls import path

from apps.payments.api import views

urlpatterns = [
    path("payments/<int:payment_id>/", views.PaymentView.as_view(), name="api-payment"),
    path("payments/<int:payment_id>/charges/", views.ChargeListView.as_view(), name="api-charges"),
]
