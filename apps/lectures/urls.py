from django.urls import path

from apps.lectures.views import cancelling, classroom, enrolling, paying, reviewing, waiting

app_name = "lectures"
urlpatterns = [
    path("lectures/", enrolling.enroll, name="enroll"),
    path("lectures/<int:enrollment_id>/", classroom.classroom, name="classroom"),
    path("lectures/<int:enrollment_id>/checkout/", paying.checkout, name="checkout"),
    path("lectures/<int:enrollment_id>/payment/", paying.payment, name="payment"),
    path(
        "lectures/<int:enrollment_id>/cancellation/", cancelling.cancellation, name="cancellation"
    ),
    path("lectures/<int:enrollment_id>/lessons/<int:lesson_id>/", classroom.lesson, name="lesson"),
    path(
        "lectures/<int:enrollment_id>/lessons/<int:lesson_id>/completion/",
        classroom.lesson_completion,
        name="lesson_completion",
    ),
    path(
        "lectures/<int:enrollment_id>/lessons/<int:lesson_id>/file/",
        classroom.lesson_file,
        name="lesson_file",
    ),
    path("lectures/<int:enrollment_id>/review/", reviewing.review, name="review"),
    path("waiting-list/", waiting.waiting_list, name="waiting_list"),
    path("waiting-list/<int:entry_id>/departure/", waiting.departure, name="departure"),
]
