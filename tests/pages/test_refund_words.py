"""The refund terms in words say what the rule does."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from apps.lectures.policies import RefundTerms, refund_amount
from apps.lectures.views.refund_words import refund_sentences
from apps.zones import moment

START = datetime(2030, 3, 1, tzinfo=UTC)
END = START + timedelta(days=30)


def terms(policy, *, starts_at=START, ends_at=END, price_minor=90_000):
    return RefundTerms(
        policy=policy,
        price_minor=price_minor,
        starts_at=starts_at,
        ends_at=ends_at,
        progress_percent=0,
    )


@pytest.fixture
def speaking_english():
    with translation.override("en"):
        yield


def words(refund_terms):
    return refund_sentences(refund_terms, currency="KRW")


@pytest.mark.parametrize("policy", ["none", "full", "until_start", "tuition_law"])
@pytest.mark.parametrize("dates", [{}, {"ends_at": None}, {"starts_at": None, "ends_at": None}])
def test_every_policy_is_explained_in_sentences(speaking_english, policy, dates):
    sentences = words(terms(policy, **dates))

    assert len(sentences) >= 3
    assert all(sentence.endswith(".") for sentence in sentences)


def test_words_name_the_steps_that_the_rule_takes(speaking_english):
    law = terms("tuition_law")
    text = " ".join(words(law))
    steps = [
        (START, "₩90,000"),
        (START + timedelta(days=10), "₩60,000"),
        (START + timedelta(days=15), "₩45,000"),
    ]

    for limit, amount in steps:
        assert f"before {moment(limit)} and you get" in text
        before = refund_amount(law, now=limit - timedelta(minutes=1))
        assert f"₩{before:,}" == amount
        assert amount in text
    assert refund_amount(law, now=steps[-1][0]) == 0


def test_self_paced_course_is_explained_by_progress(speaking_english):
    text = " ".join(words(terms("tuition_law", starts_at=None, ends_at=None)))

    assert "before you complete your first lesson" in text
    assert "a third of your lessons" in text


def test_free_course_has_nothing_to_refund(speaking_english):
    assert words(terms("full", price_minor=0)) == [
        "This course is free, so there is nothing to refund."
    ]
