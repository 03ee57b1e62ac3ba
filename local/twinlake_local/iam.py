"""IAM with `AUTH=true`: permissions on a query of Athena are those on its workgroup."""

from __future__ import annotations

import json
from typing import Any

from ministack.core import iam_actions
from ministack.services import athena

from twinlake_local.patching import replace


def _resource_arn(
    service: str,
    method: str,
    path: str,
    headers: dict[str, Any],
    body: bytes,
    query_params: dict[str, Any],
    region: str,
    account_id: str,
) -> str:
    """The ARN of a request's resource. A request that names a query is about the workgroup that runs it."""
    if service == "athena":
        execution = athena._executions.get(json.loads(body or b"{}").get("QueryExecutionId", ""))
        if execution is not None:
            return f"arn:aws:athena:{region}:{account_id}:workgroup/{execution['WorkGroup']}"
    return _extract_resource_arn(service, method, path, headers, body, query_params, region, account_id)


_extract_resource_arn = iam_actions.extract_resource_arn


def install() -> None:
    """Replaces the emulator's ARNs of resources."""
    replace(iam_actions, "extract_resource_arn", _resource_arn)
