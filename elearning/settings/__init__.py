"""Settings, read from the environment and validated at start; a module for each topic.

Durations carry their unit in the name. ``ENVIRONMENT`` is ``demo`` (a laptop, nothing to prepare),
``test`` or ``production``; production refuses every default that is safe on a laptop only.
"""

from types import SimpleNamespace

from elearning.settings.accounts import *
from elearning.settings.api import *
from elearning.settings.applications import *
from elearning.settings.browsers import *
from elearning.settings.business import *
from elearning.settings.desk import *
from elearning.settings.environment import *
from elearning.settings.environment import PRODUCTION
from elearning.settings.files import *
from elearning.settings.language import *
from elearning.settings.limits import *
from elearning.settings.logs import *
from elearning.settings.mail import *
from elearning.settings.servers import *
from foundation.deployment import refuse_unsafe_settings

if PRODUCTION:
    refuse_unsafe_settings(SimpleNamespace(**globals()))
