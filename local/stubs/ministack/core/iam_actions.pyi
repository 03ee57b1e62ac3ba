from typing import Any

def extract_resource_arn(
    service: str,
    method: str,
    path: str,
    headers: dict[str, Any],
    body: bytes,
    query_params: dict[str, Any],
    region: str,
    account_id: str,
) -> str: ...
