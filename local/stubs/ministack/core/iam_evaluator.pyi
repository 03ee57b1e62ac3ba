from dataclasses import dataclass
from typing import Any

_Policies = list[list[Any]]

@dataclass
class EvalContext:
    principal_arn: str
    principal_type: str
    principal_account: str
    action: str
    resource_arn: str
    region: str

@dataclass
class EvalResult:
    decision: str

def _gather_role_policies(role_name: str, account_id: str) -> _Policies: ...
def evaluate(ctx: EvalContext, policies: _Policies, *limits: _Policies) -> EvalResult: ...
