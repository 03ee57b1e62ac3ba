from collections.abc import Iterable
from typing import Any

def deaggregate_records(records: Iterable[dict[str, Any]]) -> list[dict[str, Any]]: ...
