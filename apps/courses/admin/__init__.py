"""The course at the desk. ``elearning`` registers it, with what only the whole system knows."""

from apps.courses.admin.course import CourseAdmin, register

__all__ = ["CourseAdmin", "register"]
