from typing import Any

from ministack.core.responses import AccountScopedDict

_Record = dict[str, Any]
_Answer = tuple[int, dict[str, str], bytes]

_buckets: AccountScopedDict[_Record]

async def handle_request(
    method: str,
    path: str,
    headers: dict[str, str],
    body: bytes,
    query_params: dict[str, Any],
    signed_path: str | None = None,
    enforce_bucket_region: bool = True,
    internal: bool = False,
    access_point_region: str | None = None,
    access_point: _Record | None = None,
) -> _Answer: ...
def _get_object_data(bucket_name: str, key: str, version_id: str | None = None) -> bytes | None: ...
def _put_object(bucket_name: str, key: str, body: bytes, headers: dict[str, str]) -> _Answer: ...
def _read_body(bucket_name: str, key: str, obj: _Record) -> bytes: ...
