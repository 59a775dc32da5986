"""The student's review of a completed course."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.lectures import queries, services
from apps.lectures.forms import ReviewForm
from apps.lectures.queries import EnrollmentDetail
from apps.lectures.views.asking import student_id
from apps.lectures.views.refusing import missing_as_404, refused
from apps.refusals import InvalidInput, Refusal


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@missing_as_404()
def review(request: HttpRequest, enrollment_id: int) -> HttpResponse:
    enrollment = queries.get_detail(enrollment_id=enrollment_id, viewer_id=student_id(request))
    if enrollment.status != "completed":
        return _refuse(request, enrollment_id, services.ReviewRefused())
    written = queries.find_review(enrollment_id=enrollment_id)
    initial = {"rating": written.rating, "text": written.text} if written else None
    form = ReviewForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        try:
            _write(request, enrollment, form)
            return redirect("lectures:classroom", enrollment_id)
        except InvalidInput as refusal:  # a value that the service refuses is named in the form
            form.add_error(refusal.field, str(refusal))
        except Refusal as refusal:
            return _refuse(request, enrollment_id, refusal)
    context = {"form": form, "enrollment": enrollment, "written": written}
    return render(request, "lectures/review.html", context, status=400 if form.errors else 200)


def _write(request: HttpRequest, enrollment: EnrollmentDetail, form: ReviewForm) -> None:
    services.write_review(
        enrollment_id=enrollment.id, student_id=enrollment.student_id, **form.cleaned_data
    )
    messages.success(request, _("Thank you! Your review is on the page of the course."))


def _refuse(request: HttpRequest, enrollment_id: int, refusal: Refusal) -> HttpResponse:
    back = reverse("lectures:classroom", args=[enrollment_id])
    return refused(request, refusal, back=back, label=_("To the classroom"))
