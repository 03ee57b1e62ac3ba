"""Writes the generated part of each Terraform module's README from the module's own files.

The part lies between two markers and holds the requirements, resources, variables and outputs of the module,
in the order of the files. The text outside of the markers stays as it is. Run it as scripts/terraform-docs.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hcl2
from hcl2.utils import SerializationOptions

BEGIN = "<!-- BEGIN GENERATED: scripts/terraform-docs -->"
END = "<!-- END GENERATED -->"
# Longer types do not fit into a table; they follow it as code.
MAX_INLINE_TYPE = 30
# Objects and tuples as HCL text, so that a default can be shown as it stands in the file.
OPTIONS = SerializationOptions(with_comments=False, wrap_objects=True, wrap_tuples=True)
PROVIDER_DOCS = "https://registry.terraform.io/providers/hashicorp/aws/latest/docs"
TERRAFORM_DATA_DOCS = "https://developer.hashicorp.com/terraform/language/resources/terraform-data"

Block = dict[str, Any]


class DocsError(Exception):
    """A module or README that the generator cannot document."""


def unquoted(text: str) -> str:
    """The value of an HCL string literal without interpolation."""
    value = json.loads(text)
    assert isinstance(value, str), "a quoted literal is a string"
    return value


def as_hcl(value: Any) -> str:
    """The HCL text of a parsed expression: a Python value, or an expression wrapped in `${…}`."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return text[2:-1] if text.startswith("${") and text.endswith("}") else text


def pretty_type(text: str) -> str:
    """A type constraint with each attribute of an object on a line of its own."""
    lines = [""]
    open_brackets: list[str] = []

    def break_line() -> None:
        lines.append("  " * open_brackets.count("{"))

    for character in text:
        if character in "({[":
            open_brackets.append(character)
            lines[-1] += character
            if character == "{":
                break_line()
        elif character in ")}]":
            empties = open_brackets.pop() == "{"
            if empties and lines[-1].strip():
                break_line()
            elif empties:
                lines.pop()
            lines[-1] += character
        elif character == "," and open_brackets[-1] == "{":
            break_line()
        elif character == " " and not lines[-1].strip():
            continue
        else:
            lines[-1] += character
    return "\n".join(line.rstrip() for line in lines)


def row(*cells: str) -> str:
    """A row of a Markdown table. A bar inside a cell would end it."""
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def table(header: tuple[str, ...], rows: list[str]) -> list[str]:
    """A Markdown table with a blank line after it."""
    return [row(*header), row(*("---" for _ in header)), *rows, ""]


