"""No tracked file names a folder of somebody's machine."""

from __future__ import annotations

import re

import pytest
from tracked import lines_of, tracked_files

# Homes of users, and folders in which build machines check projects out.
LOCAL_PATH = re.compile(r"(?<![\w.$}/])/(?:root|work|home/\w+|Users/\w+)/")
# The patterns and samples themselves.
THIS_FILE = "tests/repository/test_no_local_paths.py"


@pytest.mark.parametrize(
    "line", ["cd /root/project", '"/work/main/x"', "/home/somebody/x", "file:/Users/me/x"]
)
def test_a_local_path_is_found(line: str) -> None:
    assert LOCAL_PATH.search(line)


@pytest.mark.parametrize(
    "line", ["$HOME/work/x", "raw/work/x", "https://example.org/root/x", "/var/lib", "${x}/root/y"]
)
def test_another_path_is_not(line: str) -> None:
    assert not LOCAL_PATH.search(line)


def test_no_tracked_file_names_a_local_path() -> None:
    found = [
        f"{path}:{number}: {line.strip()}"
        for path in tracked_files()
        if path != THIS_FILE
        for number, line in enumerate(lines_of(path), start=1)
        if LOCAL_PATH.search(line)
    ]
    if found:
        pytest.fail("\n".join(found), pytrace=False)
