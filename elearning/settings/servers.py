"""Database, broker, cache; what is delivered later, and what is done in bulk."""

from elearning import embedded
from elearning.settings.environment import DATA_DIR, ENVIRONMENT, env

DATABASES = {"default": env.db_url("DATABASE_URL", default=embedded.database_url(DATA_DIR))}
DATABASES["default"] |= {
    "ATOMIC_REQUESTS": False,
    "CONN_MAX_AGE": 0,
    "CONN_HEALTH_CHECKS": True,  # the pool hands out no connection that a restart has cut
    "OPTIONS": {
        **DATABASES["default"].get("OPTIONS", {}),
        "pool": {
            "min_size": env.int("DATABASE_POOL_MIN_SIZE", default=1),
            "max_size": env.int("DATABASE_POOL_MAX_SIZE", default=10),
            "timeout": env.int("DATABASE_POOL_TIMEOUT_SECONDS", default=3),
        },
        "options": "-c lock_timeout=3s -c statement_timeout=15s"
        " -c idle_in_transaction_session_timeout=15s",
    },
}
if ENVIRONMENT == "test":  # the test runner drops and creates databases: no pool may hold one open
    del DATABASES["default"]["OPTIONS"]["pool"]

REDIS_URL = env.str("REDIS_URL", default=embedded.redis_url(DATA_DIR))
CACHES = {
    name: {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": name,
        "OPTIONS": {"MAX_ENTRIES": entries},
    }
    for name, entries in {"default": 300, "calls": 50_000, "strangers": 50_000}.items()
}

CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_SOFT_TIME_LIMIT = 25  # below the lease, so that two workers rarely hold one delivery
CELERY_TASK_TIME_LIMIT = 29
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 5
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_TIMEOUT = 1
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_VISIBILITY_TIMEOUT = 300  # seconds; above the longest task, in all three places
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": CELERY_VISIBILITY_TIMEOUT,
    "socket_timeout": 2,
    "socket_connect_timeout": 1,
    "unacked_restore_throttle": 1,
    "unacked_restore_interval": 2,
}
CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS = {"visibility_timeout": CELERY_VISIBILITY_TIMEOUT}

EVENTS_MAX_ATTEMPTS = 5
EVENTS_LEASE_SECONDS = 30
EVENTS_BACKOFF_SECONDS = [2, 10, 60, 300]
EVENTS_SWEEP_SECONDS = 5
EVENTS_SWEEP_BUDGET_SECONDS = 15
EVENTS_QUEUES = ["default", "certification"]

BULK_BUDGET_SECONDS = 12
BULK_LEASE_SECONDS = 35  # above the time limit of a task: no two workers hold one bulk job
BULK_KEEP_DAYS = 90
