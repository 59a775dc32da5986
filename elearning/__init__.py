"""The composition root: the only place that knows every app."""

from elearning.celery import app as celery_app

__all__ = ["celery_app"]
