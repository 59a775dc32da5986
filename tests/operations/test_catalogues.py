"""`manage.py messages`: what it extracts, keeps, compiles and complains of."""

import gettext
from pathlib import Path

import pytest

from elearning import catalogues

PYTHON = """
from django.utils.translation import gettext_lazy as _, ngettext, pgettext_lazy

HELLO = _("Hello %(name)s")
SEATS = ngettext("%(count)s seat", "%(count)s seats", 2)
MAY = pgettext_lazy("month", "May")
"""
TEMPLATE = """{% load i18n %}
      <p>it's "quoted"</p>
  {% blocktranslate trimmed count total=n %}
    One course
  {% plural %}
    {{ total }} courses
  {% endblocktranslate %}
 {% translate "Enroll" context "button" %}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("apps", "templates", "locale"):
        (tmp_path / name).mkdir()
    (tmp_path / "apps" / "views.py").write_text(PYTHON)
    (tmp_path / "templates" / "page.html").write_text(TEMPLATE)
    return tmp_path


def korean(project: Path) -> Path:
    return project / "locale" / "ko" / "LC_MESSAGES" / "django.po"


def translate(project: Path, **strings: str) -> None:
    text = korean(project).read_text()
    for msgid, msgstr in strings.items():
        text = text.replace(f'msgid "{msgid}"\nmsgstr ""', f'msgid "{msgid}"\nmsgstr "{msgstr}"')
    korean(project).write_text(text)


def whats(project: Path, language: str = "ko") -> list[str]:
    return [problem.what for problem in catalogues.find_problems(project, language)]


def test_messages_are_found_in_python_and_templates(project):
    found = {(message.context, message.id) for message in catalogues.extract_messages(project)}

    assert found - {(None, "")} == {
        (None, "Hello %(name)s"),
        (None, ("%(count)s seat", "%(count)s seats")),
        ("month", "May"),
        (None, ("One course", "%(total)s courses")),
        ("button", "Enroll"),
    }


def test_third_party_strings_are_taken_along(project):
    (project / "locale" / catalogues.THIRD_PARTY).write_text('msgid "Select value"\nmsgstr ""\n')

    assert "Select value" in catalogues.extract_messages(project)


def test_english_is_complete_without_translations_and_korean_is_not(project):
    for language in ("ko", "en"):
        catalogues.update(project, language)

    assert whats(project, "en") == []
    assert whats(project) == ["untranslated"] * 5


def test_update_keeps_translations_and_compiles_only_what_is_translated(project):
    catalogues.update(project, "ko")
    translate(project, May="5월")

    catalogues.update(project, "ko")

    with korean(project).with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert compiled.pgettext("month", "May") == "5월"
    assert compiled.gettext("Hello %(name)s") == "Hello %(name)s"
    assert compiled.ngettext("%(count)s seat", "%(count)s seats", 1) == "%(count)s seat"


def test_check_finds_a_catalogue_that_is_not_compiled(project):
    catalogues.update(project, "ko")
    translate(project, May="5월")

    assert "not compiled" in whats(project)


def test_check_finds_new_and_removed_messages(project):
    catalogues.update(project, "en")
    (project / "apps" / "views.py").write_text(PYTHON.replace("Hello", "Welcome"))

    assert sorted(whats(project, "en")) == ["left over", "missing"]


def test_a_changed_message_gets_no_guessed_translation(project):
    catalogues.update(project, "ko")
    korean(project).write_text(
        korean(project)
        .read_text()
        .replace('%(name)s"\nmsgstr ""', '%(name)s"\nmsgstr "%(name)s님"')
    )
    (project / "apps" / "views.py").write_text(PYTHON.replace("Hello", "Hello,"))

    catalogues.update(project, "ko")

    assert "님" not in korean(project).read_text()


@pytest.mark.parametrize("wrong", ["안녕", "안녕 %(nam)s", "안녕 %(name)d"])
def test_check_finds_other_placeholders(project, wrong):
    catalogues.update(project, "ko")
    korean(project).write_text(
        korean(project).read_text().replace('%(name)s"\nmsgstr ""', f'%(name)s"\nmsgstr "{wrong}"')
    )

    assert "other placeholders than its msgid" in whats(project)


def test_check_finds_fuzzy_translations(project):
    catalogues.update(project, "ko")
    translate(project, May="5월")
    korean(project).write_text(
        korean(project).read_text().replace('msgctxt "month"', '#, fuzzy\nmsgctxt "month"')
    )

    assert "fuzzy" in whats(project)
