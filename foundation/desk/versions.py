"""What a form of the desk was opened with, so that saving it undoes nothing of somebody else's.

The page carries a digest of each field's value, for the row and for each of its inline rows. On
saving, a field that holds something else by now, and not what was typed, is a conflict: nothing is
saved, and the page shows both values to choose from.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files import File
from django.db.models import Model
from django.forms import BaseForm
from django.forms.formsets import DELETION_FIELD_NAME
from django.utils import timezone
from django.utils.formats import localize
from django.utils.translation import gettext as _

from foundation.agreement import token_of

FIELD = "edited"
CHOICE = "choose-"
MINE, THEIRS = "mine", "theirs"
DIGEST_LENGTH = 8
NOTHING = "–"
Versions = dict[str, dict[str, str]]


@dataclass(frozen=True)
class Conflict:
    """A field that somebody else changed since the form was opened; both values in words.

    ``name`` is the field's in the posted form. ``chosen`` is what is taken unless the editor says
    otherwise: theirs where nothing was typed, and nothing where both changed it.
    """

    name: str
    label: str
    theirs: str
    mine: str
    chosen: str

    @property
    def choice(self) -> str:
        return CHOICE + self.name


def read_versions(text: str) -> Versions:
    """Return the digests as the page carried them; an unreadable text knows no field."""
    try:
        versions = json.loads(text)
    except ValueError:
        return {}
    known = isinstance(versions, dict) and all(isinstance(v, dict) for v in versions.values())
    return versions if known else {}


def versions_of(forms: dict[str, BaseForm]) -> str:
    """Return the digests of the stored values of these forms, as the page is to carry them."""
    return json.dumps({key: digests(form) for key, form in forms.items()}, separators=(",", ":"))


def digests(form: BaseForm) -> dict[str, str]:
    return {name: _digest(value) for name, value in _stored(form)}


def find_conflicts(form: BaseForm, opened: dict[str, str], *, about: str = "") -> list[Conflict]:
    """Return the fields of a posted form that were changed since it was opened."""
    now = digests(form)
    theirs = [name for name in now if opened.get(name) != now[name]]
    if theirs and form.data.get(form.add_prefix(DELETION_FIELD_NAME)):
        return [_deletion(form, about)]
    differing = set(form.changed_data)
    return [_conflict(form, name, opened, about) for name in theirs if name in differing]


def is_untouched(form: BaseForm, opened: dict[str, str]) -> bool:
    """Return whether what was posted is what the form was opened with."""
    return all(_typed_digest(form, name) == digest for name, digest in opened.items())


def as_posted(form: BaseForm, name: str) -> list[tuple[str, str]]:
    """Return what a browser would send for the stored value of the field."""
    stored: Any = type(form)
    bound = stored(instance=getattr(form, "instance", None), prefix=form.prefix)[name]
    widget = bound.field.widget
    attrs = bound.build_widget_attrs({}, widget)
    return list(_sent(widget.get_context(bound.html_name, bound.value(), attrs)["widget"]))


def in_words(form: BaseForm, name: str, value: Any) -> str:
    """Return the value as the conflict's page shows it."""
    choices = getattr(form.fields[name], "choices", None)
    if choices is not None:
        values = [value] if isinstance(value, str) or not hasattr(value, "__iter__") else value
        chosen = {_plain(each) for each in values}
        labels = [str(label) for key, label in _flat(choices) if _plain(key) in chosen]
        return ", ".join(labels) or NOTHING
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, datetime):
        return str(localize(timezone.localtime(value) if timezone.is_aware(value) else value))
    if isinstance(value, File):
        return (value.name or NOTHING).rpartition("/")[2]
    return NOTHING if value in (None, "") else str(value)


def _stored(form: BaseForm) -> Iterator[tuple[str, Any]]:
    key = getattr(form, "_meta", None) and form._meta.model._meta.pk.name  # type: ignore[attr-defined]
    for name, field in form.fields.items():
        if not field.disabled and name not in {key, DELETION_FIELD_NAME} and not _is_parent(field):
            yield name, _parsed(field, form.get_initial_for_field(field, name))


def _parsed(field: Any, value: Any) -> Any:
    """Return a stored value as the field reads what is typed, such as ``10,000`` as a number."""
    try:
        return field.to_python(value) if isinstance(value, str) else value
    except ValidationError:
        return value


def _is_parent(field: Any) -> bool:
    return hasattr(field, "parent_instance")  # an inline row's link to its owner


def _conflict(form: BaseForm, name: str, opened: dict[str, str], about: str) -> Conflict:
    typed, raw, label = _typed_digest(form, name), form[name].data, str(form[name].label)
    as_typed = isinstance(raw, str) and not hasattr(form.fields[name], "choices")
    return Conflict(
        name=form.add_prefix(name),
        label=f"{about} · {label}" if about else label,
        theirs=in_words(form, name, form.get_initial_for_field(form.fields[name], name)),
        mine=in_words(form, name, raw if as_typed else _typed(form, name)),
        chosen=THEIRS if typed == opened.get(name) else "",
    )


def _deletion(form: BaseForm, about: str) -> Conflict:
    name = form.add_prefix(DELETION_FIELD_NAME)
    return Conflict(name, about, _("changed since, and kept"), _("deleted"), "")


def _typed(form: BaseForm, name: str) -> Any:
    """Return the posted value, cleaned by its field; what cannot be cleaned stays a text."""
    field, raw = form.fields[name], form[name].data
    try:
        return raw if isinstance(raw, File) else field.clean(raw)
    except ValidationError:
        return raw if isinstance(raw, str) else str(raw)
    except TypeError:  # a file's field wants to know the stored one, too
        return form.get_initial_for_field(field, name)


def _typed_digest(form: BaseForm, name: str) -> str:
    return _digest(_typed(form, name)) if name in form.fields else ""


def _digest(value: Any) -> str:
    return token_of(_plain(value))[:DIGEST_LENGTH]


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str):
        return (value or "").replace("\r\n", "\n").strip()
    if isinstance(value, datetime):
        return timezone.localtime(value, timezone.get_default_timezone()).isoformat()
    if isinstance(value, Model):
        return str(value.pk)
    if isinstance(value, File):
        return value.name
    if hasattr(value, "__iter__"):
        return sorted(str(_plain(each)) for each in value)
    return str(value)


def _flat(choices: Any) -> Iterator[tuple[Any, Any]]:
    for key, label in choices:
        if isinstance(label, list | tuple):
            yield from _flat(label)
        else:
            yield getattr(key, "value", key), label


def _sent(widget: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if "subwidgets" in widget:
        for part in widget["subwidgets"]:
            yield from _sent(part)
    elif "optgroups" in widget:
        options = (option for _title, group, _index in widget["optgroups"] for option in group)
        yield from ((widget["name"], str(each["value"])) for each in options if each["selected"])
    elif widget.get("type") == "checkbox":
        if widget["attrs"].get("checked"):
            yield widget["name"], str(widget.get("value") or "on")
    elif widget.get("type") != "file":
        yield widget["name"], "" if widget["value"] is None else str(widget["value"])
