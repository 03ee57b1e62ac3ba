"""Replaces functions of the emulator, and refuses any version of it but the known one."""

from __future__ import annotations

from collections.abc import Callable
from importlib import metadata
from typing import Any, TypeVar

from twinlake_local import MINISTACK_VERSION

Answer = tuple[int, dict[str, str], bytes]
"""An answer of the emulator: status, headers and body."""
Operation = Callable[[dict[str, Any]], Answer]
"""An operation of a service that speaks JSON."""

Replacement = TypeVar("Replacement")


class UnknownEmulator(Exception):
    """The emulator is not the version that this layer was written for."""


def check_version() -> None:
    """Raises `UnknownEmulator` unless the pinned version of MiniStack is installed."""
    try:
        installed = metadata.version("ministack")
    except metadata.PackageNotFoundError:
        installed = "none"
    if installed != MINISTACK_VERSION:
        raise UnknownEmulator(
            f"The local AWS replaces functions inside MiniStack {MINISTACK_VERSION}, but the version"
            f" installed is {installed}. Install the pinned one (remove .venv and run scripts/venv), or look"
            " through every module of local/twinlake_local before moving the pin."
        )


def replace(module: Any, name: str, replacement: Replacement) -> Replacement:
    """Replaces a member of a module or class and returns the original one.

    Raises `UnknownEmulator` if there was none: a replacement that nothing calls would have no effect,
    silently.
    """
    original: Replacement | None = getattr(module, name, None)
    if original is None:
        raise UnknownEmulator(f"{module.__name__} has no {name} to replace.")
    setattr(module, name, replacement)
    return original
