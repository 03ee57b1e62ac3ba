from dataclasses import dataclass

class ArnParseError(ValueError): ...

@dataclass(frozen=True)
class Arn:
    partition: str
    service: str
    region: str
    account_id: str
    resource: str

def parse_arn(value: str) -> Arn: ...
