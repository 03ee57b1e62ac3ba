from typing import Any

from ministack.core.responses import AccountScopedDict

_roles: AccountScopedDict[dict[str, Any]]
