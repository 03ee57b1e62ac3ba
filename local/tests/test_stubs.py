"""The stubs in `local/stubs` describe the installed libraries. mypy relies on them, so they must be right."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

STUBS = Path(__file__).resolve().parents[1] / "stubs"
MODULES = sorted(
    ".".join(file.relative_to(STUBS).with_suffix("").parts)
    for file in STUBS.rglob("*.pyi")
    if file.stem != "__init__"
)
ONLY_IN_STUBS = {"_ScopedDict", "_RuntimeApiHandler"}
"""Classes for which the library has no name."""


def declared(body: list[ast.stmt]) -> Iterator[tuple[str, ast.stmt]]:
    """The names that a module or a class declares. Type variables and aliases are the stub's own."""
    for statement in body:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield statement.name, statement
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            yield statement.target.id, statement


def parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    """The names of a function's parameters in their order."""
    given = function.args
    plain = [*given.posonlyargs, *given.args, *([given.vararg] if given.vararg else []), *given.kwonlyargs]
    return [argument.arg for argument in plain]


def differences(name: str, statement: ast.stmt, found: Any) -> Iterator[str]:
    """The differences between a declaration and the object that has its name."""
    if isinstance(statement, ast.ClassDef):
        fields = inspect.signature(found.__init__).parameters
        assigned = inspect.getsource(found)
        for member, inner in declared(statement.body):
            if hasattr(found, member):
                yield from differences(f"{name}.{member}", inner, getattr(found, member))
            elif member not in fields and f"self.{member}" not in assigned:
                yield f"{name} has no {member}"
    elif isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)) and inspect.isroutine(found):
        actual = list(inspect.signature(found).parameters)
        if actual != parameters(statement):
            yield f"{name} takes {actual}, not {parameters(statement)}"
        if inspect.iscoroutinefunction(found) != isinstance(statement, ast.AsyncFunctionDef):
            yield f"{name} is {'' if inspect.iscoroutinefunction(found) else 'not '}a coroutine function"


@pytest.mark.parametrize("module", MODULES)
def test_a_stub_declares_what_the_library_has(module: str) -> None:
    stub = ast.parse((STUBS / Path(*module.split("."))).with_suffix(".pyi").read_text())
    library = importlib.import_module(module)
    wrong = []
    for name, statement in declared(stub.body):
        if name in ONLY_IN_STUBS:
            continue
        if not hasattr(library, name):
            wrong.append(f"there is no {name}")
            continue
        wrong += differences(name, statement, getattr(library, name))
    assert wrong == []
