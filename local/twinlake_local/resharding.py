"""Kinesis shards stay readable, closed, after they are split, merged or replaced, as on AWS.

The emulator drops them with their unread records, and numbers the shards of UpdateShardCount from zero again.
"""

from __future__ import annotations

import json
from typing import Any

from ministack.core.responses import error_response_json, json_response
from ministack.services import kinesis

from twinlake_local.patching import Answer, Operation, replace

Shard = dict[str, Any]

_ENDING = "ending_sequence_number"


def is_open(shard: Shard) -> bool:
    """Reports whether a shard still accepts records."""
    return _ENDING not in shard


def parents(stream: dict[str, Any], shard: Shard) -> list[tuple[str, Shard]]:
    """The parents of a shard, which are read before it."""
    names = (shard.get("parent_shard_id"), shard.get("adjacent_parent_shard_id"))
    return [(name, stream["shards"][name]) for name in names if name is not None and name in stream["shards"]]


def _keeping_closed(operation: Operation) -> Operation:
    """Keeps the shards that an operation removes, closed, before those that it adds."""

    def wrapped(data: dict[str, Any]) -> Answer:
        _name, stream = kinesis._resolve_stream(data)
        before = dict(stream["shards"]) if stream else {}
        closed_before = {name for name, shard in before.items() if not is_open(shard)}
        if not closed_before.isdisjoint(
            {data.get("ShardToSplit"), data.get("ShardToMerge"), data.get("AdjacentShardToMerge")}
        ):
            return error_response_json("InvalidArgumentException", "The shard is closed.", 400)
        answer = operation(data)
        if answer[0] == 200 and stream:
            added = {name: shard for name, shard in stream["shards"].items() if name not in before}
            for name, shard in before.items():
                if name not in stream["shards"]:
                    shard[_ENDING] = kinesis._next_sequence_number()
            stream["shards"] = {**before, **added}
        return answer

    return wrapped


def _update_shard_count(data: dict[str, Any]) -> Answer:
    """UpdateShardCount: new shards of equal size, each with the overlapping open shards as its parents."""
    _name, stream = kinesis._resolve_stream(data)
    if stream is None or "TargetShardCount" not in data:
        return _emulated_update_shard_count(data)
    target = int(data["TargetShardCount"])
    if target < 1:
        return _emulated_update_shard_count(data)
    current = {name: shard for name, shard in stream["shards"].items() if is_open(shard)}
    if target != len(current):
        added = kinesis._build_shards(target, kinesis._max_shard_index(stream) + 1)
        for shard in added.values():
            overlapping = [name for name, old in current.items() if _overlap(old, shard)]
            shard["parent_shard_id"] = overlapping[0]
            shard["adjacent_parent_shard_id"] = overlapping[1] if len(overlapping) > 1 else None
        for shard in current.values():
            shard[_ENDING] = kinesis._next_sequence_number()
        stream["shards"] = {**stream["shards"], **added}
    return json_response(
        {
            "StreamName": stream["StreamName"],
            "CurrentShardCount": len(current),
            "TargetShardCount": target,
            "StreamARN": stream["StreamARN"],
        }
    )


def _overlap(one: Shard, other: Shard) -> bool:
    return int(one["starting_hash_key"]) <= int(other["ending_hash_key"]) and int(
        other["starting_hash_key"]
    ) <= int(one["ending_hash_key"])


def _route_to_shard(hash_key: int, stream: dict[str, Any]) -> str:
    """The open shard of a hash key."""
    shards: dict[str, Shard] = stream["shards"]
    return next(
        name
        for name, shard in shards.items()
        if is_open(shard) and int(shard["starting_hash_key"]) <= hash_key <= int(shard["ending_hash_key"])
    )


def _shard_out(name: str, shard: Shard) -> dict[str, Any]:
    """A shard's description, with its end if it is closed."""
    description = _emulated_shard_out(name, shard)
    if not is_open(shard):
        description["SequenceNumberRange"]["EndingSequenceNumber"] = shard[_ENDING]
    return description


def _describe_stream_summary(data: dict[str, Any]) -> Answer:
    """DescribeStreamSummary, which counts open shards only."""
    code, headers, body = _emulated_describe_stream_summary(data)
    _name, stream = kinesis._resolve_stream(data)
    if code == 200 and stream is not None:
        summary = json.loads(body)
        count = sum(is_open(shard) for shard in stream["shards"].values())
        summary["StreamDescriptionSummary"]["OpenShardCount"] = count
        return json_response(summary)
    return code, headers, body


def _list_shards(data: dict[str, Any]) -> Answer:
    """ListShards with the filter AT_LATEST, which leaves out closed shards; other filters leave out nothing.

    Producers ask so for the shards that take records.
    """
    code, headers, body = _emulated_list_shards(data)
    _name, stream = kinesis._resolve_stream(data)
    if code != 200 or stream is None or data.get("ShardFilter", {}).get("Type") != "AT_LATEST":
        return code, headers, body
    answer = json.loads(body)
    answer["Shards"] = [out for out in answer["Shards"] if is_open(stream["shards"][out["ShardId"]])]
    return json_response(answer)


def _get_records(data: dict[str, Any]) -> Answer:
    """GetRecords. At the end of a closed shard, it returns the shard's children instead of an iterator."""
    iterator = kinesis._shard_iterators.get(data.get("ShardIterator")) or {}
    code, headers, body = _emulated_get_records(data)
    stream = kinesis._streams.get(iterator.get("stream"))
    if code != 200 or stream is None:
        return code, headers, body
    shard = stream["shards"].get(iterator["shard_id"])
    if shard is None or is_open(shard):
        return code, headers, body
    answer = json.loads(body)
    following = kinesis._shard_iterators[answer["NextShardIterator"]]
    if following["position"] < len(shard["records"]):
        return code, headers, body
    del answer["NextShardIterator"]
    answer["ChildShards"] = [
        {
            "ShardId": name,
            "ParentShards": [parent for parent, _shard in parents(stream, child)],
            "HashKeyRange": _emulated_shard_out(name, child)["HashKeyRange"],
        }
        for name, child in stream["shards"].items()
        if iterator["shard_id"] in (parent for parent, _shard in parents(stream, child))
    ]
    return json_response(answer)


_emulated_update_shard_count = kinesis._update_shard_count
_emulated_shard_out = kinesis._shard_out
_emulated_describe_stream_summary = kinesis._describe_stream_summary
_emulated_list_shards = kinesis._list_shards
_emulated_get_records = kinesis._get_records


def install() -> None:
    """Keeps closed shards."""
    replace(kinesis, "_split_shard", _keeping_closed(kinesis._split_shard))
    replace(kinesis, "_merge_shards", _keeping_closed(kinesis._merge_shards))
    replace(kinesis, "_update_shard_count", _update_shard_count)
    replace(kinesis, "_route_to_shard", _route_to_shard)
    replace(kinesis, "_shard_out", _shard_out)
    replace(kinesis, "_describe_stream_summary", _describe_stream_summary)
    replace(kinesis, "_list_shards", _list_shards)
    replace(kinesis, "_get_records", _get_records)
