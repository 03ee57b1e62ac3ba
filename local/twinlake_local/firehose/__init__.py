"""Firehose with a Kinesis source: de-aggregation, transformation, buffers, conversion, error prefixes.

The emulator delivers each record by itself while it is put into the stream. Here, as on AWS, a delivery
stream reads its source on its own. Delivery streams with direct puts stay the emulator's.
"""

from __future__ import annotations

from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import firehose as emulator

from twinlake_local.firehose import configuration
from twinlake_local.firehose.pipeline import Pipeline
from twinlake_local.patching import Answer, replace
from twinlake_local.settings import Settings


def install(settings: Settings) -> None:
    """Serves delivery streams with a Kinesis source by `Pipeline`s."""

    def create(data: dict[str, Any]) -> Answer:
        answer = create_emulated(data)
        stream = emulator._streams.get(data.get("DeliveryStreamName"))
        if answer[0] != 200 or stream is None or stream["type"] != "KinesisStreamAsSource":
            return answer
        # Whole milliseconds, the precision of arrival times, so that every comparison with them agrees.
        source = stream["kinesis_source"]
        source["DeliveryStartTimestamp"] = round(source["DeliveryStartTimestamp"], 3)
        refusal = _refusal(stream, settings)
        if refusal is not None:
            del emulator._streams[stream["name"]]
            return refusal
        Pipeline(get_account_id(), get_region(), stream, settings).start()
        return answer

    def update(data: dict[str, Any]) -> Answer:
        stream = emulator._streams.get(data.get("DeliveryStreamName"))
        _kind, changes = emulator._resolve_dest_update_config(data)
        if stream is not None and stream["type"] == "KinesisStreamAsSource" and changes:
            # Checked before it is stored, since the pipeline reads its configuration at any moment.
            updated = [{**d, "config": {**d["config"], **changes}} for d in stream["destinations"]]
            refusal = _refusal({**stream, "destinations": updated}, settings)
            if refusal is not None:
                return refusal
        return update_emulated(data)

    create_emulated = replace(emulator, "_create_delivery_stream", create)
    update_emulated = replace(emulator, "_update_destination", update)
    emulator._HANDLERS.update(CreateDeliveryStream=create, UpdateDestination=update)
    replace(emulator, "ingest_from_kinesis_source", _leave_to_pipelines)


def _refusal(stream: dict[str, Any], settings: Settings) -> Answer | None:
    try:
        configuration.read(stream, settings.max_buffer_seconds)
    except configuration.Unsupported as error:
        return emulator._invalid(str(error))
    return None


def _leave_to_pipelines(_stream_arn: str, _records: list[Any]) -> None:
    """Replaces the emulator's delivery inside PutRecords: the pipelines read the stream themselves."""
