from django.urls import path

from apps.students.api import views

urlpatterns = [
    path("auth/token/", views.TokenView.as_view(), name="api-token"),
    path("auth/tokens/", views.TokenListView.as_view(), name="api-tokens"),
    path("auth/tokens/<int:token_id>/", views.OpenTokenView.as_view(), name="api-token-end"),
    path("students/", views.StudentListView.as_view(), name="api-students"),
    path("students/me/", views.MeView.as_view(), name="api-me"),
    path("history/", views.HistoryView.as_view(), name="api-history"),
]
