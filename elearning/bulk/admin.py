"""Bulk jobs at the desk: look at what will happen, start it, watch it, read what was refused."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.decorators import display
from unfold.views import ChangeList

from apps import acting
from apps.desk import ReadOnlyAdmin, Text
from apps.refusals import Refusal
from elearning.bulk import queries, services
from elearning.bulk.kinds import BulkKind, kind_named, may_run
from elearning.bulk.models import BulkItem, BulkJob, BulkStatus, ItemStatus
from elearning.spreadsheet import csv_response
from foundation.agreement import FIELD, token_of
from foundation.desk.lists import DeskList

SHOWN_ROWS = 100
TONES = {
    ItemStatus.PENDING: "info",
    ItemStatus.DONE: "success",
    ItemStatus.UNCHANGED: "",
    ItemStatus.REFUSED: "warning",
    ItemStatus.FAILED: "danger",
}

STATE_TONES = {
    BulkStatus.DRAFT: "warning",
    BulkStatus.RUNNING: "info",
    BulkStatus.FINISHED: "success",
}


class JobList(DeskList):
    """Shows to whoever may not view bulk jobs those that she has started herself."""

    def get_queryset(
        self, request: HttpRequest, exclude_parameters: Any = None
    ) -> QuerySet[BulkJob]:
        jobs = super().get_queryset(request, exclude_parameters)
        may_view_all = request.user.has_perm("elearning.view_bulkjob")
        return jobs if may_view_all else jobs.filter(started_by_id=request.user.pk)


@admin.register(BulkJob)
class BulkJobAdmin(ReadOnlyAdmin):
    """Everybody sees the jobs that they have started; who may view bulk jobs, all of them."""

    tones = dict(STATE_TONES)
    list_display = ["__str__", "action", "state", "settled", "started_by", "created_at"]
    list_select_related = ["started_by"]
    list_filter = ["status", "kind", "created_at"]
    search_fields = [
        "started_by__email",
        "started_by__name",
        "started_by__latin_name",
        "items__label",
    ]
    ordering = ["-pk"]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return JobList

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if self.may(request, "view"):
            return True
        own = BulkJob.objects.filter(started_by_id=request.user.pk)
        return obj.started_by_id == request.user.pk if obj else own.exists()

    def get_urls(self) -> list[URLPattern]:
        protect = self.admin_site.admin_view
        names = {"start": self.start, "stop": self.stop, "discard": self.discard}
        pages = {"progress": self.progress, "outcomes": self.outcomes}
        return [
            *(
                path(f"<int:pk>/{name}/", protect(view), name=f"elearning_bulkjob_{name}")
                for name, view in (names | pages).items()
            ),
            *super().get_urls(),
        ]

    @display(description=gettext_lazy("action"))
    def action(self, job: BulkJob) -> Text:
        kind = _find_kind(job)
        return kind.label if kind else job.kind

    @display(description=gettext_lazy("progress"))
    def settled(self, job: Any) -> str:
        return f"{job.progress.settled:,} / {job.progress.total:,}"

    def read_more(self, rows: list[Any]) -> None:
        progress = queries.list_progress(job_ids=[job.pk for job in rows])
        for job in rows:
            job.progress = progress[job.pk]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        job: Any = self.get_object(request, unquote(object_id))
        if job is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_permission(request, job):
            raise PermissionDenied
        if request.method != "GET":
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            **_describe(job, request.user),
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/bulk/job.html", context)

    def progress(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Answer the part of the page that shows how far the job is."""
        job = self._get(request, pk)
        return render(request, "admin/bulk/progress.html", _describe(job, request.user))

    def outcomes(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        job = self._get(request, pk)
        header = [_("Row"), _("Object"), _("Status"), _("Message")]
        return csv_response(f"bulk-{job.pk}.csv", header=header, rows=_rows(job))

    @method_decorator(require_POST)
    def start(self, request: HttpRequest, pk: int) -> HttpResponse:
        job = self._get_own(request, pk)
        if not may_run(request.user, kind_named(job.kind)):
            raise PermissionDenied
        acting.doing(kind_named(job.kind).label)
        agreed = request.POST.get(FIELD, "")
        return self._act(request, job, partial(services.start_job, agreed=agreed))

    @method_decorator(require_POST)
    def stop(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._act(request, self._get_own(request, pk), services.stop_job)

    @method_decorator(require_POST)
    def discard(self, request: HttpRequest, pk: int) -> HttpResponse:
        job = self._get_own(request, pk)
        kind = _find_kind(job)
        back = reverse(kind.back_to if kind else "admin:index")
        try:
            services.discard_draft(job_id=job.pk)
        except Refusal as refusal:
            messages.error(request, str(refusal))
            return HttpResponseRedirect(self.change_url(job.pk))
        messages.info(request, _("Nothing has been changed."))
        return HttpResponseRedirect(back)

    def _act(self, request: HttpRequest, job: BulkJob, command: Any) -> HttpResponse:
        try:
            command(job_id=job.pk)
        except Refusal as refusal:
            messages.error(request, str(refusal))
        return HttpResponseRedirect(self.change_url(job.pk))

    def _get(self, request: HttpRequest, pk: int) -> BulkJob:
        job: Any = self.get_object(request, str(pk))
        if not self.has_view_permission(request, job):
            raise PermissionDenied
        if job is None:
            raise Http404
        return job

    def _get_own(self, request: HttpRequest, pk: int) -> BulkJob:
        """Return the job to whoever started it: nobody else answers for it."""
        job = self._get(request, pk)
        if job.started_by_id != request.user.pk:
            raise PermissionDenied
        return job


def _find_kind(job: BulkJob) -> BulkKind | None:
    try:
        return kind_named(job.kind)
    except KeyError:
        return None


def _describe(job: BulkJob, user: Any) -> dict[str, Any]:
    kind = _find_kind(job)
    progress = queries.get_progress(job_id=job.pk)
    is_draft = job.status == BulkStatus.DRAFT
    pending = job.items.filter(status=ItemStatus.PENDING)
    facts = list(pending.values_list("facts", flat=True)) if is_draft else []
    return {
        "title": kind.label if kind else job.kind,
        "job": job,
        "kind": kind,
        "progress": progress,
        "state_tone": STATE_TONES.get(job.status, ""),
        "is_draft": is_draft,
        "is_running": job.status == BulkStatus.RUNNING,
        "is_own": job.started_by_id == user.pk,
        "agreed": token_of(services.read_tokens(job)[1]) if is_draft and kind else "",
        "may_start": kind is not None and bool(facts) and may_run(user, kind),
        "reading": kind.find_reading(job.pk) if is_draft and kind and kind.find_reading else None,
        "warnings": kind.warns(facts) if kind and facts else [],
        "refused": _labelled(job, [ItemStatus.REFUSED, ItemStatus.FAILED]),
        "others": _labelled(job, [ItemStatus.PENDING, ItemStatus.DONE, ItemStatus.UNCHANGED]),
        "shown_rows": SHOWN_ROWS,
    }


def _labelled(job: BulkJob, statuses: list[ItemStatus]) -> list[BulkItem]:
    items = list(job.items.filter(status__in=statuses).order_by("position")[:SHOWN_ROWS])
    for item in items:
        item.tone = TONES[ItemStatus(item.status)]  # type: ignore[attr-defined]
    return items


def _rows(job: BulkJob) -> Iterator[list[Any]]:
    for item in job.items.order_by("position").iterator(1000):
        yield [item.position, item.label, item.get_status_display(), item.message]
