"""Why a payment is not taken."""

from django.utils.translation import gettext_lazy as _

from apps.refusals import Refusal


class PaymentAlreadyPaid(Refusal):
    code = "payment_already_paid"
    message = _("This has been paid already. You were not charged again.")


class PaymentInProgress(Refusal):
    code = "payment_in_progress"
    message = _("A payment is under way, perhaps in another tab. Look again in a few seconds.")


class PaymentClosed(Refusal):
    code = "payment_closed"
    message = _("This payment has been cancelled. You were not charged.")


class PaymentRefunded(Refusal):
    code = "payment_refunded"
    message = _(
        "This has been cancelled and the money goes back. You were not charged again."
        " To take the course after all, enroll again."
    )


class PaymentsDisabled(Refusal):
    code = "payments_disabled"
    message = _(
        "This school does not take payments at present. You were not charged. Pay when it does, or"
        " cancel the enrollment."
    )


class PaymentExpired(Refusal):
    code = "payment_expired"
    message = _("The time to pay is over. You were not charged. Please enroll again.")
