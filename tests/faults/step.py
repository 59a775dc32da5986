"""One step of the real system in a process of its own, which may die in it.

``python -m tests.faults.step apps.lectures.services.cancel_enrollment '{"enrollment_id": 1}'``
"""

import json
import sys

import django
from django.utils.module_loading import import_string

if __name__ == "__main__":
    django.setup()
    import_string(sys.argv[1])(**json.loads(sys.argv[2]))
