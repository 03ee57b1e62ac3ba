"""The data of tables and views: partitions, projection, SerDes, UNLOAD, DDL."""

from __future__ import annotations

import base64
import io
import json
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.athena_lake import Lake, MergedView, QueryFailed

if TYPE_CHECKING:
    from mypy_boto3_athena.type_defs import QueryExecutionTypeDef


def numbers(*values: int) -> pa.Table:
    """Rows of one column `x`."""
    return pa.table({"x": pa.array(values, pa.int64())})


def test_only_registered_partitions_are_read(lake: Lake) -> None:
    lake.create_table("t", {"x": "bigint"}, {"run": "bigint"})
    for run in (1, 2, 3):
        lake.put(f"t/run={run}/part", numbers(run))
    assert lake.rows("SELECT * FROM t") == []
    lake.register("t", ["1"], f"s3://{lake.name}/t/run=1/")
    lake.register("t", ["2"], f"s3://{lake.name}/t/run=2/")
    assert lake.rows("SELECT x, run FROM t ORDER BY x") == [("1", "1"), ("2", "2")]
    lake.put("elsewhere/part", numbers(40))
    lake.register("t", ["4"], f"s3://{lake.name}/elsewhere/")
    assert lake.rows("SELECT x, run FROM t WHERE run = 4") == [("40", "4")]


def test_predicates_on_keys_prune(lake: Lake) -> None:
    lake.create_table("t", {"x": "bigint"}, {"year": "string", "hour": "string"})
    for hour in ("00", "05", "23"):
        lake.put(f"t/{hour}/part", numbers(int(hour)))
        lake.register("t", ["2026", hour], f"s3://{lake.name}/t/{hour}/")
    one: int = lake.query("SELECT x FROM t").execution["Statistics"]["DataScannedInBytes"] // 3

    def scanned(condition: str) -> int:
        statistics = lake.query(f"SELECT x FROM t WHERE {condition}").execution["Statistics"]
        scanned_bytes: int = statistics["DataScannedInBytes"]
        return scanned_bytes // one

    assert scanned("hour = '05'") == 1
    assert scanned("hour IN ('05', '23') AND x > 0") == 2
    assert scanned("year = '2025'") == 0
    assert scanned("year || hour BETWEEN '202600' AND '202605'") == 2
    # A condition that file statistics cannot rule out: for `x = 5`, Trino would read only the footers.
    assert scanned("x % 2 = 1") == 3
    assert lake.rows("SELECT a.x FROM t AS a JOIN t AS b ON a.x = b.x WHERE a.hour = '05'") == [("5",)]
    ranges = lake.query("SELECT x FROM t JOIN (VALUES 0, 5) AS r (n) ON x % 100 = r.n WHERE hour >= '05'")
    assert ranges.rows == [("5",)]
    assert ranges.execution["Statistics"]["DataScannedInBytes"] // one == 2
    missing = "SELECT r.n FROM (VALUES 5, 6) AS r (n) LEFT JOIN t ON t.x = r.n WHERE t.hour IS NULL"
    assert lake.rows(missing) == [("6",)]


def test_projection_ignores_registered_partitions(lake: Lake) -> None:
    lake.create_table(
        "t",
        {"x": "bigint"},
        {"kind": "string", "run": "bigint", "day": "string", "tenant": "string"},
        {
            "projection.enabled": "true",
            "projection.kind.type": "enum",
            "projection.kind.values": "a,b",
            "projection.run.type": "integer",
            "projection.run.range": "1,3",
            "projection.run.digits": "2",
            "projection.day.type": "date",
            "projection.day.range": "2026/11/20,2026/11/21",
            "projection.day.format": "yyyy/MM/dd",
            "projection.tenant.type": "injected",
            "storage.location.template": f"s3://{lake.name}/p/${{tenant}}/${{kind}}/${{run}}/${{day}}",
        },
    )
    lake.put("p/acme/a/01/2026/11/20/part", numbers(1))
    lake.put("p/acme/b/03/2026/11/21/part", numbers(2))
    lake.put("p/acme/b/04/2026/11/21/part", numbers(3))
    lake.put("p/other/a/01/2026/11/20/part", numbers(4))
    lake.register("t", ["a", "9", "2026/11/20", "acme"], f"s3://{lake.name}/p/other/a/01/2026/11/20/")
    found = lake.rows("SELECT x, kind, run, day, tenant FROM t WHERE tenant = 'acme' ORDER BY x")
    assert found == [("1", "a", "1", "2026/11/20", "acme"), ("2", "b", "3", "2026/11/21", "acme")]
    with pytest.raises(QueryFailed, match="CONSTRAINT_VIOLATION: For the injected projected"):
        lake.query("SELECT x FROM t")


