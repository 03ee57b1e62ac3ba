from typing import Any

from ministack.core.responses import AccountRegionScopedDict

_Answer = tuple[int, dict[str, str], bytes]

_alarms: AccountRegionScopedDict[dict[str, Any]]

def record_metric(
    namespace: str,
    metric_name: str,
    value: float,
    unit: str = "None",
    dimensions: dict[str, str] | None = None,
) -> None: ...
def _put_metric_alarm(
    params: dict[str, Any], cbor_data: dict[str, Any], is_cbor: bool, is_json: bool = False
) -> _Answer: ...
def _describe_alarms(
    params: dict[str, Any], cbor_data: dict[str, Any], is_cbor: bool, is_json: bool = False
) -> _Answer: ...
def _xml(status: int, root_tag: str, inner: str) -> _Answer: ...
