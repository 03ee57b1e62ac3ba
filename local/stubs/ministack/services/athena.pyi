from dataclasses import dataclass
from typing import Any

from ministack.core.responses import AccountRegionScopedDict

_Record = dict[str, Any]
_Answer = tuple[int, dict[str, str], bytes]

_executions: AccountRegionScopedDict[_Record]
_workgroups: AccountRegionScopedDict[_Record]
_named_queries: AccountRegionScopedDict[_Record]
_prepared_statements: AccountRegionScopedDict[_Record]

@dataclass(frozen=True)
class _CreateTable:
    database: str | None
    table: str
    location: str | None
    if_not_exists: bool
    @property
    def iceberg(self) -> bool: ...

@dataclass(frozen=True)
class _DropTable:
    database: str | None
    table: str
    if_exists: bool

async def handle_request(
    method: str, path: str, headers: dict[str, str], body: bytes, query_params: dict[str, Any]
) -> _Answer: ...
def _ensure_default_workgroup() -> None: ...
def _ensure_default_data_catalog() -> None: ...
def _delete_workgroup(data: _Record) -> _Answer: ...
def _glue_table_to_metadata(t: _Record) -> _Record: ...
def _parse_ddl(query: str) -> _CreateTable | _DropTable | None: ...
def _create_table_input(ddl: _CreateTable) -> _Record: ...
