"""Buttons of a row's page: what each says beforehand, and the service call that it makes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from unfold.decorators import action
from unfold.enums import ActionVariant

Text = str | Promise


@dataclass(frozen=True)
class Button:
    """What a button is called, when it is offered, what it warns of and what it does."""

    label: Text
    command: Callable[..., Text]
    offered: Callable[[Any], bool]
    warns: Callable[[Any, Any], Iterable[Text]]
    form: type[forms.Form]
    initial: Callable[[Any], dict[str, Any]]
    permission: str
    variant: ActionVariant
    changes_row: bool

    def facts(self, admin: Any, row: Any) -> dict[str, Any] | None:
        """Return what the button's page says of the row, which pressing it agrees to."""
        if row is None:
            return None
        said = [str(warning) for warning in self.warns(admin, row)]
        state = getattr(row, "status", "")
        return {"row": str(row), "state": state, "initial": self.initial(row), "said": said}


def button(
    *,
    label: Text,
    icon: str,
    offered: Callable[[Any], bool],
    warns: Callable[[Any, Any], Iterable[Text]],
    form: type[forms.Form] = forms.Form,
    initial: Callable[[Any], dict[str, Any]] = lambda row: {},
    permission: str = "change",
    variant: ActionVariant = ActionVariant.DEFAULT,
    changes_row: bool = True,
) -> Callable[[Callable[..., Text]], Callable[..., HttpResponse]]:
    """Make a method of a DeskAdmin a button of the row's page; name it in ``actions_detail``.

    The method takes the row, ``agreed`` and the form's values, makes one service call, which gets
    ``agreed``, and returns the message of its success. ``offered`` decides what is shown, never
    what is allowed: the service does. ``warns(admin, row)`` says the consequences, which are agreed
    to; ``permission`` is Django's, on the model and, by ``has_row_permission``, on the row. What
    ``changes_row`` is False for, such as an e-mail, is noted in the audit log, where no trigger
    would record it.
    """

    def decorate(command: Callable[..., Text]) -> Callable[..., HttpResponse]:
        pressed = Button(
            label, command, offered, warns, form, initial, permission, variant, changes_row
        )

        def page(admin: Any, request: HttpRequest, object_id: str) -> HttpResponse:
            answer: HttpResponse = admin.button_page(request, object_id, pressed)
            return answer

        page.__name__ = command.__name__
        decorated = action(page, description=label, icon=icon, variant=variant)
        decorated.button = pressed
        return decorated

    return decorate
