"""Saved views: kept under a name, found above their list, shared or own, deletable."""

import unicodedata

import pytest
from django.urls import reverse

from elearning.saved_views.models import SavedView
from elearning.saved_views.services import MAX_VIEWS, save_view

LIST = "/admin/lectures/enrollment/"
QUERY = "q=kim&status__exact=requested&o=-3"


@pytest.fixture
def desk(client, carol):
    client.force_login(carol)
    return client


def save(client, *, name="Unpaid Kims", query=QUERY, model="lectures.enrollment", **more):
    data = {"name": name, "query": query, "model": model} | more
    return client.post(reverse("desk_save_view"), data, follow=True)


def test_filters_search_and_order_are_kept_under_a_name(desk):
    page = save(desk, query=f"{QUERY}&p=3&e=1")

    view = SavedView.objects.get()
    assert view.query == "o=-3&q=kim&status__exact=requested"
    assert page.request["QUERY_STRING"] == view.query
    html = page.content.decode()
    assert 'aria-current="true">Unpaid Kims' in html
    assert "Delete the view “Unpaid Kims”" in html


def test_view_of_the_same_name_is_written_over(desk):
    save(desk)
    save(desk, query="status__exact=cancelled", is_shared="on")

    view = SavedView.objects.get()
    assert (view.query, view.is_shared) == ("status__exact=cancelled", True)


def test_own_view_is_seen_by_its_owner_and_a_shared_one_by_all(desk, client, staff_with):
    save(desk, name="Own")
    save(desk, name="Shared", query="status__exact=cancelled", is_shared="on")
    client.force_login(staff_with("lectures.view_enrollment"))

    html = client.get(LIST).content.decode()

    assert ">Shared" in html
    assert ">Own" not in html
    assert "Own" not in client.get("/admin/payments/payment/").content.decode()


def test_only_its_owner_deletes_a_view(desk, client, carol, staff_with):
    save(desk, is_shared="on")
    url = reverse("desk_delete_view", args=[SavedView.objects.get().pk])
    client.force_login(staff_with("lectures.view_enrollment"))
    assert client.post(url).status_code == 404
    assert "Delete the view" not in client.get(f"{LIST}?{QUERY}").content.decode()

    client.force_login(carol)
    assert "is deleted" in client.post(url, follow=True).content.decode()
    assert not SavedView.objects.exists()


@pytest.mark.parametrize("name", ["", "   ", "가" * 61])
def test_name_that_cannot_be_kept_is_refused_with_the_limit(desk, name):
    assert "at most 60 characters" in save(desk, name=name).content.decode()
    assert not SavedView.objects.exists()


def test_name_passes_the_gate_of_text(desk):
    save(desk, name=unicodedata.normalize("NFD", "미납 수강"))
    refused = save(desk, name="a\u202eb").content.decode()

    assert SavedView.objects.get().name == "미납 수강"
    assert "U+202E" in refused


def test_too_long_filters_and_too_many_views_are_refused(desk, carol):
    assert "too long" in save(desk, query="q=" + "a" * 3000).content.decode()
    for number in range(MAX_VIEWS):
        facts = {"user_id": carol.pk, "model": "lectures.enrollment", "query": ""}
        save_view(**facts, name=str(number), is_shared=False)
    assert "Delete one first" in save(desk).content.decode()
    assert "is saved" in save(desk, name="7").content.decode()


def test_view_belongs_to_a_list_that_its_saver_may_see(client, staff_with, mallory):
    client.force_login(staff_with("courses.view_course"))
    assert save(client).status_code == 403
    assert save(client, model="students.historyentry").status_code == 404
    assert save(client, model="../..").status_code == 404
    client.force_login(mallory)
    assert save(client).redirect_chain[0][1] == 302
    assert not SavedView.objects.exists()


def test_name_is_shown_as_text(desk):
    html = save(desk, name="<script>alert(1)</script>").content.decode()

    assert "<script>alert(1)" not in html


def test_saving_is_a_post(desk):
    assert desk.get(reverse("desk_save_view")).status_code == 405
