"""The right answers of the crimes' views: DuckDB reads the lines itself."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import ClassVar
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

from crimes import FIELDS, HEADER
from oracle import TIMESTAMP, Answers, Oracle, View, rows

_CITY = ZoneInfo("America/Chicago")
_GZIP_MAGIC = b"\x1f\x8b"

_COLUMNS = ", ".join(f"'{name}': 'VARCHAR'" for name in FIELDS)
_TABLE = "CREATE TABLE lines (" + ", ".join(f'"{name}" VARCHAR' for name in FIELDS) + ")"
_LINES = f"""
    SELECT * FROM read_csv(
        $file, compression = $compression, columns = {{{_COLUMNS}}}, header = true, auto_detect = false,
        delim = ',', quote = '"', escape = '"')"""
_MOMENT = "strptime(Date, '%m/%d/%Y %I:%M:%S %p')"
_SENT = f"""
    CREATE TABLE sent AS SELECT
        local,
        utc,
        upper(trim(Block)) AS block,
        CASE upper(trim("Primary Type"))
            WHEN 'CRIM SEXUAL ASSAULT' THEN 'CRIMINAL SEXUAL ASSAULT'
            WHEN 'NON - CRIMINAL' THEN 'NON-CRIMINAL'
            WHEN 'NON-CRIMINAL (SUBJECT SPECIFIED)' THEN 'NON-CRIMINAL'
            ELSE upper(trim("Primary Type")) END AS primary_type,
        nullif(upper(trim(Description)), '') AS description,
        nullif(upper(trim("Location Description")), '') AS location_description,
        lower(trim(Arrest)) = 'true' AS arrest,
        lower(trim(Domestic)) = 'true' AS domestic,
        CAST(nullif(trim(Ward), '') AS BIGINT) AS ward,
        CAST(nullif(trim(Latitude), '') AS DOUBLE) AS latitude,
        CAST(nullif(trim(Longitude), '') AS DOUBLE) AS longitude
    FROM lines JOIN moments ON {_MOMENT} = local"""
_ARRESTS = "count(*) FILTER (WHERE arrest)"

_STATEMENTS = {
    "crimes_by_type_and_day": f"""
        SELECT primary_type, strftime(local, '%Y-%m-%d') AS day, count(*) AS incidents, {_ARRESTS} AS arrests,
               {_ARRESTS} / count(*) AS arrest_rate
        FROM sent GROUP BY ALL""",
    "crimes_by_ward_and_month": f"""
        SELECT ward, strftime(local, '%Y-%m-01') AS month, count(*) AS incidents, {_ARRESTS} AS arrests,
               count(*) FILTER (WHERE domestic) AS domestic_incidents
        FROM sent GROUP BY ALL""",
    "crimes_by_block_and_hour": f"""
        SELECT block, hour(local) AS hour_of_day, count(*) AS incidents,
               {TIMESTAMP.format("max(local)")} AS latest
        FROM sent GROUP BY ALL""",
    "domestic_incidents": f"""
        SELECT {TIMESTAMP.format("utc")} AS occurred_at, {TIMESTAMP.format("local")} AS occurred_local, block,
               primary_type, description, location_description, arrest, ward, latitude, longitude
        FROM sent WHERE domestic""",
}


class Crimes(Oracle[bytes]):
    """The crimes' views over lines of CSV."""

    pipeline = "crimes"
    counting = ("crimes_by_type_and_day", "incidents")
    views: ClassVar[Mapping[str, View]] = {
        "crimes_by_type_and_day": View(
            columns={
                "primary_type": "str",
                "day": "str",
                "incidents": "int",
                "arrests": "int",
                "arrest_rate": "float",
            },
            keys=("primary_type", "day"),
            sum="""
                SELECT primary_type, day, CAST(sum(incidents) AS BIGINT) AS incidents,
                       CAST(sum(arrests) AS BIGINT) AS arrests, sum(arrests) / sum(incidents) AS arrest_rate
                FROM parts GROUP BY ALL""",
        ),
        "crimes_by_ward_and_month": View(
            columns={
                "ward": "int",
                "month": "str",
                "incidents": "int",
                "arrests": "int",
                "domestic_incidents": "int",
            },
            keys=("ward", "month"),
            sum="""
                SELECT ward, month, CAST(sum(incidents) AS BIGINT) AS incidents,
                       CAST(sum(arrests) AS BIGINT) AS arrests,
                       CAST(sum(domestic_incidents) AS BIGINT) AS domestic_incidents
                FROM parts GROUP BY ALL""",
        ),
        "crimes_by_block_and_hour": View(
            columns={"block": "str", "hour_of_day": "int", "incidents": "int", "latest": "str"},
            keys=("block", "hour_of_day"),
            sum="""
                SELECT block, hour_of_day, CAST(sum(incidents) AS BIGINT) AS incidents, max(latest) AS latest
                FROM parts GROUP BY ALL""",
        ),
        "domestic_incidents": View(
            columns={
                "occurred_at": "str",
                "occurred_local": "str",
                "block": "str",
                "primary_type": "str",
                "description": "str",
                "location_description": "str",
                "arrest": "bool",
                "ward": "int",
                "latitude": "float",
                "longitude": "float",
            },
            keys=(),
            sum="SELECT * FROM parts",
        ),
    }

    def answers(self, events: Iterable[bytes]) -> Answers:
        """The right answer of each view after these lines."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "lines.csv"
            file.write_bytes(b"\n".join([HEADER, *events, b""]))
            return self.answers_over([file])

    def answers_over(self, files: Sequence[Path]) -> Answers:
        """The right answer of each view after the lines of files, compressed by gzip or not."""
        with duckdb.connect() as connection:
            connection.execute(_TABLE)
            for file in files:
                _read(connection, file)
            _place_in_time(connection)
            connection.execute(_SENT)
            return {view: rows(connection, statement) for view, statement in _STATEMENTS.items()}


def _read(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    """Adds a file to the table of lines."""
    with file.open("rb") as content:
        compression = "gzip" if content.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC else "none"
    connection.execute(f"INSERT INTO lines {_LINES}", {"file": str(file), "compression": compression})


def _place_in_time(connection: duckdb.DuckDBPyConnection) -> None:
    """Creates the table of local times with their UTC times.

    Of an hour that the clock shows twice, Python takes the first (PEP 495, `fold=0`); in an hour that the
    clock skips, it applies the earlier offset.
    """
    found = connection.sql(f"SELECT DISTINCT {_MOMENT} AS local FROM lines").to_arrow_table()
    local: list[datetime] = found.column("local").to_pylist()
    utc = [moment.replace(tzinfo=_CITY).astimezone(timezone.utc).replace(tzinfo=None) for moment in local]
    moments = pa.table({"local": found.column("local"), "utc": pa.array(utc, pa.timestamp("us"))})
    connection.register("moments", moments)
