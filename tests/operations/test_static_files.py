"""Static files are served hashed and compressed, and collected only when they have changed."""

import gzip
import re
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from django.templatetags.static import static

from foundation import static_files

HASHED = {"staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}


@pytest.fixture
def collected(settings, tmp_path):
    """Collect a small set of files as `run` does."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "site.css").write_text("a { color: red }\n" * 200, encoding="utf-8")
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATICFILES_DIRS = [source]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STORAGES = settings.STORAGES | HASHED
    return source / "site.css"


def test_collected_files_are_hashed_and_compressed(collected, settings):
    assert static_files.collect_static() is True

    address = static("site.css")
    stored = settings.STATIC_ROOT / Path(address).name
    assert re.fullmatch(r"/static/site\.[0-9a-f]{12}\.css", address)
    assert gzip.decompress(Path(f"{stored}.gz").read_bytes()) == collected.read_bytes()


def test_files_are_collected_again_only_when_one_has_changed(collected):
    static_files.collect_static()
    again = static_files.collect_static()
    collected.write_text("a { color: blue }\n", encoding="utf-8")

    assert (again, static_files.collect_static()) == (False, True)


def test_make_run_serves_hashed_files(system):
    """Of the system as `make run` starts it: kept for long, and compressed when asked."""
    home = f"http://127.0.0.1:{system.port}"
    page = urlopen(f"{home}/").read().decode()
    address = re.search(r'href="(/static/css/site\.[0-9a-f]{12}\.css)"', page).group(1)

    answer = urlopen(Request(home + address, headers={"Accept-Encoding": "gzip"}))

    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Encoding"] == "gzip"
