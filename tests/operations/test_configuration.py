"""What supervisord and supervisorctl read."""

import configparser
import shlex
from pathlib import Path

import pytest

from elearning.supervision.configuration import (
    Configuration,
    application_programs,
    embedded_programs,
)


@pytest.fixture
def configuration(tmp_path: Path) -> Configuration:
    folder = tmp_path / "100% 학교"
    folder.mkdir()
    return Configuration(
        data_dir=folder,
        socket=folder / "supervisor.sock",
        user="elearning",
        password="s3cret",
        embedded=embedded_programs(["postgres", "redis"], folder),
        application=application_programs(folder, "127.0.0.1:8000"),
    )


def read(configuration: Configuration) -> configparser.ConfigParser:
    configuration.write()
    parser = configparser.ConfigParser()
    parser.read(configuration.file, encoding="utf-8")
    return parser


def test_paths_with_percent_signs_and_korean_survive(configuration):
    parser = read(configuration)

    assert parser["unix_http_server"]["file"] == str(configuration.socket)
    command = shlex.split(parser["program:beat"]["command"])
    assert any(part.startswith(str(configuration.data_dir)) for part in command)


def test_file_with_the_password_is_private(configuration):
    configuration.write()

    assert configuration.file.stat().st_mode & 0o077 == 0


def test_every_program_is_restarted_and_the_servers_stop_last(configuration):
    parser = read(configuration)
    programs = [parser[name] for name in parser.sections() if name.startswith("program:")]
    priorities = {name: int(parser[f"program:{name}"]["priority"]) for name in ("web", "postgres")}

    assert len(programs) == 6
    assert all(program["autorestart"] == "true" for program in programs)
    assert priorities["postgres"] < priorities["web"]


def test_certification_has_a_queue_and_a_process_of_its_own(configuration):
    parser = read(configuration)

    assert "-Q certification " in parser["program:certification"]["command"]
    assert "certification" not in parser["program:worker"]["command"]
