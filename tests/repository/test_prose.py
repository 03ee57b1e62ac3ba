"""Comments follow the style of CONTRIBUTING.md as far as a test can tell: a noun or a verb comes first."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from tracked import lines_of, text_of, tracked_files

# A relative clause or a bare pronoun in place of a noun.
BEGINNING = r"(?:What|Whether|Its|How|Where|Which|Who|Whom|Whose|It|They|These|Those)\b"
COMMENT = re.compile(r"^\s*(?://[/!]?|#)\s(?P<text>.*)$")
DOCSTRING = re.compile(rf'^\s*[rf]?"""(?P<text>{BEGINNING}.*)$', re.MULTILINE)
LANGUAGES = (".rs", ".py", ".tf", ".hcl", ".tfvars", ".toml", ".yaml", ".yml")


def is_code(path: str) -> bool:
    return path.endswith(LANGUAGES) or path.startswith("scripts/")


def beginnings(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Number and text of the first line of each comment; a blank comment line begins another paragraph."""
    inside = False
    for number, line in enumerate(lines, start=1):
        found = COMMENT.match(line)
        if found and not inside:
            yield number, found["text"]
        inside = bool(found and found["text"].strip())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/// Whether it is done.\nfn f();", ["Whether it is done."]),
        ("    //! How it works.", ["How it works."]),
        ("# What it is.", ["What it is."]),
        ("// It is sorted.", ["It is sorted."]),
        ("/// The first line.\n/// Where it goes on.", []),
        ("/// The first paragraph.\n///\n/// Which one?", ["Which one?"]),
        ("/// Itself a noun. /// Whatever", []),
        ("let x = 1; // What follows code", []),
    ],
)
def test_the_beginning_of_a_comment_is_found(text: str, expected: list[str]) -> None:
    found = [line for _, line in beginnings(text.split("\n")) if re.match(BEGINNING, line)]
    assert found == expected


def test_the_beginning_of_a_docstring_is_found() -> None:
    assert DOCSTRING.search('    """Whether it is done."""')
    assert not DOCSTRING.search('    """Reports whether it is done."""')


def test_no_comment_begins_with_a_relative_clause_or_a_pronoun() -> None:
    found = [
        f"{path}:{number}: {text}"
        for path in tracked_files()
        if is_code(path)
        for number, text in beginnings(lines_of(path))
        if re.match(BEGINNING, text)
    ]
    found += [
        f"{path}: {match['text']}"
        for path in tracked_files()
        if path.endswith(".py")
        for match in DOCSTRING.finditer(text_of(path))
    ]
    if found:
        pytest.fail(f"{len(found)} comments:\n" + "\n".join(found), pytrace=False)
