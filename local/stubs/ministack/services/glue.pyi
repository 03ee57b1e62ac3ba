from typing import Any

from ministack.core.responses import AccountRegionScopedDict

_Record = dict[str, Any]
_Answer = tuple[int, dict[str, str], bytes]

_databases: AccountRegionScopedDict[_Record]
_tables: AccountRegionScopedDict[_Record]
_partitions: AccountRegionScopedDict[list[_Record]]

def _create_table(data: _Record) -> _Answer: ...
def _get_table(data: _Record) -> _Answer: ...
def _get_tables(data: _Record) -> _Answer: ...
def _handle_request_sync(
    method: str, path: str, headers: dict[str, str], body: bytes, query_params: dict[str, Any]
) -> _Answer: ...
