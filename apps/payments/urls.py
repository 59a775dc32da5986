from django.urls import path

from apps.payments import views

app_name = "payments"
urlpatterns = [
    path("webhooks/payments/<str:gateway>/", views.PaymentWebhookView.as_view(), name="webhook"),
]
