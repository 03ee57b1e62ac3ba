"""The README of each Terraform module is current, and the check for it can fail."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tracked import ROOT

GENERATOR = ROOT / "scripts" / "terraform_docs.py"


def generate(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(GENERATOR), *arguments], capture_output=True, text=True, check=False
    )


def copy_of_infra(folder: Path) -> Path:
    infra = folder / "infra"
    shutil.copytree(ROOT / "infra", infra, ignore=shutil.ignore_patterns(".terraform", "tests"))
    return infra


def test_every_readme_is_current() -> None:
    done = generate("--check")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_new_variable_makes_the_readme_of_its_module_outdated(tmp_path: Path) -> None:
    infra = copy_of_infra(tmp_path)
    variables = infra / "modules" / "function" / "variables.tf"
    variables.write_text(
        variables.read_text()
        + """
variable "layers" {
  description = "Layers | of the function."
  type = object({
    arns  = list(string)
    order = optional(map(object({ first = bool })), {})
  })
  default = { arns = ["a"] }
}
"""
    )
    done = generate("--check", "--infra", str(infra))
    assert done.returncode == 1
    readme = infra / "modules" / "function" / "README.md"
    assert done.stdout == f"{readme} is not current: run scripts/terraform-docs\n"

    assert generate("--infra", str(infra)).returncode == 0
    written = readme.read_text()
    assert '| `layers` | Layers \\| of the function. | object, see below | `{arns = ["a"]}` | no |' in written
    assert (
        """object({
  arns = list(string)
  order = optional(map(object({
    first = bool
  })), {})
})"""
        in written
    )
    assert written.startswith("# Module `function`"), "the prose stays"
    assert generate("--check", "--infra", str(infra)).returncode == 0


def test_a_variable_without_a_description_is_refused(tmp_path: Path) -> None:
    infra = copy_of_infra(tmp_path)
    (infra / "modules" / "lake" / "more.tf").write_text('variable "silent" {\n  type = string\n}\n')
    done = generate("--check", "--infra", str(infra))
    assert done.returncode == 1
    assert "variable silent has no description" in done.stderr


def test_a_module_without_a_readme_is_refused(tmp_path: Path) -> None:
    infra = copy_of_infra(tmp_path)
    (infra / "modules" / "lake" / "README.md").unlink()
    done = generate("--check", "--infra", str(infra))
    assert done.returncode == 1
    assert "the file is missing" in done.stderr


def test_a_readme_without_markers_is_refused(tmp_path: Path) -> None:
    infra = copy_of_infra(tmp_path)
    (infra / "README.md").write_text("# Twinlake on AWS\n")
    done = generate("--check", "--infra", str(infra))
    assert done.returncode == 1
    assert "the markers" in done.stderr
