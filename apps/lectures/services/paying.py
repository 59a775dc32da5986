"""Pay from the checkout page; the charge itself is payments' one way in."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.lectures.services.locking import get_enrollment, refuse_stranger
from apps.lectures.services.refusals import EnrollmentStateRefused
from apps.payments import queries as payments_queries
from apps.payments import services as payments
from apps.payments.services import ChargeOutcome
from foundation.agreement import Agreement


def pay_enrollment(
    *, enrollment_id: int, student_id: int, token: str, agreed: Agreement | None = None
) -> ChargeOutcome:
    """Charge the enrollment's payment; approval follows in the same transaction as the booking.

    Raises NotFound, EnrollmentStateRefused for a free course, and what charge_payment raises.
    """
    enrollment = get_enrollment(enrollment_id)
    refuse_stranger(enrollment, student_id=student_id)
    payment = payments_queries.find_payment(reference=enrollment.payment_reference)
    if payment is None:
        raise EnrollmentStateRefused(_("This course is free: there is nothing to pay."))
    return payments.charge_payment(
        payment_id=payment.id, payer_id=student_id, token=token, agreed=agreed
    )