def test_unpartitioned_table_reads_all_below_its_location(lake: Lake) -> None:
    lake.create_table("t", {"x": "bigint", "late": "double", "ts": "timestamp"})
    assert lake.query("SELECT * FROM t").types == ["bigint", "double", "timestamp"]
    assert lake.rows("SELECT count(*), sum(x), max(ts) FROM t") == [("0", None, None)]
    lake.put("t/part", numbers(1))
    lake.put("t/deeper/still/part", numbers(2))
    lake.put("t/_hidden/part", numbers(4))
    lake.put("t/.part", numbers(8))
    lake.put("t/empty", numbers())
    lake.put("tother/part", numbers(16))
    answer = lake.query("SELECT sum(x), count(late) FROM t")
    assert answer.rows == [("3", "0")]
    sizes = [
        found["Size"]
        for found in lake.s3.list_objects_v2(Bucket=lake.name, Prefix="t/")["Contents"]
        if "/_" not in found["Key"] and "/." not in found["Key"]
    ]
    # Trino skips empty files, DuckDB counts whole objects.
    assert min(sizes) < answer.execution["Statistics"]["DataScannedInBytes"] <= sum(sizes)


def test_a_file_of_another_type_than_the_table(lake: Lake) -> None:
    lake.create_table("t", {"x": "bigint"})
    lake.put("t/part", pa.table({"x": ["text"]}))
    with pytest.raises(QueryFailed, match=r"HIVE_BAD_DATA: Field x's type BINARY in parquet file .*bigint"):
        lake.query("SELECT x FROM t")
    lake.put("t/part", b"no parquet")
    reason = f"HIVE_BAD_DATA: Malformed Parquet file. s3://{lake.name}/t/part is not a valid Parquet File"
    with pytest.raises(QueryFailed, match=reason):
        lake.query("SELECT x FROM t")


def test_a_replaced_object_is_read_anew(lake: Lake) -> None:
    lake.create_table("t", {"x": "bigint"})
    lake.put("t/part", numbers(1))
    assert lake.rows("SELECT x FROM t") == [("1",)]
    lake.put("t/part", numbers(2))
    assert lake.rows("SELECT x FROM t") == [("2",)]


def test_open_csv(lake: Lake) -> None:
    lake.put("c/part.csv", 'id;note\n1;"a; ""b"""\n2;\n3;é\n'.encode())
    lake.query(
        f"""CREATE EXTERNAL TABLE c (id string, note string)
        ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde'
        WITH SERDEPROPERTIES ('separatorChar' = ';', 'quoteChar' = '"', 'escapeChar' = '\\\\')
        LOCATION 's3://{lake.name}/c/' TBLPROPERTIES ('skip.header.line.count' = '1')"""
    )
    rows = lake.rows("SELECT id, note, CAST(nullif(note, '') AS varchar) FROM c ORDER BY id")
    assert rows == [("1", 'a; "b"', 'a; "b"'), ("2", "", None), ("3", "é", "é")]


