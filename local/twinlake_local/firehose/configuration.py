"""The configuration of a delivery stream, from the emulator's record of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

MIB = 1 << 20


class Unsupported(Exception):
    """The delivery stream needs a feature that the local Firehose does not have."""


@dataclass(frozen=True)
class Processor:
    """The transformation function and its buffer."""

    function_arn: str
    retries: int
    buffer_bytes: int
    buffer_seconds: float


@dataclass(frozen=True)
class Destination:
    """An S3 destination."""

    bucket: str
    prefix: str
    error_prefix: str
    time_zone: str
    buffer_bytes: int
    buffer_seconds: float
    gzip: bool
    extension: str
    append_newline: bool
    conversion: dict[str, Any] | None
    processor: Processor | None


def read(stream: dict[str, Any], max_buffer_seconds: float | None) -> Destination:
    """The destination of a delivery stream with a Kinesis source. Raises `Unsupported`."""
    destinations = stream["destinations"]
    if len(destinations) != 1 or destinations[0]["type"] not in ("ExtendedS3", "S3"):
        raise Unsupported("The local Firehose delivers a Kinesis stream to one S3 destination only.")
    config = destinations[0]["config"]
    if (config.get("DynamicPartitioningConfiguration") or {}).get("Enabled"):
        raise Unsupported("The local Firehose has no dynamic partitioning for a Kinesis source.")
    compression = config.get("CompressionFormat", "UNCOMPRESSED")
    if compression not in ("UNCOMPRESSED", "GZIP"):
        raise Unsupported(f"The local Firehose does not compress with {compression}.")
    hints = config.get("BufferingHints") or {}
    conversion = config.get("DataFormatConversionConfiguration")
    processor, append_newline = _processors(config.get("ProcessingConfiguration") or {}, max_buffer_seconds)
    return Destination(
        bucket=config["BucketARN"].rsplit(":", 1)[-1],
        prefix=config.get("Prefix") or "",
        error_prefix=config.get("ErrorOutputPrefix") or "",
        time_zone=config.get("CustomTimeZone") or "UTC",
        buffer_bytes=int(hints.get("SizeInMBs", 5)) * MIB,
        buffer_seconds=_at_most(float(hints.get("IntervalInSeconds", 300)), max_buffer_seconds),
        gzip=compression == "GZIP",
        extension=config.get("FileExtension") or "",
        append_newline=append_newline,
        conversion=conversion if conversion and conversion.get("Enabled", True) else None,
        processor=processor,
    )


def _processors(config: dict[str, Any], max_buffer_seconds: float | None) -> tuple[Processor | None, bool]:
    processor: Processor | None = None
    append_newline = False
    for entry in (config.get("Processors") or []) if config.get("Enabled") else []:
        if entry.get("Type") == "AppendDelimiterToRecord":
            append_newline = True
            continue
        if entry.get("Type") != "Lambda" or processor is not None:
            raise Unsupported(
                f"The local Firehose has no processor {entry.get('Type')}, and one function at most."
            )
        parameters = {p["ParameterName"]: p["ParameterValue"] for p in entry.get("Parameters") or []}
        processor = Processor(
            function_arn=parameters["LambdaArn"],
            retries=int(parameters.get("NumberOfRetries", 3)),
            buffer_bytes=int(float(parameters.get("BufferSizeInMBs", 1)) * MIB),
            buffer_seconds=_at_most(float(parameters.get("BufferIntervalInSeconds", 60)), max_buffer_seconds),
        )
    return processor, append_newline


def _at_most(seconds: float, limit: float | None) -> float:
    return seconds if limit is None else min(seconds, limit)
