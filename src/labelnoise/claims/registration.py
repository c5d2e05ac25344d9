"""What is registered before verdicts are known. Needs no table, so that reading parameters stays fast."""

import hashlib
import json
from typing import Any


def hash_of(params: Any) -> str:
    """sha256 of what decides verdicts: the claims, their thresholds and rows, their seeds and their level."""
    said = {name: statement.model_dump(mode="json") for name, statement in params.statements.items()}
    seeds = {"claims": params.claims.model_dump(mode="json"), "first_seed": params.study.first_seed}
    return hashlib.sha256(json.dumps([said, seeds], sort_keys=True).encode()).hexdigest()
