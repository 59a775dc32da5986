"""Let a role of the database run the application without owning its tables."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from psycopg import sql

from elearning.models import AuditEntry

GRANTS = """
GRANT USAGE ON SCHEMA public TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role};
REVOKE TRUNCATE, REFERENCES, TRIGGER ON ALL TABLES IN SCHEMA public FROM {role};
REVOKE CREATE ON SCHEMA public FROM {role}, PUBLIC;
REVOKE INSERT, DELETE ON {audit} FROM {role};
REVOKE ALL ON SEQUENCE {audit_sequence} FROM {role};
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role};
"""
"""Reads and writes of rows. Constraints, triggers and the audit log belong to the owner."""


class Command(BaseCommand):
    help = (
        "Grant a role that exists what web processes and workers need, and no more."
        " Run it as the owner of the tables, after each migrate."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("role", help="such as elearning_app; made by CREATE ROLE … LOGIN")

    def handle(self, *, role: str, **options: Any) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = %s", [role])
            found = cursor.fetchone()
            if found is None:
                raise CommandError(f"There is no role {role!r}: make it by CREATE ROLE … LOGIN.")
            if found[0] or self._owns_tables(role):
                raise CommandError(f"{role!r} owns the tables or is a superuser: take another.")
            names = {
                "role": sql.Identifier(role),
                "audit": sql.Identifier(AuditEntry._meta.db_table),
                "audit_sequence": sql.Identifier(f"{AuditEntry._meta.db_table}_id_seq"),
            }
            cursor.execute(sql.SQL(GRANTS).format(**names))
        self.stdout.write(f"{role} reads and writes rows, and owns nothing.")

    def _owns_tables(self, role: str) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_tables WHERE tableowner = %s LIMIT 1", [role])
            return cursor.fetchone() is not None
