"""The settings of the system under test: the product's own, with a clock that hurries."""

import os

HURRIED = {
    "ENROLLMENT_HOLD_SECONDS": "15",
    "WAITING_LIST_OFFER_SECONDS": "5",
    "PAYMENT_READ_TIMEOUT_SECONDS": "1",
    "PAYMENT_TOTAL_BUDGET_SECONDS": "2.5",
    "PAYMENT_BREAKER_SLOW_SECONDS": "0.9",
    "PAYMENT_BREAKER_OPEN_SECONDS": "2",
    "PAYMENT_IN_PROGRESS_SECONDS": "3",
    "PAYMENT_SETTLE_AFTER_SECONDS": "0.5",
    "PAYMENT_ABANDON_AFTER_SECONDS": "8",
    "SANDBOX_SLOW_TOKEN_SECONDS": "0.3",
}

os.environ.update(HURRIED)

from elearning import settings as product  # noqa: E402  (it reads what was set above)

globals().update({name: getattr(product, name) for name in dir(product) if name.isupper()})

INSTALLED_APPS = ["tests.faults.inside", *product.INSTALLED_APPS, "tests.faults.mutants"]