def test_json(lake: Lake) -> None:
    lake.put("j/part", b'{"Id": 1, "ts": "2026-11-21 10:00:00.5", "s": {"a": [1, 2]}}\n{"id": 2, "x": 1.5}\n')
    lake.query(
        f"""CREATE EXTERNAL TABLE j (id int, ts timestamp, x double, s struct<a:array<int>>)
        ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' LOCATION 's3://{lake.name}/j/'"""
    )
    assert lake.rows("SELECT id, ts, x, s, s.a[2] FROM j ORDER BY id") == [
        ("1", "2026-11-21 10:00:00.500", None, "{a=[1, 2]}", "2"),
        ("2", None, "1.5", None, None),
    ]
    lake.put("j/part", b"{broken\n")
    with pytest.raises(QueryFailed, match="HIVE_CURSOR_ERROR"):
        lake.query("SELECT id FROM j")


def test_delimited_text(lake: Lake) -> None:
    lake.put("d/part", b"1|a|2.5\nx|\\N|3\n")
    lake.query(
        f"""CREATE EXTERNAL TABLE d (id int, s string, x double)
        ROW FORMAT DELIMITED FIELDS TERMINATED BY '|' LOCATION 's3://{lake.name}/d/'"""
    )
    assert lake.rows("SELECT * FROM d ORDER BY x") == [("1", "a", "2.5"), (None, None, "3.0")]


def test_the_merged_view(lake: Lake) -> None:
    merged = MergedView(lake)
    empty = lake.query("SELECT * FROM merged")
    assert (empty.rows, empty.types) == ([], ["varchar", "date", "double", "bigint"])
    merged.fill()
    assert lake.rows("SELECT * FROM merged WHERE deviceid = 'd1'") == [
        ("d1", "1970-01-01", str(5.0 / 19), "19")
    ]
    assert lake.rows("SELECT * FROM busy") == [("d1", "19")]
    lake.query("DROP VIEW merged")
    lake.create_view("merged", merged.text(["17"]), {**merged.columns, "events": "varchar"})
    with pytest.raises(
        QueryFailed,
        match=r"VIEW_IS_STALE: line 1:15: View .* is stale or in invalid state: column \[events\]",
    ):
        lake.query("SELECT * FROM merged")


def test_a_publish_is_seen_at_once(lake: Lake) -> None:
    merged = MergedView(lake)
    merged.fill()
    events = "SELECT events FROM merged"
    assert lake.rows(events) == [("19",)]
    merged.publish(["16", "17"])
    assert lake.rows(events) == [("35",)]
    merged.add_run("18")
    assert lake.rows(events) == [("35",)], "an unpublished run adds nothing"
    merged.publish(["16", "17", "18"])
    assert lake.rows(events) == [("53",)]
    merged.add_segment("shardId-1", "0001")
    assert lake.rows(events) == [("54",)]
    lake.query("ALTER TABLE b DROP PARTITION (run = '16')")
    assert lake.rows(events) == [("38",)]


def test_create_view(lake: Lake) -> None:
    moment = "TIMESTAMP '2026-11-21 10:00:00.123'"
    lake.query(f"CREATE VIEW v AS SELECT 1 AS one, CAST('x' AS varchar) AS s, {moment} AS t")
    assert lake.rows("SELECT * FROM v") == [("1", "x", "2026-11-21 10:00:00.123")]
    table = lake.glue.get_table(DatabaseName=lake.database, Name="v")["Table"]
    encoded = table["ViewOriginalText"].removeprefix("/* Presto View: ").removesuffix(" */")
    body = json.loads(base64.b64decode(encoded))
    assert table["TableType"] == "VIRTUAL_VIEW"
    assert table["Parameters"]["presto_view"] == "true"
    assert body["columns"] == [
        {"name": "one", "type": "integer"},
        {"name": "s", "type": "varchar"},
        {"name": "t", "type": "timestamp(3)"},
    ]
    with pytest.raises(QueryFailed, match="TABLE_ALREADY_EXISTS"):
        lake.query("CREATE VIEW v AS SELECT 2 AS two")
    lake.query("CREATE OR REPLACE VIEW v AS SELECT 2 AS two")
    lake.query("CREATE VIEW w AS SELECT two + 1 AS three FROM v")
    assert lake.rows("SELECT three FROM w") == [("3",)]
    lake.query("CREATE OR REPLACE VIEW v AS SELECT three FROM w")
    with pytest.raises(QueryFailed, match=r"INVALID_VIEW: line 1:15: Failed analyzing .*View is recursive"):
        lake.query("SELECT * FROM v")
    with pytest.raises(QueryFailed, match="MISSING_COLUMN_NAME"):
        lake.query("CREATE VIEW unnamed AS SELECT 1 + 1")
    lake.query("DROP VIEW v")
    with pytest.raises(
        QueryFailed, match=r"INVALID_VIEW: line 1:15: Failed analyzing stored view .*v' does not exist"
    ):
        lake.query("SELECT * FROM w")
    lake.query("DROP VIEW IF EXISTS v")
    with pytest.raises(QueryFailed, match="TABLE_NOT_FOUND"):
        lake.query("DROP VIEW v")


