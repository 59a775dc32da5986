"""The design system: themes, contrast, the weight of a page, and nothing left over."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.urls import reverse

from apps.courses.models import Course
from apps.lectures import queries as lectures
from elearning.tokens import contrast, list_colors

ROOT = Path(settings.BASE_DIR)
MAX_BYTES = 100_000
MAX_REQUESTS = 6  # the page itself, its styles and its scripts
GROUNDS = ("page", "surface", "raised", "sunken")
TEXTS = ("heading", "text", "muted", "primary", "success", "warning", "error", "accent", "gold")
TEXT_PAIRS = [
    *((text, ground) for text in TEXTS for ground in ("page", "surface", "raised")),
    *((text, "sunken") for text in ("heading", "text", "muted")),
    ("primary-on-soft", "primary-soft"),
    *((tone, f"{tone}-soft") for tone in ("success", "warning", "error", "accent")),
    *(("text", f"{tone}-soft") for tone in ("primary", "success", "warning", "error")),
    ("on-solid", "primary-solid"),
    ("on-solid", "primary-solid-hover"),
    ("on-solid", "error-solid"),
    ("on-solid", "error-solid-hover"),
    ("text", "selection"),
]
SHAPE_PAIRS = [
    *((shape, ground) for shape in ("control", "focus", "meter") for ground in GROUNDS[:3]),
    ("star", "surface"),
]


@pytest.fixture
def colors():
    return {color.name: color for color in list_colors()}


@pytest.mark.parametrize(("pairs", "least"), [(TEXT_PAIRS, 4.5), (SHAPE_PAIRS, 3.0)])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_contrast_is_sufficient(colors, theme, pairs, least):
    measured = {
        (front, back): contrast(getattr(colors[front], theme), getattr(colors[back], theme))
        for front, back in pairs
    }
    assert {pair: ratio for pair, ratio in measured.items() if ratio < least} == {}


def test_contrast_is_that_of_wcag():
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


# --- theme ----------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_chosen_theme_is_kept_and_leads_back(client, theme):
    response = client.post("/theme/", {"theme": theme, "next": "/courses/?price=free"})

    assert response.url == "/courses/?price=free"
    assert f'data-theme="{theme}"' in client.get("/courses/").text
    assert f'data-theme="{theme}"' in client.get("/nothing/").text


@pytest.mark.django_db
def test_automatic_theme_follows_the_system(client):
    client.post("/theme/", {"theme": "dark"})
    client.post("/theme/", {"theme": "auto"})

    assert "data-theme=" not in client.get("/courses/").text


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example", "javascript:1", ""])
def test_theme_never_leads_elsewhere(client, address):
    response = client.post("/theme/", {"theme": '"><script>', "next": address})

    assert response.url == "/"
    assert "theme" not in response.cookies
    assert client.get("/theme/").status_code == 405


# --- style guide ----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_style_guide_is_for_staff_only(client, alice, carol):
    assert client.get("/styleguide/").status_code == 404
    client.force_login(alice)
    assert client.get("/styleguide/").status_code == 404
    client.force_login(carol)
    assert client.get("/styleguide/").status_code == 200


@pytest.mark.django_db
def test_style_guide_shows_every_component(client, carol):
    """By the classes of each component: of these none may be missing on the page."""
    client.force_login(carol)
    shown = set(re.findall(r"[\w-]+", " ".join(re.findall(r'class="([^"]*)"', styleguide(client)))))
    partials = (ROOT / "templates/components").glob("*.html")
    first_class = re.compile(r'class="([a-z][\w-]*)')
    expected = {
        match[1]
        for path in partials
        if path.stem not in {"notice_page", "language_switch", "navigation_links", "account_links"}
        and (match := first_class.search(path.read_text(encoding="utf-8")))
    }
    assert expected - shown == {"tabs"}  # of the account pages


def styleguide(client):
    return client.get(reverse("styleguide")).text


# --- weight ---------------------------------------------------------------------------------------

LINKED = re.compile(r'<(?:link rel="stylesheet" href|script src)="/static/([^"]+)"')


@pytest.fixture
def addresses(make_course, enroll, pay, learn, alice):
    """A page of each kind."""
    enrollment_id = enroll(alice, make_course(lessons=1))
    open_id = enroll(alice, make_course())
    pay(enrollment_id, alice)
    learn(enrollment_id, alice)
    room = f"/lectures/{enrollment_id}/"
    lesson_id = lectures.list_classroom(
        enrollment_id=enrollment_id, course_id=Course.objects.order_by("pk")[0].pk
    )[0].outline.id
    return [
        *("/", "/courses/", "/my/", "/accounts/profile/", "/accounts/email/", "/verify/"),
        *(f"/my/{enrollment_id}/", f"/lectures/{open_id}/checkout/", "/nothing/"),
        *(f"{room}lessons/{lesson_id}/", f"{room}certificate/"),
        *(room, f"{room}payment/", f"{room}cancellation/", f"{room}review/", "/styleguide/"),
    ]


@pytest.mark.django_db
def test_page_weighs_at_most_100_kb_in_6_requests(client, addresses, alice):
    client.force_login(alice)
    heavy = {}
    for address in [*addresses, "/accounts/login/", "/accounts/signup/"]:
        files = LINKED.findall(client.get(address, follow=True).text)
        total = sum(Path(str(finders.find(file))).stat().st_size for file in files)
        assert files, address
        if total > MAX_BYTES or len(files) + 1 > MAX_REQUESTS:
            heavy[address] = (total, files)
    assert heavy == {}


@pytest.mark.django_db
def test_page_with_htmx_uses_nothing_of_the_rarer_parts(client, addresses, alice):
    rare = classes_of("pages.css") - classes_of("site.css")
    client.force_login(alice)
    wrong = {}
    for address in addresses:
        text = client.get(address, follow=True).text
        used = set(" ".join(re.findall(r'class="([^"]*)"', text)).split())
        if "htmx.min.js" in text and used & rare:
            wrong[address] = used & rare
    assert wrong == {}


def classes_of(sheet: str) -> set[str]:
    css = re.sub(r"/\*.*?\*/|url\([^)]*\)", "", read(ROOT / "static/css" / sheet), flags=re.S)
    return set(re.findall(r"\.([a-z][\w-]*)", re.sub(r"\{[^{}]*\}", "{}", css)))


def test_styles_fetch_no_further_style():
    sheets = [*ROOT.glob("static/css/*.css"), ROOT / "static/vendor/fonts.css"]

    assert [path.name for path in sheets if "@import" in path.read_text(encoding="utf-8")] == []


# --- nothing left over ----------------------------------------------------------------------------


def test_every_class_of_the_styles_is_used_and_the_other_way_round():
    defined = classes_of("site.css") | classes_of("pages.css")
    written = "".join(map(read, page_templates())) + read(ROOT / "static/js/site.js")

    unused = {name for name in defined if not is_used(name, written)}

    assert unused == set()


def is_used(name: str, written: str) -> bool:
    """Return whether templates write the class, or its stem with a variant put in."""
    stem = name.rsplit("--", 1)[0] + "--{"
    return bool(re.search(rf"(?<![\w-]){name}(?![\w-])", written)) or (
        stem in written or bool(re.fullmatch(r"cover-\d", name))
    )


def page_templates():
    return [
        path for path in (ROOT / "templates").rglob("*.html") if "admin" not in path.parts
    ]  # fmt: skip


def read(path):
    return path.read_text(encoding="utf-8")
