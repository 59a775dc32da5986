from django.urls import path

from apps.students.views import (
    account,
    confirmation,
    email_undo,
    history,
    notifications,
    second_factor,
    sessions,
    staff_setup,
    tokens,
)

app_name = "students"
urlpatterns = [
    path("my/", history.history, name="history"),
    path("my/<int:lecture_id>/", history.timeline, name="timeline"),
    path("accounts/profile/", account.account, name="account"),
    path("accounts/sign-outs/", account.sign_out_everywhere, name="sign_outs"),
    path("accounts/confirmation/", confirmation.send_again, name="confirmation"),
    path("accounts/email/undo/<str:token>/", email_undo.email_undo, name="email_undo"),
    path("accounts/log-ins/", sessions.sessions, name="sessions"),
    path("accounts/log-ins/<int:session_id>/end/", sessions.end_session, name="session_end"),
    path(
        "accounts/second-factor-reset/<str:token>/",
        second_factor.reset,
        name="second_factor_reset",
    ),
    path("accounts/staff-setup/<str:token>/", staff_setup.staff_setup, name="staff_setup"),
    path("accounts/tokens/", tokens.tokens, name="tokens"),
    path("accounts/tokens/<int:token_id>/end/", tokens.end_token, name="token_end"),
    path("accounts/notifications/", notifications.notifications, name="notifications"),
    path("mail/unsubscribe/<str:token>/", notifications.unsubscribe, name="unsubscribe"),
]
