"""Which form of the suite is asked for: in full from 5,000 operations on, else the short one."""

import os

SEED = int(os.environ.get("SEED") or 1)
OPERATIONS = int(os.environ.get("OPERATIONS") or 300)
IS_FULL = OPERATIONS >= 5000
