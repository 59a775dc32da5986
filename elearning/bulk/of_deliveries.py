"""Send many deliveries that were put aside again."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy, ngettext

from apps.desk import Text
from apps.events import queries as events_queries
from apps.events import services as events
from elearning.bulk.kinds import Facts
from elearning.bulk.listing import by, counted, ids_of, in_list_of, left_alone


def _warn_of_retrying(items: Sequence[Facts]) -> list[Text]:
    dead = events_queries.count_dead(delivery_ids=ids_of(items))
    text = ngettext(
        "%(n)s delivery is tried again, from the first attempt. Nothing happens twice.",
        "%(n)s deliveries are tried again, from the first attempt. Nothing happens twice.",
        dead,
    )
    return [counted(text, dead), *left_alone(len(items) - dead)]


def _delivery_is_back(facts: Facts) -> bool:
    return not events_queries.count_dead(delivery_ids=[facts["id"]])


LISTED = (
    in_list_of(
        "events.delivery",
        name="retry_deliveries",
        label=gettext_lazy("Try the chosen dead deliveries again"),
        run=by(
            events.retry_delivery,
            "delivery_id",
            gettext_lazy("The delivery is tried again."),
            read=ids_of,
        ),
        is_done=_delivery_is_back,
        read=ids_of,
        warns=_warn_of_retrying,
        describe=lambda row: f"{row.subscriber} ← {row.event}",
    ),
)
