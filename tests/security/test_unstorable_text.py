"""Text that the database cannot store is refused by name, wherever it comes in: never a 500."""

import pytest
from django.urls import reverse

from tests.conftest import PASSWORD
from tests.security.every_url import every_url
from tests.security.test_every_url import client_for, fill, people, world

__all__ = ["people", "world"]
pytestmark = pytest.mark.django_db
NULL = "a\x00b"
FIELDS = [
    *("name", "model", "query", "title", "slug", "text", "email", "login", "password", "password1"),
    *("latin_name", "language", "time_zone", "token", "course", "code", "next", "theme", "action"),
    *("shown", "rating", "index", "_selected_action", "select_across", "oldpassword", "q"),
]


@pytest.mark.parametrize("role", ["stranger", "owner", "carol"])
def test_form_with_a_null_byte_is_no_fault_of_any_page(world, people, role):
    client, wrong = client_for(role, people), []
    for address in every_url():
        path = fill(address, world)
        if path.startswith(("/api/", "/webhooks/")):
            continue
        answer = client.post(path, dict.fromkeys(FIELDS, NULL))
        if answer.status_code >= 500:
            wrong.append(f"{path} ({address.name}): {answer.status_code}")

    assert not wrong, "\n".join(wrong)


def test_refusal_names_the_field_in_the_style_of_the_site(client):
    answer = client.get("/courses/?search=%00")

    assert answer.status_code == 400
    assert "“search” holds a character that cannot be stored" in answer.text
    assert 'class="site-header' in answer.text


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "\udfff half"])
def test_query_string_path_and_header_are_refused(client, text):
    encoded = text.encode("utf-8", "surrogatepass")
    quoted = "".join(f"%{byte:02X}" for byte in encoded)

    asked = [
        client.get(f"/courses/?q={quoted}"),
        client.get(f"/courses/{quoted}/"),
        client.get(f"/api/v1/courses/?search={quoted}"),
        client.get("/courses/", {f"{'q'}": "x"}, HTTP_USER_AGENT=text),
        client.get("/api/v1/courses/", HTTP_AUTHORIZATION=f"Token {text}"),
        client.get("/courses/", HTTP_REFERER=text),
    ]

    assert all(answer.status_code < 500 for answer in asked)
    assert [answer.status_code for answer in asked[3:]] == [400] * 3
    if "\x00" in text:
        assert {answer.status_code for answer in asked} == {400}


@pytest.mark.parametrize("name", ["sessionid", "csrftoken", "django_language", "theme"])
def test_cookie_with_an_escaped_null_byte_is_refused(client, name):
    for path in ("/", "/my/", "/admin/", "/api/v1/history/"):
        answer = client.get(path, HTTP_COOKIE=f'{name}="a\\000b"')
        assert answer.status_code == 400, path


@pytest.mark.parametrize("target", ["a\x00b", "no-such-name", "home"])
def test_next_that_is_no_path_is_passed_over(client, alice, target):
    given = {"login": alice.email, "password": PASSWORD, "next": target}

    assert client.post(reverse("theme"), {"theme": "dark", "next": target}).url == "/"
    assert client.post(reverse("account_login"), given).url == reverse("students:history")


def test_file_name_with_a_null_byte_reaches_no_table(client, carol):
    from django.core.files.uploadedfile import SimpleUploadedFile

    client.force_login(carol)
    file = SimpleUploadedFile("a\x00b.csv", b"email,name\n", "text/csv")

    assert client.post(reverse("desk_import"), {"file": file}).status_code < 500
