"""Doors that no description of the house names: the signers', and beginnings of addresses.  地址"""

from typing import Any

SIGNERS_DOORS = (
    *(("POST", f"/v1/{name}") for name in ("configs", "seals", "recall", "finals", "catch-up")),
    *(("POST", "/v1/manifests"), ("POST", "/add-checkpoint"), ("GET", "/v1/key")),
    *(("GET", "/v1/status"), ("GET", "/v1/nothing")),
)
SIGNERS_BODIES: tuple[dict[str, Any], ...] = (
    {"config": "{}", "platform": "00", "approver": "00"},
    {"finals": ["00"]},
    {"rounds": [{"seal": "00", "entries": "00", "final": "00", "before": None}]},
    {"manifest": "{}", "platform": "00"},
)
ROOTS = (
    *("/", "//", "/api/v1/", "/api/v1/till/", "/acquirer/v1/", "/log/", "/console/", "/merchant/"),
    *("/public/", "/schema/", "/api/v1/public/days/"),
)