class Module:
    """The parsed files of one module."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: list[Block] = []
        for file in sorted(folder.glob("*.tf")):
            # Git ignores the files of a single deployment.
            if not file.name.endswith("_override.tf"):
                self.files.append(hcl2.loads(file.read_text(), serialization_options=OPTIONS))

    def blocks(self, kind: str) -> Iterator[tuple[tuple[str, ...], Block]]:
        """Labels and body of each block of a kind, in the order of the files."""
        for file in self.files:
            for block in file.get(kind, []):
                body, labels = block, []
                # The parser nests a body in one dictionary for each label.
                while len(body) == 1 and next(iter(body)).startswith('"'):
                    label, body = next(iter(body.items()))
                    labels.append(unquoted(label))
                yield tuple(labels), body

    def described(self, kind: str, name: str, body: Block) -> str:
        """The description of a variable or an output, which must have one."""
        if "description" not in body:
            raise DocsError(f"{self.folder}: {kind} {name} has no description")
        return unquoted(body["description"])

    def requirements(self) -> list[str]:
        """The versions of Terraform and of the providers."""
        rows = []
        for _, body in self.blocks("terraform"):
            if "required_version" in body:
                rows.append(row("terraform", f"`{unquoted(body['required_version'])}`"))
            for providers in body.get("required_providers", []):
                for name, requirement in providers.items():
                    if not name.startswith("__"):
                        version = hcl2.loads(f"requirement = {as_hcl(requirement)}")["requirement"]["version"]
                        rows.append(row(name, f"`{unquoted(version)}`"))
        return ["### Requirements", "", *table(("Name", "Version"), rows)]

    def resources(self) -> list[str]:
        """The resources, data sources and modules that the module makes or reads."""
        rows = []
        for section, kind in (("resources", "resource"), ("data-sources", "data")):
            for (type_name, name), _ in self.blocks(kind):
                page = f"{PROVIDER_DOCS}/{section}/{type_name.removeprefix('aws_')}"
                if type_name == "terraform_data":  # the only type that is Terraform's own
                    page = TERRAFORM_DATA_DOCS
                rows.append(row(f"[{type_name}.{name}]({page})", kind))
        for (name,), body in self.blocks("module"):
            source = unquoted(body["source"])
            rows.append(row(f"[module.{name}]({source})", "module"))
        return ["### Resources", "", *table(("Address", "Kind"), rows)]

    def variables(self) -> list[str]:
        """The variables, and those of their types that are too long for the table."""
        rows, long_types = [], []
        for (name,), body in self.blocks("variable"):
            kind = as_hcl(body["type"])
            if len(kind) > MAX_INLINE_TYPE:
                long_types += [f"Type of `{name}`:", "", "```hcl", *pretty_type(kind).splitlines(), "```", ""]
                kind = kind.partition("{")[0].replace("(", " of ").removesuffix(" of ") + ", see below"
            else:
                kind = f"`{kind}`"
            has_default = "default" in body
            rows.append(
                row(
                    f"`{name}`",
                    self.described("variable", name, body),
                    kind,
                    f"`{as_hcl(body['default'])}`" if has_default else "",
                    "no" if has_default else "yes",
                )
            )
        header = ("Name", "Description", "Type", "Default", "Required")
        return ["### Variables", "", *table(header, rows), *long_types]

    def outputs(self) -> list[str]:
        """The outputs."""
        rows = [
            row(f"`{name}`", self.described("output", name, body)) for (name,), body in self.blocks("output")
        ]
        return ["### Outputs", "", *table(("Name", "Description"), rows)]

    def generated(self) -> str:
        """The generated part of the README, markers included."""
        sections = [*self.requirements(), *self.resources(), *self.variables(), *self.outputs()]
        return "\n".join([BEGIN, "", *sections, END])


def with_generated(readme: str, generated: str) -> str:
    """A README whose generated part is replaced."""
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise DocsError(f"the markers {BEGIN} and {END} are missing")
    return before + generated + after


def modules(infra: Path) -> list[Path]:
    """The folders of the root module and of each module in modules/."""
    return [infra, *sorted(folder for folder in (infra / "modules").iterdir() if folder.is_dir())]


def main() -> int:
    """Writes or checks each README; the exit status is 1 if a check has failed."""
    parser = argparse.ArgumentParser(
        prog="scripts/terraform-docs", description="Writes the generated part of each module's README."
    )
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a README is not current")
    parser.add_argument(
        "--infra",
        type=Path,
        default=Path(__file__).resolve().parent.parent / "infra",
        help="folder of the root module (infra/)",
    )
    arguments = parser.parse_args()
    outdated = []
    for folder in modules(arguments.infra):
        file = folder / "README.md"
        try:
            if not file.exists():
                raise DocsError("the file is missing")
            now = file.read_text()
            wanted = with_generated(now, Module(folder).generated())
        except DocsError as error:
            sys.exit(f"scripts/terraform-docs: {file}: {error}")
        if now != wanted:
            outdated.append(file)
            if not arguments.check:
                file.write_text(wanted)
    for file in outdated:
        print(f"{file} {'is not current: run scripts/terraform-docs' if arguments.check else 'is written'}")
    return 1 if arguments.check and outdated else 0


if __name__ == "__main__":
    sys.exit(main())