def manifest(lake: Lake, execution: QueryExecutionTypeDef) -> list[str]:
    """The files written by a statement."""
    return lake.read(execution["Statistics"]["DataManifestLocation"]).decode().splitlines()


def test_unload(lake: Lake) -> None:
    target = f"s3://{lake.name}/out/1/"
    answer = lake.query(
        f"""UNLOAD (SELECT s, n, CAST(n AS double) AS d,
                   TIMESTAMP '2026-11-21 10:00:00.123' AS ts, DATE '2026-11-21' AS day
        FROM (VALUES ('a', 1), (NULL, 2)) v (s, n))
        TO '{target}' WITH (format = 'PARQUET', compression = 'SNAPPY')"""
    )
    assert answer.execution["SubstatementType"] == "UNLOAD"
    files = manifest(lake, answer.execution)
    assert len(files) == 1
    assert files[0].startswith(target)
    written = pq.ParquetFile(io.BytesIO(lake.read(files[0])))
    assert written.metadata.row_group(0).column(0).compression == "SNAPPY"
    rows = written.read().to_pylist()
    assert [(row["s"], row["n"], row["d"]) for row in rows] == [("a", 1, 1.0), (None, 2, 2.0)]
    lake.create_table(
        "o", {"s": "string", "n": "int", "d": "double", "ts": "timestamp", "day": "date"}, location=target
    )
    assert lake.rows("SELECT * FROM o WHERE n = 1") == [
        ("a", "1", "1.0", "2026-11-21 10:00:00.123", "2026-11-21")
    ]

    with pytest.raises(
        QueryFailed, match=r"HIVE_PATH_ALREADY_EXISTS: Target directory for table .* already exists"
    ):
        lake.query(f"UNLOAD (SELECT 1 AS x) TO '{target}' WITH (format = 'PARQUET')")
    with pytest.raises(QueryFailed, match="MISSING_COLUMN_NAME"):
        lake.query(f"UNLOAD (SELECT 1) TO 's3://{lake.name}/out/2/' WITH (format = 'PARQUET')")
    with pytest.raises(QueryFailed, match="NOT_SUPPORTED"):
        lake.query(f"UNLOAD (SELECT 1 AS x) TO 's3://{lake.name}/out/2/' WITH (format = 'ORC')")


def test_unload_of_no_row_writes_no_file(lake: Lake) -> None:
    target = f"s3://{lake.name}/out/"
    answer = lake.query(f"UNLOAD (SELECT 1 AS x WHERE false) TO '{target}' WITH (format = 'PARQUET')")
    assert manifest(lake, answer.execution) == []
    assert "Contents" not in lake.s3.list_objects_v2(Bucket=lake.name, Prefix="out/")


