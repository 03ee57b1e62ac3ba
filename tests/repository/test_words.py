"""No tracked file uses a name that Twinlake gave up."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from tracked import lines_of, text_of, tracked_files
from words import EXEMPT, PATHS, WORDS, Word

TABLE = [*WORDS, *PATHS]


def of_table(word: Word) -> str:
    return word.pattern


@pytest.mark.parametrize("word", TABLE, ids=of_table)
def test_a_pattern_finds_each_sample_of_its_old_name(word: Word) -> None:
    assert word.old, "a pattern without a sample may find nothing"
    assert [sample for sample in word.old if not word.found_in(sample)] == []


@pytest.mark.parametrize("word", TABLE, ids=of_table)
def test_a_pattern_leaves_other_names_and_its_own_replacement_alone(word: Word) -> None:
    assert [sample for sample in (*word.fine, word.instead) if word.found_in(sample)] == []


@pytest.mark.parametrize("word", TABLE, ids=of_table)
def test_each_exception_of_a_pattern_is_needed(word: Word) -> None:
    plain = Word(word.pattern, word.instead, word.old)
    for phrase in word.phrases:
        without = Word(
            word.pattern, word.instead, word.old, phrases=tuple(p for p in word.phrases if p != phrase)
        )
        assert any(without.found_in(sample) for sample in word.fine), f"no sample needs the phrase {phrase}"
    for glob, reason in word.allowed:
        files = [path for path in tracked_files() if fnmatchcase(path, glob)]
        assert any(plain.found_in(line) for path in files for line in lines_of(path)), f"{glob}: {reason}"


def test_each_exempt_file_exists() -> None:
    for glob in EXEMPT:
        assert any(fnmatchcase(path, glob) for path in tracked_files()), glob


def is_exempt(path: str) -> bool:
    return any(fnmatchcase(path, glob) for glob in EXEMPT)


def test_no_tracked_file_uses_an_old_name() -> None:
    found = [
        f"{path}:{number}: `{old}` is now {word.instead}"
        for path in tracked_files()
        if not is_exempt(path)
        for word in WORDS
        if word.applies_to(path) and word.may_be_in(text_of(path))
        for number, line in enumerate(lines_of(path), start=1)
        if (old := word.found_in(line))
    ]
    if found:
        pytest.fail(f"{len(found)} old names:\n" + "\n".join(found), pytrace=False)


def test_no_tracked_file_has_an_old_name() -> None:
    found = [
        f"{path}: is now {word.instead}" for path in tracked_files() for word in PATHS if word.found_in(path)
    ]
    if found:
        pytest.fail("\n".join(found), pytrace=False)


def test_the_files_of_every_language_are_looked_at() -> None:
    for glob in ("*.rs", "*.py", "*.tf", "*.yaml", "*.sql", "*.md", "scripts/*"):
        files = [path for path in tracked_files() if fnmatchcase(path, glob) and not is_exempt(path)]
        assert sum(len(lines_of(path)) for path in files) > 100, glob
