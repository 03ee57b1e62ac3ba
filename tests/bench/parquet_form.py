"""Parquet objects in the form of one that the lake itself has written."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq

_CODECS: dict[str, Literal["snappy", "zstd", "gzip", "none"]] = {
    "SNAPPY": "snappy",
    "ZSTD": "zstd",
    "GZIP": "gzip",
    "UNCOMPRESSED": "none",
}


class WrongForm(Exception):
    """The benchmark's objects differ in form from the lake's."""


@dataclass(frozen=True)
class Form:
    """The columns of an object in Parquet's own types, and its compression."""

    columns: tuple[tuple[str, str, str], ...]
    """Name, physical type and logical type."""
    compression: str

    @classmethod
    def of(cls, content: bytes) -> Form:
        """The form of an object with rows."""
        file = pq.ParquetFile(io.BytesIO(content))
        fields = [file.schema.column(index) for index in range(len(file.schema))]
        columns = tuple(
            (field.name, field.physical_type, _logical_type(field.logical_type.type)) for field in fields
        )
        return cls(columns, file.metadata.row_group(0).column(0).compression)

    def write(self, table: pa.Table) -> bytes:
        """An object in this form. Raises `WrongForm` if the table's columns differ."""
        sink = io.BytesIO()
        pq.write_table(
            table,
            sink,
            compression=_CODECS[self.compression],
            use_deprecated_int96_timestamps=any(kind == "INT96" for _, kind, _ in self.columns),
            store_schema=False,
        )
        content = sink.getvalue()
        written = Form.of(content)
        if written != self:
            raise WrongForm(f"the lake writes {self}, the benchmark {written}")
        return content


def _logical_type(name: str) -> str:
    """The name of a logical type. Only some writers declare an INT64 to be an integer."""
    return "NONE" if name == "INT" else name
