"""What the school writes: each kind of e-mail is a function from facts to a Letter.

A letter is plain data, written once: its text and its HTML are two renderings of it, so that they
cannot tell different things. Nothing here reads the database or sends anything.
"""

from apps.students.letters.kinds import (
    KINDS,
    SWITCHES,
    Kind,
    Switch,
    find_account_kind,
    kind_of_templates,
)
from apps.students.letters.letter import Attachment, Button, Letter
from apps.students.letters.rendering import Reader, Rendered, render

__all__ = [
    "KINDS",
    "SWITCHES",
    "Attachment",
    "Button",
    "Kind",
    "Letter",
    "Reader",
    "Rendered",
    "Switch",
    "find_account_kind",
    "kind_of_templates",
    "render",
]