def test_unload_into_partitions_and_several_files(lake: Lake) -> None:
    target = f"s3://{lake.name}/out/"
    rows = (
        "SELECT 10000 * y + x AS x, x % 2 AS run FROM UNNEST(sequence(1, 10000)) AS a (x) "
        "CROSS JOIN UNNEST(sequence(0, 11)) AS b (y)"
    )
    split = lake.query(f"UNLOAD ({rows}) TO '{target}whole/' WITH (format = 'PARQUET', compression = 'ZSTD')")
    files = manifest(lake, split.execution)
    assert sum(pq.read_metadata(io.BytesIO(lake.read(file))).num_rows for file in files) == 120_000
    parts = lake.query(
        f"UNLOAD ({rows}) TO '{target}parts/' WITH (format = 'PARQUET', partitioned_by = ARRAY['run'])"
    )
    folders = {file.removeprefix(f"{target}parts/").split("/")[0] for file in manifest(lake, parts.execution)}
    assert folders == {"run=0", "run=1"}


def test_create_table_as(lake: Lake) -> None:
    lake.query(
        f"""CREATE TABLE c WITH (external_location = 's3://{lake.name}/ctas/', format = 'PARQUET',
        partitioned_by = ARRAY['run']) AS SELECT s, run FROM (VALUES ('a', 1), ('b', 2)) v (s, run)"""
    )
    assert lake.rows("SELECT s, run FROM c ORDER BY run") == [("a", "1"), ("b", "2")]
    assert lake.query("SHOW PARTITIONS c").lines == [("run=1",), ("run=2",)]


def test_partition_statements(lake: Lake) -> None:
    lake.create_table("t", {"x": "bigint"}, {"year": "string", "run": "bigint"})
    for run in (1, 2):
        lake.put(f"t/year=2026/run={run}/part", numbers(run))
    lake.query("ALTER TABLE t ADD IF NOT EXISTS PARTITION (year = '2026', run = 1)")
    assert lake.rows("SELECT x, run FROM t") == [("1", "1")]
    with pytest.raises(QueryFailed, match="Partition already exists"):
        lake.query("ALTER TABLE t ADD PARTITION (year = '2026', run = 1)")
    lake.query("MSCK REPAIR TABLE t")
    assert lake.query("SHOW PARTITIONS t").lines == [("year=2026/run=1",), ("year=2026/run=2",)]
    assert lake.rows("SELECT sum(x) FROM t") == [("3",)]
    lake.query("ALTER TABLE t DROP PARTITION (year = '2026', run = '1')")
    assert lake.rows("SELECT sum(x) FROM t") == [("2",)]


def test_show_and_describe(lake: Lake) -> None:
    lake.create_table("readings", {"x": "bigint"}, {"run": "bigint"})
    lake.query("CREATE VIEW latest AS SELECT x FROM readings")
    shown = lake.query("SHOW TABLES")
    assert (shown.lines, shown.columns[0]["Name"]) == ([("latest",), ("readings",)], "tab_name")
    assert lake.query(f"SHOW TABLES IN {lake.database} 'read*'").lines == [("readings",)]
    assert lake.query("SHOW VIEWS").lines == [("latest",)]
    assert (lake.database,) in lake.query("SHOW DATABASES").lines
    described = [line[0] for line in lake.query("DESCRIBE readings").lines if line[0]]
    assert [field.strip() for field in described[0].split("\t")] == ["x", "bigint", ""]
    assert "# Partition Information" in described[3]
    found = lake.rows(
        f"SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = '{lake.database}'"
    )
    assert sorted(found) == [("latest", "VIEW"), ("readings", "BASE TABLE")]


def test_names_reach_other_databases(lake: Lake) -> None:
    lake.create_table("t", {"x": "bigint"})
    lake.put("t/part", numbers(1))
    elsewhere = {"QueryExecutionContext": {"Database": "default"}}
    assert lake.rows(f"SELECT x FROM {lake.database}.t", **elsewhere) == [("1",)]
    assert lake.rows(f'SELECT t.x FROM "AwsDataCatalog"."{lake.database}"."T" AS t', **elsewhere) == [("1",)]
    with pytest.raises(QueryFailed, match="SCHEMA_NOT_FOUND: line 1:15: Schema 'nowhere' does not exist"):
        lake.query("SELECT * FROM nowhere.t")
    with pytest.raises(QueryFailed, match="CATALOG_NOT_FOUND"):
        lake.query("SELECT * FROM other.nowhere.t")
