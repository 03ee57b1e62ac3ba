from typing import Any

from ministack.core.responses import AccountRegionScopedDict

_log_groups: AccountRegionScopedDict[dict[str, Any]]
