"""Verifying a certificate, as a page and as JSON; downloading it."""

import pytest
from django.urls import reverse

from apps.certification import services as certification
from apps.certification.models import Certificate

pytestmark = pytest.mark.django_db


@pytest.fixture
def certificate(alice, make_course, enroll, learn, deliver_all):
    learn(enroll(alice, make_course(price_minor=0)), alice)
    deliver_all()
    return Certificate.objects.get()


def verify(client, code, **headers):
    return client.get(reverse("certification:verify", args=[code]), headers=headers)


def verify_json(client, code):
    return verify(client, code, accept="application/json")


def test_anyone_sees_that_it_is_valid(client, certificate):
    response = verify(client, certificate.code)

    for part in ("This certificate is valid.", "Alice Kim", "Introduction to SQL"):
        assert part in response.text
    assert "alice@example.com" not in response.text
    assert "Download" not in response.text
    assert response.headers["X-Robots-Tag"] == "noindex"
    assert "Accept" in response.headers["Vary"]


def test_revoked_one_says_when_and_not_why(client, certificate):
    certification.revoke_certificate(certificate_id=certificate.pk, reason="Cheated in the exam")

    text = verify(client, certificate.code).text

    assert "not valid any more" in text
    assert "It was revoked on" in text
    assert "Cheated" not in text


def test_replaced_one_names_its_successor(client, certificate):
    certification.reissue_certificate(
        certificate_id=certificate.pk, student_name="Alice Lee", reason="Married"
    )
    successor = Certificate.objects.get(status="issued")

    assert verify(client, successor.code).text.count(certificate.code) > 0
    assert successor.code in verify(client, certificate.code).text
    assert verify_json(client, certificate.code).json()["replaced_by"] == successor.code
    assert verify_json(client, successor.code).json()["replaces"] == certificate.code


@pytest.mark.parametrize("change", [str.lower, lambda code: code.replace("-", ""), " {} ".format])
def test_code_is_found_as_people_type_it(client, certificate, change):
    response = verify(client, change(certificate.code))

    assert response.url == reverse("certification:verify", args=[certificate.code])
    assert verify_json(client, change(certificate.code)).json()["code"] == certificate.code


def test_json_says_what_stands_on_the_certificate_and_no_more(client, certificate):
    body = verify_json(client, certificate.code).json()

    assert set(body) == {
        "status", "code", "student_name", "student_latin_name", "course_title", "completed_at",
        "issued_at", "revoked_at", "replaces", "replaced_by", "verify_url",
    }  # fmt: skip
    assert body["status"] == "issued"
    assert body["student_name"] == "Alice Kim"
    assert body["verify_url"].endswith(f"/verify/{certificate.code}/")


@pytest.mark.parametrize("code", ["0000-0000-0000", "x", "🎉", "<script>", "a" * 3000, "%2e%2e"])
def test_unknown_code_is_404_with_help(client, db, code):
    page, problem = verify(client, code), verify_json(client, code)

    assert page.status_code == problem.status_code == 404
    assert "Compare it with the printed one" in page.text
    assert "<script>alert" not in page.text
    assert problem.headers["Content-Type"] == "application/problem+json"
    assert problem.json()["code"] == "certificate_unknown"


def test_form_leads_from_a_typed_code_to_the_certificate(client, certificate):
    address = reverse("certification:verify")
    typed = f" {certificate.code.lower().replace('-', ' ')} "

    response = client.get(address, {"code": typed}, follow=True)

    assert response.redirect_chain[-1][0] == reverse(
        "certification:verify", args=[certificate.code]
    )
    assert client.get(address).status_code == 200
    assert client.get(address, {"code": "../"}).status_code == 400
    assert client.get(address, {"code": ""}).status_code == 400
    assert client.get(address, {"code": "x" * 41}).status_code == 400


def test_verify_costs_one_query(client, certificate, django_assert_num_queries):
    with django_assert_num_queries(1):
        verify(client, certificate.code)


def test_owner_downloads_the_pdf(client, certificate, alice):
    client.force_login(alice)
    address = reverse("certification:pdf", args=[certificate.code])

    response = client.get(address)

    assert address in verify(client, certificate.code).text
    assert response.headers["Content-Type"] == "application/pdf"
    assert f'filename="certificate-{certificate.code}.pdf"' in response["Content-Disposition"]
    assert response.content.startswith(b"%PDF-")


def test_pdf_is_for_its_owner_and_staff(client, certificate, mallory, carol):
    address = reverse("certification:pdf", args=[certificate.code])

    assert client.get(address).url.startswith(reverse("account_login"))
    client.force_login(mallory)
    assert client.get(address).status_code == 404
    client.force_login(carol)
    assert client.get(address).status_code == 200


def test_revoked_one_is_not_printed(client, certificate, alice):
    certification.revoke_certificate(certificate_id=certificate.pk, reason="Mistake")
    client.force_login(alice)

    response = client.get(reverse("certification:pdf", args=[certificate.code]), follow=True)

    assert "A revoked certificate cannot be downloaded." in response.text
    assert "Download the PDF" not in response.text
