"""Lambda: fast warm calls, the 6 MB limits, and invocations by event sources.

The emulator's Runtime API answers in two small packets, which Nagle's algorithm and delayed acknowledgement
stretch to 40 ms, and it then waits 50 ms for log output that may not come.
"""

from __future__ import annotations

import array
import fcntl
import json
import queue
import termios
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ministack.core import iam_evaluator
from ministack.core.lambda_runtime import ProvidedWorker
from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch_logs, iam, lambda_svc

from twinlake_local import kills
from twinlake_local.patching import replace

if TYPE_CHECKING:
    from ministack.core.lambda_runtime import _RuntimeApiHandler

REQUEST_LIMIT = 6_291_456
"""The limit of a synchronous invocation's request, in bytes."""
RESPONSE_LIMIT = 6_291_556
"""The limit of its response, in bytes."""

_LOG_SECONDS = 0.25
_LOG_HANDOVER_SECONDS = 0.0005


@dataclass(frozen=True)
class Outcome:
    """The result of an invocation. `error_type` is None when the function returned `payload`."""

    payload: Any
    error_type: str | None = None
    error_message: str = ""
    throttled: bool = False

    @property
    def succeeded(self) -> bool:
        """Reports whether the function ran and returned."""
        return self.error_type is None


def invoke(function_arn: str, event: dict[str, Any]) -> Outcome:
    """Invokes a function as an AWS service does: synchronously, within the limits, with metrics.

    The caller has set the request scope (account and region).
    """
    name, qualifier = lambda_svc._resolve_name_and_qualifier(function_arn)
    record, _config = lambda_svc._get_func_record_for_qualifier(name, qualifier)
    if record is None:
        return Outcome(None, "ResourceNotFoundException", f"Function not found: {function_arn}")
    size = len(json.dumps(event))
    if size > REQUEST_LIMIT:
        return Outcome(
            None,
            "RequestEntityTooLargeException",
            f"Request must be smaller than {REQUEST_LIMIT} bytes for the InvokeFunction operation;"
            f" it has {size}",
        )
    started = time.monotonic()
    result = lambda_svc._execute_function(record, event)
    outcome = _outcome(result)
    if not outcome.throttled:  # the emulator counts a throttled call itself
        lambda_svc._emit_lambda_metrics(
            name, (time.monotonic() - started) * 1000, error=not outcome.succeeded, throttle=False
        )
    return outcome


def _outcome(result: dict[str, Any]) -> Outcome:
    body = result.get("body")
    if not result.get("error"):
        return Outcome(body)
    details = body if isinstance(body, dict) else {}
    if result.get("throttle"):
        return Outcome(None, "TooManyRequestsException", str(details.get("message", "")), throttled=True)
    return Outcome(
        body, str(details.get("errorType") or "Unhandled"), str(details.get("errorMessage") or body or "")
    )


def _runtime_api(
    worker: ProvidedWorker, generation: int, pending: queue.Queue[Any]
) -> type[_RuntimeApiHandler]:
    """The emulator's Runtime API, with quick answers, bounded responses, and invocations told to `kills`."""
    emulated = _build_handler_class(worker, generation, pending)

    def read_body(request: _RuntimeApiHandler) -> bytes:
        body = emulated._read_body(request)
        if request.path.endswith("/response") and len(body) > RESPONSE_LIMIT:
            request.path = request.path.removesuffix("response") + "error"
            return json.dumps(
                {
                    "errorType": "Function.ResponseSizeTooLarge",
                    "errorMessage": f"Response payload size ({len(body)} bytes) exceeded maximum allowed"
                    f" payload size ({RESPONSE_LIMIT} bytes).",
                }
            ).encode()
        return body

    def serve(request: _RuntimeApiHandler) -> None:
        emulated.do_GET(request)
        if generation == worker._generation:
            kills.invocation_began(worker)

    members = {
        "do_GET": serve,
        "disable_nagle_algorithm": True,
        "wbufsize": -1,  # headers and body leave in one packet
        "_read_body": read_body,
    }
    return type("RuntimeAPI", (emulated,), members)


def _collect_log(worker: ProvidedWorker, *_waits: float, **_named_waits: float) -> str:
    """The function's output up to its answer.

    All of it is in the pipe by then. Once the pipe is empty, only the reading thread's last lines are still
    to come.
    """
    deadline = time.monotonic() + _LOG_SECONDS
    while _unread(worker) and time.monotonic() < deadline:
        time.sleep(_LOG_HANDOVER_SECONDS)
    time.sleep(_LOG_HANDOVER_SECONDS)
    return worker._drain_stderr()


def _unread(worker: ProvidedWorker) -> int:
    """The bytes in the function's output pipe; 0 if the process is gone."""
    process = worker._proc
    if process is None or process.stdout is None or process.stdout.closed:
        return 0
    count = array.array("i", [0])
    try:
        fcntl.ioctl(process.stdout.fileno(), termios.FIONREAD, count)
    except (OSError, ValueError):
        return 0  # closed in between
    return count[0]


def _write_log(function: dict[str, Any], *args: Any, **kwargs: Any) -> None:
    """Writes an invocation's log, unless its group is missing and the function's role cannot create one.

    Otherwise a call that ends during `terraform destroy` would leave a log group behind.
    """
    config = function.get("config") or function
    group = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{config['FunctionName']}"
    if group in cloudwatch_logs._log_groups or _may_create_log_group(config, group):
        _emit_lambda_logs(function, *args, **kwargs)


def _may_create_log_group(config: dict[str, Any], group: str) -> bool:
    """Reports whether the role's policies allow it. A role that does not exist may do everything."""
    account, region, role = get_account_id(), get_region(), config.get("Role", "")
    name = role.rsplit("/", 1)[-1]
    if iam._roles.get_scoped(account, None, name) is None:
        return True
    request = iam_evaluator.EvalContext(
        principal_arn=role,
        principal_type="AssumedRole",
        principal_account=account,
        action="logs:CreateLogGroup",
        resource_arn=f"arn:aws:logs:{region}:{account}:log-group:{group}",
        region=region,
    )
    policies = iam_evaluator._gather_role_policies(name, account)
    return iam_evaluator.evaluate(request, policies).decision == "Allow"


_build_handler_class = ProvidedWorker._build_handler_class
_emit_lambda_logs = lambda_svc._emit_lambda_logs


def install() -> None:
    """Replaces the emulator's Runtime API and its logs."""
    replace(lambda_svc, "_emit_lambda_logs", _write_log)
    replace(ProvidedWorker, "_build_handler_class", _runtime_api)
    replace(ProvidedWorker, "_drain_stderr_bounded", _collect_log)
