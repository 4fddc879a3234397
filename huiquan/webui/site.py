"""Which built file answers an address, and with which headers.  页面与安全响应头

    /             -> consumer/index.html        /merchant/ -> merchant/index.html
    /consumer/    -> consumer/index.html        /console/  -> console/index.html
    /public/      -> public/index.html
    /assets/…     -> the file itself, kept for a year because its name carries its hash

All files are found once, at the start: an address that is not in the table has no file, so no
address can lead out of the folder. Compressed twins (.br, .gz) are chosen by Accept-Encoding.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FACES = ("consumer", "merchant", "console", "public")

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
_FOREVER = "public, max-age=31536000, immutable"
_BRIEFLY = "public, max-age=60, stale-while-revalidate=600"
# Only the cashier's page may use the camera; the console needs neither camera nor place.
_PERMISSIONS = {
    "consumer": "geolocation=(self), camera=()",
    "merchant": "geolocation=(), camera=(self)",
    "console": "geolocation=(), camera=()",
    "public": "geolocation=(), camera=()",
}
_TWINS = (("br", ".br"), ("gzip", ".gz"))


@dataclass(frozen=True, kw_only=True)
class PageFile:
    """One file as it is sent: where it lies and what is said with it."""

    path: Path
    headers: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Site:
    """Every address of the built pages and the security policy of each face."""

    files: Mapping[str, Path]
    policies: Mapping[str, str]


def load_site(dist: Path) -> Site | None:
    """Read what was built into `dist`; None when nothing was built yet."""
    policy_file = dist / "csp.json"
    if not policy_file.is_file():
        return None
    assets = [path for path in (dist / "assets").rglob("*") if path.suffix in _TYPES]
    files = {f"/{path.relative_to(dist)}": path for path in assets}
    for face in FACES:
        page = dist / face / "index.html"
        files |= {f"/{face}/": page, f"/{face}": page}
    files["/"] = files["/consumer/"]
    files["/paused.html"] = dist / "paused.html"
    whole = {address: path for address, path in files.items() if path.is_file()}
    return Site(files=whole, policies=json.loads(policy_file.read_text()))


def find_file(site: Site, address: str, accept_encoding: str) -> PageFile | None:
    """Return the file for an address with its headers, or None when there is none."""
    plain = site.files.get(address)
    if plain is None:
        return None
    path, encoding = _compressed(plain, accept_encoding)
    headers = {
        "Content-Type": _TYPES[plain.suffix],
        "Cache-Control": _FOREVER if address.startswith("/assets/") else _BRIEFLY,
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }
    if encoding:
        headers["Content-Encoding"] = encoding
    face = plain.parent.name
    if face in site.policies:
        headers["Content-Security-Policy"] = site.policies[face]
        headers["Permissions-Policy"] = _PERMISSIONS[face]
    return PageFile(path=path, headers=headers)


def _compressed(plain: Path, accept_encoding: str) -> tuple[Path, str]:
    accepted = {part.split(";")[0].strip() for part in accept_encoding.split(",")}
    for encoding, suffix in _TWINS:
        twin = plain.with_name(plain.name + suffix)
        if encoding in accepted and twin.is_file():
            return twin, encoding
    return plain, ""
