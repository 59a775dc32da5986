"""What the rest is made from: where this runs, its address, its secret."""

from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

from foundation.deployment.rules import DEVELOPMENT_KEY

BASE_DIR = Path(__file__).resolve().parent.parent.parent
env = environ.Env()

ENVIRONMENT = env.str("ENVIRONMENT", default="demo")
if ENVIRONMENT not in {"demo", "test", "production"}:
    raise ImproperlyConfigured(f"ENVIRONMENT is demo, test or production, not {ENVIRONMENT!r}.")
PRODUCTION = ENVIRONMENT == "production"
DEBUG = env.bool("DEBUG", default=False)
CRASH_POINTS_DIR = env.str("CRASH_POINTS_DIR", default="")


def required_in_production(name: str, default: str) -> str:
    """Return the variable; in production it has no default, and an empty one is refused."""
    return env.str(name, default="" if PRODUCTION else default).strip()


SECRET_KEY = required_in_production("SECRET_KEY", default=DEVELOPMENT_KEY * 2)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
"""Former keys, while what they signed and sealed still counts: put the new one in SECRET_KEY."""
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / ".local"))).resolve()
PORT = env.int("PORT", default=8000)
SITE_URL = required_in_production("SITE_URL", default=f"http://localhost:{PORT}").rstrip("/")
SCHOOL_NAME = env.str("SCHOOL_NAME", default="수려 아카데미 · Suryeo Academy")
ALLOWED_HOSTS = [
    host.strip()
    for host in required_in_production(
        "ALLOWED_HOSTS", default="localhost,127.0.0.1,[::1],testserver"
    ).split(",")
    if host.strip()
]
