"""Languages, formats and the school's time zone."""

import zoneinfo

from django.utils.translation import gettext_lazy as _

from elearning.settings.environment import BASE_DIR, env

LANGUAGE_CODE = env.str("LANGUAGE_CODE", default="ko")
LANGUAGES = [("ko", _("Korean")), ("en", _("English"))]
FORMAT_MODULE_PATH = ["elearning.formats"]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.str("TIME_ZONE", default="Asia/Seoul")
USE_TZ = True

# Time zones come from the package tzdata alone: systems name different ones, or have none.
zoneinfo.reset_tzpath(to=())
