"""The shards of a stream, which tests split and merge."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_kinesis.client import KinesisClient


class Shards:
    """The shards of one stream."""

    def __init__(self, kinesis: KinesisClient, stream: str) -> None:
        self._kinesis = kinesis
        self._stream = stream

    def hash_keys(self, only_open: bool = False) -> dict[str, range]:
        """The hash keys of each shard."""
        listed = self._kinesis.list_shards(StreamName=self._stream)["Shards"]
        return {
            shard["ShardId"]: range(
                int(shard["HashKeyRange"]["StartingHashKey"]), int(shard["HashKeyRange"]["EndingHashKey"]) + 1
            )
            for shard in listed
            if not only_open or "EndingSequenceNumber" not in shard["SequenceNumberRange"]
        }

    def split_each(self) -> None:
        """Splits each open shard in the middle."""
        for shard, keys in self.hash_keys(only_open=True).items():
            self._kinesis.split_shard(
                StreamName=self._stream,
                ShardToSplit=shard,
                NewStartingHashKey=str((keys.start + keys.stop) // 2),
            )

    def merge_pairs(self) -> None:
        """Merges the first open shard with the second, and so on."""
        keys = self.hash_keys(only_open=True)
        shards = sorted(keys, key=lambda shard: keys[shard].start)
        for shard, adjacent in zip(shards[::2], shards[1::2], strict=True):
            self._kinesis.merge_shards(
                StreamName=self._stream, ShardToMerge=shard, AdjacentShardToMerge=adjacent
            )
