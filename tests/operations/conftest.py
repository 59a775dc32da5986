import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A folder with a short path: the sockets lie in it and go with it."""
    folder = Path(tempfile.mkdtemp(prefix="elearning-test-", dir="/tmp"))
    yield folder
    shutil.rmtree(folder)
