"""Send many deliveries that were put aside again."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.desk import Text
from apps.events import queries as events_queries
from apps.events import services as events
from elearning.bulk.kinds import BulkKind, Facts, Outcome
from elearning.bulk.listing import Listed, ids_of, left_alone

MODEL = "events.delivery"


def _retry(facts: Facts) -> Outcome:
    events.retry_delivery(delivery_id=facts["id"])
    return Outcome(_("The delivery is tried again."))


def _warn_of_retrying(items: Sequence[Facts]) -> list[Text]:
    dead = events_queries.count_dead(delivery_ids=ids_of(items))
    text = ngettext(
        "%(n)s delivery is tried again, from the first attempt. Nothing happens twice.",
        "%(n)s deliveries are tried again, from the first attempt. Nothing happens twice.",
        dead,
    )
    return [text % {"n": f"{dead:,}"}, *left_alone(len(items) - dead)]


def _delivery_is_back(facts: Facts) -> bool:
    return not events_queries.count_dead(delivery_ids=[facts["id"]])


LISTED = (
    Listed(
        BulkKind(
            name="retry_deliveries",
            label=gettext_lazy("Try the chosen dead deliveries again"),
            permissions=("events.change_delivery",),
            run=_retry,
            is_done=_delivery_is_back,
            warns=_warn_of_retrying,
            back_to="admin:events_delivery_changelist",
        ),
        MODEL,
        lambda row: f"{row.subscriber} ← {row.event}",
    ),
)
