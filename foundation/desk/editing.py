"""Save a form of the desk unless somebody else saved the row meanwhile: then both are shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.admin.utils import unquote
from django.db import transaction
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin

from foundation.desk import posted
from foundation.desk.versions import (
    CHOICE,
    FIELD,
    MINE,
    THEIRS,
    Conflict,
    Versions,
    as_posted,
    find_conflicts,
    in_words,
    is_untouched,
    read_versions,
    versions_of,
)

CARRIED_ELSEWHERE = {FIELD, "csrfmiddlewaretoken"}
GONE = "-gone"


class VersionedEditing(ModelAdmin):
    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Compare and save in one transaction, under the lock of the row."""
        if request.method != "POST" or object_id is None or FIELD not in request.POST:
            return super().changeform_view(request, object_id, form_url, extra_context)
        with transaction.atomic():
            row = self.get_object(request, unquote(object_id))
            if row is not None and self.has_change_permission(request, row):
                self.get_queryset(request).select_for_update(no_key=True, of=("self",)).get(
                    pk=row.pk
                )
                answer = self._settle_conflicts(request, row)
                if answer is not None:
                    return answer
            return super().changeform_view(request, object_id, form_url, extra_context)

    def _settle_conflicts(self, request: HttpRequest, row: Any) -> HttpResponse | None:
        """Take the choices of the conflicts' page; return that page where there are more."""
        request.POST = request.POST.copy()  # type: ignore[assignment]
        self._choose(request, row)
        opened = read_versions(request.POST[FIELD])
        main, formsets = self._posted_forms(request, row)
        conflicts = [
            *find_conflicts(main, opened.get("", {})),
            *(found for formset in formsets for found in _conflicts_within(formset, opened)),
        ]
        forms = [form for formset in formsets for form in formset.initial_forms]
        unsettled = [each for each in conflicts if not self._is_place(request, forms, each)]
        if not unsettled:
            return None
        return self._show_conflicts(request, row, unsettled)

    def _is_place(self, request: HttpRequest, forms: list[BaseForm], conflict: Conflict) -> bool:
        """Take the stored place of an inline row that was not moved: there is nothing to choose."""
        ordering = {getattr(inline, "ordering_field", None) for inline in self.inlines} - {None}
        name = conflict.name.rpartition("-")[2]
        form = next((form for form in forms if form.add_prefix(name) == conflict.name), None)
        if form is None or name not in ordering or conflict.chosen != THEIRS:
            return False
        take_theirs(request, form, name)
        return True

    def _posted_forms(self, request: HttpRequest, row: Any) -> tuple[BaseForm, list[Any]]:
        form = self.get_form(request, row, change=True)(request.POST, request.FILES, instance=row)
        formsets, _inlines = self._create_formsets(request, row, change=True)
        return form, formsets

    def _choose(self, request: HttpRequest, row: Any) -> None:
        """Put what was chosen into what was posted; the last rows first, for they may move."""
        data: Any = request.POST
        asked = [key for key in data if key.startswith(CHOICE)]
        choices = {key.removeprefix(CHOICE): data.pop(key)[-1] for key in asked}
        if not choices:
            return
        main, formsets = self._posted_forms(request, row)
        forms = [main, *(form for formset in formsets for form in formset.initial_forms)]
        for form in forms:
            for name in form.fields:
                if choices.get(form.add_prefix(name)) == THEIRS:
                    take_theirs(request, form, name)
        gone = [name for name in choices if name.endswith(GONE)]
        for name in sorted(gone, key=_row_of, reverse=True):
            prefix = name.removesuffix(GONE).rpartition("-")[0]
            keep = choices[name] == MINE
            posted.take_out(data, request.FILES, prefix, _row_of(name), keep_as_new=keep)

    def _show_conflicts(
        self, request: HttpRequest, row: Any, conflicts: list[Conflict]
    ) -> HttpResponse:
        main, formsets = self._posted_forms(request, row)
        data = request.POST
        context = {
            **self.admin_site.each_context(request),
            "title": _("Somebody else saved this while you were editing"),
            "opts": self.opts,
            "row": row,
            "conflicts": conflicts,
            "carried": [
                (name, value)
                for name in data
                if name not in CARRIED_ELSEWHERE
                for value in data.getlist(name)
            ],
            "files": [(name, getattr(file, "name", "")) for name, file in request.FILES.items()],
            "edited": versions_of(_by_key(main, formsets)),
        }
        return TemplateResponse(request, "admin/desk/conflicts.html", context, status=409)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **more: Any
    ) -> HttpResponse:
        formsets = [inline.formset for inline in context["inline_admin_formsets"]]
        if more.get("change"):
            context["edited"] = versions_of(_by_key(context["adminform"].form, formsets))
        return super().render_change_form(request, context, *args, **more)


def take_theirs(request: HttpRequest, form: BaseForm, name: str) -> None:
    """Let the posted form hold the stored value of the field."""
    data: Any = request.POST
    html_name = form.add_prefix(name)
    request.FILES.pop(html_name, None)
    data.pop(f"{html_name}-clear", None)
    values = as_posted(form, name) if name in getattr(form, "base_fields", {}) else []
    posted.replace(data, html_name, values)


def _by_key(main: BaseForm, formsets: list[Any]) -> dict[str, BaseForm]:
    rows = {
        f"{formset.prefix}:{form.instance.pk}": form
        for formset in formsets
        for form in formset.initial_forms
        if form.instance.pk
    }
    return {"": main, **rows}


def _conflicts_within(formset: Any, opened: Versions) -> Iterator[Conflict]:
    for number, form in enumerate(formset.initial_forms):
        key = f"{formset.prefix}:{form.data.get(form.add_prefix(formset.model._meta.pk.name))}"
        if form.instance.pk:
            title = f"{formset.model._meta.verbose_name} “{form.instance}”"
            yield from find_conflicts(form, opened.get(key, {}), about=title)
        elif key in opened and not form.data.get(form.add_prefix("DELETE")):
            yield _gone(formset, form, number, untouched=is_untouched(form, opened[key]))
        elif key in opened:
            yield _gone(formset, form, number, untouched=True)


def _gone(formset: Any, form: BaseForm, number: int, *, untouched: bool) -> Conflict:
    """Say that somebody else deleted the row, which may be kept as a new one."""
    name = next((name for name in ("title", "name") if name in form.fields), "")
    title = in_words(form, name, form[name].data) if name else str(number + 1)
    return Conflict(
        name=f"{formset.prefix}-{number}{GONE}",
        label=str(formset.model._meta.verbose_name),
        theirs=_("deleted"),
        mine=title,
        chosen=THEIRS if untouched else "",
    )


def _row_of(name: str) -> int:
    return int(name.removesuffix(GONE).rpartition("-")[2])
