"""Every way in which a message can be wrong: values, bodies, headers, addresses, passes.  坏报文"""

import copy
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

# Raw JSON in the place of a value. The first ones fit no field of the house's at all.
NEVER = ('{"a": [{}]}', "[[[]]]", "1e400", "NaN", "-", '"\\ud800"', "'x'")
ODD = (
    *("null", "true", "-1", "0", "1.5", "-0.0", "1e308", "9" * 400, "9223372036854775808"),
    *('""', '" "', '"\\u0000"', '"a\\u0000b"', '"\\udc00\\ud800"', '"\\u202e\\u200b"', '"１２３"'),
    *('"NaN"', '"-1"', '"1e3"', '"0001-01-01T00:00:00+14:00"', '"9999-12-31T23:59:59-14:00"'),
    *("[]", "[null]", "{}", json.dumps("🐎" * 60), json.dumps("x" * 5000), json.dumps("=1+1")),
    json.dumps("'; drop table registrations; --"),
    # Bytes that are no UTF-8 once they are written, and depth.
    *('"\ud800x"', "[" * 3000 + "]" * 3000, '{"a":' * 3000 + "1" + "}" * 3000),
)
BODIES = (
    b"",
    b"{",
    b"null",
    b"[]",
    b'"text"',
    b"\xff\xfe\x00",
    b"\x00" * 50,
    b'{"x": ' + b"[" * 60_000,
    b'{"request_key": "\xed\xa0\x80"}',
    b'{"config": "\xff", "manifest": "\xff", "finals": ["\xff"]}',
    b"[" * 60_000,
    b'{"a":' * 10_000,
    b'{"unknown": 1}',
    '{"request_key": "x"}'.encode("utf-16"),
    b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
    b"a=1&b=2",
    b'--b\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n--b--\r\n',
    b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/hostname'>]><a>&b;</a>",
)
TYPES = (
    *(b"application/json", b"application/json; charset=utf-16", b"text/plain", b"", b"\xff\xfe"),
    *(b"multipart/form-data", b"multipart/form-data; boundary=b", b"application/msgpack"),
    *(b"application/x-www-form-urlencoded", b"nonsense", b"a" * 3000),
)
HEADERS = (
    (b"content-length", b"7"),
    (b"content-length", b"-1"),
    (b"content-encoding", b"gzip"),
    (b"transfer-encoding", b"chunked"),
    (b"expect", b"100-continue"),
    (b"host", b"a b/\x00"),
    (b"cookie", b"x=" + b"y" * 9000),
    (b"range", b"bytes=0-0,-1"),
    (b"accept", b"text/html;q=nan"),
    (b"accept-language", b"\xe4\xb8\xad" * 100),
    (b"accept-encoding", b"br;q=-1"),
    (b"if-none-match", b'"' + b"x" * 500),
    (b"x-http-method-override", b"DELETE"),
    (b"x-forwarded-for", b"127.0.0.1, " * 200),
    (b"", b"nameless"),
    (b"name with spaces", b"x"),
)
PATHS = (
    *("x", "0", "-1", "%00", "%FF", "%20", "%2e%2e%2f", "..", "9" * 30, "9" * 5000, "1e3"),
    *("32768", "9223372036854775807", "9223372036854775808", "%F0%9F%90%8E" * 30, "'", "null"),
    *("V001-0000-000000000-0", "L001-0000-000000007-01-K", "R001-0000-000000007-01-K", "٣"),
    *("20260230", "00000000", "20260206.0", "0x10", "%D9%A3", "a%00b", ";", "*", "~" * 200),
)
QUERIES = (
    *("", "x", "-1", "nan", "inf", "1e400", "%00", "%FF", "9" * 30, "9" * 5000, "true", "[]"),
    *("%F0%9F%90%8E", "420100", "1", "0", "32768", "9223372036854775808", "2026-02-06", "20260206"),
)
VERBS = ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE", "BREW", "get")


def leaves(body: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value inside a body."""
    inside = (
        body.items()
        if isinstance(body, dict)
        else enumerate(body)
        if isinstance(body, list)
        else ()
    )
    for key, value in inside:
        yield (*path, key)
        yield from leaves(value, (*path, key))


def with_raw(body: Any, path: tuple[Any, ...], raw: str) -> bytes:
    """The body as JSON, with raw text in one place."""
    changed = copy.deepcopy(body)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = "@here@"
    return json.dumps(changed).replace('"@here@"', raw).encode("utf-8", "surrogatepass")


def broken(body: Any, dice: random.Random) -> bytes:
    """A body that no door can take: a value that fits nothing, a field too many or one too few."""
    if not isinstance(body, dict) or not body:
        return dice.choice(BODIES)
    ways: tuple[Callable[[], bytes], ...] = (
        lambda: with_raw(body, dice.choice(list(leaves(body))), dice.choice(NEVER)),
        lambda: with_raw({**body, "x": 0}, ("x",), dice.choice((*NEVER, *ODD))),
        lambda: dice.choice(BODIES),
        lambda: json.dumps(body).encode()[: dice.randrange(1, len(json.dumps(body)))],
        lambda: json.dumps(body).encode("utf-16"),
        lambda: json.dumps([body]).encode(),
        lambda: b"[" + json.dumps(body).encode() * 2,
    )
    return dice.choice(ways)()


def odd(body: Any, dice: random.Random) -> bytes:
    """A body with one odd value in it, which may be right by chance."""
    if not isinstance(body, dict) or not body:
        return dice.choice(BODIES)
    return with_raw(body, dice.choice(list(leaves(body))), dice.choice(ODD))


def flipped(text: bytes, dice: random.Random) -> bytes:
    """A pass with one letter changed, cut or doubled."""
    place = dice.randrange(len(text))
    changed = bytes((text[place] ^ (1 << dice.randrange(7)),))
    return dice.choice(
        (
            text[:place] + changed + text[place + 1 :],
            text[:place],
            text + text[place:] + b"x",
            b"Bearer \xff\xfe",
            b"Basic dXNlcjpwYXNz",
            b"Bearer " + b"A" * 5000,
        )
    )
