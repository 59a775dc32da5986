"""``manage.py messages``: updates the translation catalogues, or checks that they are complete."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from elearning import catalogues


class Command(BaseCommand):
    help = "Update and compile locale/*/LC_MESSAGES/django.po; --check only says what is wrong."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="only say what is wrong")

    def handle(self, *args: Any, **options: Any) -> None:
        languages = [code for code, _name in settings.LANGUAGES]
        if not options["check"]:
            for language in languages:
                count = catalogues.update(settings.BASE_DIR, language)
                self.stdout.write(f"{language}: {count} messages")
            return
        problems = [
            problem
            for language in languages
            for problem in catalogues.find_problems(settings.BASE_DIR, language)
        ]
        for problem in problems:
            self.stderr.write(str(problem))
        if problems:
            raise CommandError(f"{len(problems)} problems in the translations.")
