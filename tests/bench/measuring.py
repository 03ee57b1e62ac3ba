"""The cost of a query: its time by Athena and by its client, bytes, and requests."""

from __future__ import annotations

import json
import re
import time
import urllib.request
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from athena import Texts, read_rows
from lake import Lake

_LOOK_S = 0.02
_OBJECT = re.compile(r"GET /[^/]+/(.+)")
_LISTING = re.compile(r"GET /[^/]+/?")


@dataclass(frozen=True)
class Requests:
    """The requests of a query to S3 and Glue."""

    objects: int
    """The number of objects read, each at least in part."""
    s3: int
    """Reads and listings."""
    glue: int

    @classmethod
    def of(cls, counts: Mapping[str, int]) -> Requests:
        """The requests among those that the local AWS has counted."""
        reads = [count for kind, count in counts.items() if _OBJECT.fullmatch(kind)]
        listings = [count for kind, count in counts.items() if _LISTING.fullmatch(kind)]
        return cls(
            objects=len(reads),
            s3=sum(reads) + sum(listings),
            glue=sum(count for kind, count in counts.items() if kind.startswith("AWSGlue.")),
        )


@dataclass(frozen=True)
class Execution:
    """One execution of a query."""

    engine_ms: int
    """Athena's `EngineExecutionTimeInMillis`."""
    wall_ms: int
    """The time from the client's request until it sees the end."""
    scanned_bytes: int
    requests: Requests
    location: str

    def rows(self, lake: Lake[Any]) -> list[Texts]:
        """The rows of the answer."""
        return read_rows(lake.read(urlsplit(self.location).path.lstrip("/")))


def execute(lake: Lake[Any], statement: str) -> Execution:
    """Runs a query to its end. Fails unless it succeeds."""
    client = lake.aws.client("athena")
    _requests_path(lake, "POST")
    began = time.perf_counter()
    execution = client.start_query_execution(
        QueryString=statement,
        WorkGroup=lake.workgroup,
        QueryExecutionContext={"Database": lake.database},
    )["QueryExecutionId"]
    while True:
        query = client.get_query_execution(QueryExecutionId=execution)["QueryExecution"]
        if query["Status"]["State"] not in ("QUEUED", "RUNNING"):
            break
        time.sleep(_LOOK_S)
    wall_ms = round((time.perf_counter() - began) * 1000)
    counts = _requests_path(lake, "GET")
    _requests_path(lake, "DELETE")
    assert query["Status"]["State"] == "SUCCEEDED", f"{statement}\n{query['Status']}"
    return Execution(
        engine_ms=query["Statistics"]["EngineExecutionTimeInMillis"],
        wall_ms=wall_ms,
        scanned_bytes=query["Statistics"]["DataScannedInBytes"],
        requests=Requests.of(counts),
        location=query["ResultConfiguration"]["OutputLocation"],
    )


def seconds_of_reads(lake: Lake[Any], keys: Iterable[str]) -> float:
    """The seconds for which the local S3 alone serves these objects in turn: its part in a query's time."""
    client = lake.aws.client("s3")
    urls = [client.generate_presigned_url("get_object", {"Bucket": lake.bucket, "Key": key}) for key in keys]
    with closing(HTTPConnection(urlsplit(lake.aws.endpoint).netloc)) as connection:
        began = time.perf_counter()
        for url in urls:
            connection.request("GET", url.removeprefix(lake.aws.endpoint))
            response = connection.getresponse()
            response.read()
            assert response.status == HTTPStatus.OK, f"{url}: {response.status}"
        return time.perf_counter() - began


def _requests_path(lake: Lake[Any], method: str) -> dict[str, int]:
    """Starts counting requests (POST), returns the counts (GET), or stops (DELETE) in the local AWS."""
    request = urllib.request.Request(f"{lake.aws.endpoint}/_twinlake/requests", method=method)
    with urllib.request.urlopen(request) as response:
        counts: dict[str, int] = json.load(response)
        return counts
