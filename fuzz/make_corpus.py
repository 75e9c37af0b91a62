#!/usr/bin/env python3
"""Makes fuzz/corpus/, or that of the targets it is given, from tests/vectors/*.json: small
seeds, the same bytes every time.

The layout of a seed is what `run` of the target reads (fuzz/src/*.rs); `short` is one
length byte and `long` two before the bytes.
"""
import base64
import glob
import json
import os
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
VECTORS = os.path.join(HERE, "..", "tests", "vectors")
CORPUS = os.path.join(HERE, "corpus")
MOST_FILES, MOST_BYTES = 40, 4095

# The order of `NAMES` in src/headers.rs.
NAMES = [
    "x-marbles-signature", "x-debitura-signature", "x-hub-signature-256", "x-github-delivery",
    "x-github-event", "x-mutopay-signature", "x-polynion-signature", "x-polynion-timestamp",
    "x-polynion-event-id", "x-revtain-signature", "webhook-id", "webhook-timestamp",
    "webhook-signature", "svix-id", "svix-timestamp", "svix-signature", "stripe-signature",
]
# The order of `SCHEMES` in src/lib.rs, and of the schemes in the targets that name their own.
SCHEMES = ["155io", "debitura", "github", "mutopay", "openpoly", "revtain", "standard_webhooks_v1", "stripe"]
LISTS = ["stripe", "standard_webhooks_v1", "github", "debitura"]
BODIES = ["openpoly", "debitura", "stripe", "mutopay", "155io"]
ROUTES = ["", "/other", "/win", "/rollback", "/bet", "/balance"]


def short(data):
    data = data[:255]
    return bytes([len(data)]) + data


def long(data):
    data = data[:3000]
    return len(data).to_bytes(2, "little") + data


def vectors():
    for path in sorted(glob.glob(os.path.join(VECTORS, "*.json"))):
        if os.path.basename(path) == "exceptions.json":
            continue
        with open(path, encoding="utf-8") as file:
            yield from json.load(file)["vectors"]


def headers_of(row):
    headers = row["headers"]
    pairs = headers.items() if isinstance(headers, dict) else headers
    for name, values in pairs:
        for value in values if isinstance(values, list) else [values]:
            yield name, value.encode()


def body_of(row):
    return base64.b64decode(row["body_b64"])


def header(row, name):
    return next((value for key, value in headers_of(row) if key.lower() == name), b"")


def signature(row):
    names = ["stripe-signature", "webhook-signature", "svix-signature", "x-hub-signature-256", "x-debitura-signature"]
    return next(filter(None, (header(row, name) for name in names)), b"")


def event_id_json():
    for row in vectors():
        if row["scheme"] in BODIES:
            url = row.get("url") or ""
            route = next((at for at, end in enumerate(ROUTES) if end and url.endswith(end)), 0)
            front = bytes([BODIES.index(row["scheme"]), route, 2])
            yield row, front + short(header(row, "x-polynion-event-id")) + body_of(row)
    nested = [
        rb'{"data":{"object":{"id":"a"}}}', rb'{"data":{"object":{"id":12345678901234567890}}}',
        rb'{"data":{"object":{"id":"a"},"obj\u0065ct":1}}', b'{"x":\0,"data":{"y":\0,"object":{"id":"a"}}}',
        rb'{"data":{"object":{"\ud800":1,"id":"a"}}}', rb'{"data":[{"object":1}],"id":1e999,"z":-0}',
    ]
    for at, body in enumerate(nested):
        yield {"id": f"nested/{at}", "scheme": "nested", "expect": str(at)}, bytes([5, 0, 3, 0]) + body


def headers():
    for row in vectors():
        data = int(row["now_unix"]).to_bytes(8, "little")[:2] if row.get("now_unix") else bytes(2)
        data += short((row.get("url") or "").encode()) + long(body_of(row)[:600])
        for name, value in headers_of(row):
            known = name.lower() in NAMES
            data += bytes([NAMES.index(name.lower())]) if known else b"\xff" + short(name.encode())
            data += long(value)
        yield row, data


def lambda_event():
    for row in vectors():
        if row["scheme"] == "github":
            kind = len(row["id"]) % 8
            more = b"\2\2" + short(b"72d3162e-cc78-11e3-81ab-4c9367dc0958") + b"\3" + short(b"push")
            yield row, bytes([kind]) + short(b"/hook") + short(b"team=a&x=%2f") + more + body_of(row)
    made = [
        (0, b"/win?x/a b", b"a=1&b&c=+", b"\1\1" + short(b"sha256=00")), (1, b"/%2f", b"a=1&a=2", b"\1\0" + short(b"sha256=00")),
        (2, "/ä#".encode(), "é=a b&&=".encode(), b"\1\4" + short(b"cookie") + short(b"a=1")), (3, b"", b"?a", b"\0"),
        (6, b"/", b"", b"\2\2" + short(b"1") + b"\2" + short(b"2")), (7, b"/", b"", b"\0"),
    ]
    for at, (kind, path, query, more) in enumerate(made):
        yield {"id": f"event/{at}", "scheme": "event", "expect": str(at)}, bytes([kind]) + short(path) + short(query) + more + b"{}\xff"[:2 + kind // 4]
    line = {"httpMethod": "POST", "path": "/hook"}
    context = {"http": {"method": "POST", "path": "/hook"}, "stage": "$default"}
    second = {"version": "2.0", "rawPath": "/hook", "rawQueryString": "a=1", "requestContext": context}
    texts = [
        {**line, "headers": {"a": "b"}, "body": "{}", "isBase64Encoded": False}, {**line, "body": "/wA=", "isBase64Encoded": True},
        {**line, "multiValueHeaders": {"a": ["b", "c"], "": []}, "requestContext": {"elb": {}}}, {**line, "body": "/w", "isBase64Encoded": True},
        {**line, "version": "1.0", "multiValueQueryStringParameters": {"a": ["1", "é"]}, "queryStringParameters": None},
        {**second, "cookies": ["a=1", "b=2"], "headers": {"a": "b,c"}, "body": "\ud83d\ude00\0"}, {**second, "version": "3.0"},
        {**second, "body": None, "isBase64Encoded": None}, {**line, "headers": {"a": None}}, {"Records": [{"body": "{}"}]}, [], second["requestContext"],
    ]
    for at, text in enumerate(texts):
        data = json.dumps(text, separators=(",", ":")).encode()
        yield {"id": f"event/text-{at}", "scheme": "event", "expect": f"text {at}"}, b"\x80" + data
    twice = b'{"httpMethod":"POST","path":"/","body":"a","body":"a"}'
    yield {"id": "event/twice", "scheme": "event", "expect": "twice"}, b"\x80" + twice


def scheme_text():
    templates = [
        "{body}", "{timestamp}.{body}", "{header:webhook-id|without:.}.{timestamp}.{body}",
        "{form:timestamp|digits:10}{form:token|hex:50}", "v0:{timestamp}:{body}", "{{a}}{body}}}",
        "{method}{url}{json:a.b|length:3}{query_sorted}{body_sha256}{form_sorted}", "{header:a{b}", "{body", "}",
    ]
    for at, text in enumerate(templates):
        yield {"id": f"template/{at}", "scheme": "template", "expect": str(at)}, b"\0" + text.encode()
    parts = [
        b"\0\0\0", b"\x02\x04x-id\x04\x01.\x04\x01.\x00\0\0\0", b"\x01\x01a\x01\x0a\x00\x01\x01b\x02\x32\x00",
        b"\x05\0\0\x07\0\0\0\0\0", b"\x03\x03a.b\x04\x01,\x04\x01,\0\0\0\0",
    ]
    for at, data in enumerate(parts):
        yield {"id": f"parts/{at}", "scheme": "parts", "expect": str(at)}, b"\x01" + data
    scheme = {
        "id": "acme", "name": "Acme", "docs": "", "signature": {"header": {"name": "x-acme-signature"}},
        "format": {"bare": {"prefix": "v1="}}, "encoding": "hex", "algorithm": "hmac-sha256",
        "key": {"form": "utf8", "min_bytes": 16}, "content": "{timestamp}.{body}",
        "timestamp": [{"place": {"header": "x-acme-time"}, "unit": "seconds"}],
        "window": {"past_s": 300, "future_s": 300}, "dedupe": {"none": {"reason": "a sample"}},
        "body_limit": 1048576,
        "sender": {"retries": "unknown", "success": "any2xx", "retry_status": 503, "reply_matters": False,
                   "identical_retries": False, "rotation": ""},
    }
    rule = {"name": "event", "reason": "signed", "key": ["event_id", {"json": "a.b"}, {"header": "x-y"}], "required": True}
    changes = [
        {}, {"format": {"key_value": {"separator": ",", "signature_key": "v1"}},
             "timestamp": [{"place": {"signature_field": "t"}, "unit": "milliseconds"}]},
        {"format": {"tagged": {"separator": " ", "tag_separator": ",", "tag": "v1"}}, "encoding": "base64",
         "aliases": [{"prefix": "x-", "alias": "y-"}], "require": [{"name": "x-version", "value": "1"}]},
        {"dedupe": {"rules": [rule]}, "event_id": {"json": "id", "required": False}, "batch": {"items": "events[].id"}},
        {"signature": {"json": {"path": "signature.value"}}, "timestamp": [{"place": {"json": "time"}, "unit": "iso8601"}]},
        {"signature": {"form": {"field": "bt_signature"}}, "timestamp": [], "window": {}, "content": "{form:bt_payload}",
         "format": {"pairs": {"separator": "&", "pair_separator": "|"}}, "algorithm": "hmac-sha1",
         "key": {"form": "sha1-of-utf8", "min_bytes": 1}},
        {"signature": {"numbered": {"prefix": "x-sig-", "from": 1, "to": 9}}, "content": "{method}{url}{body}",
         "timestamp": [], "window": {}, "sender": {**scheme["sender"], "retries": {"schedule": {"delays_s": [1, 2]}}, "success": {"exactly": 200}}},
        {"other_contents": ["{body}"], "waivers": [{"insecure_ambiguous_content": {"reason": "a sample"}},
                                                     {"insecure_unsigned_timestamp": {"reason": "a sample"}}]},
        {"algorithm": "rsa-pkcs1-sha256", "encoding": "base64", "key": {"form": "spki-pem", "min_bytes": 0}},
    ]
    for at, change in enumerate(changes):
        text = json.dumps({**scheme, **change}, separators=(",", ":"))
        yield {"id": f"scheme/{at}", "scheme": "scheme", "expect": str(at)}, b"\x02" + text.encode()


def secret_text():
    forms = {"utf8": 0, "base64": 1, "rsa-public-pem": 11}
    for row in vectors():
        for secret in row.get("secrets") or [row.get("secret")]:
            if isinstance(secret, str):
                front = bytes([forms.get(row["secret_encoding"], 0), 1])
                yield {**row, "body_b64": secret}, front + secret.encode()
    texts = [
        (1, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), (2, "00112233445566778899aabbccddeeff00112233"),
        (3, "public_id|private key of this pair"), (4, "a shared token of some length"), (5, "k"), (0, "\ufeffsecret"),
        (6, "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="), (0, '"quoted secret of some length"'), (0, "sk_live_0123456789"),
        (7, "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"), (1, "QUJDREVGR0g"), (0, " \n"),
        (8, "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q=="),
    ]
    for at, (form, text) in enumerate(texts):
        yield {"id": f"text/{at}", "scheme": "text", "expect": str(at)}, bytes([form, at % 2]) + text.encode()


def signature_list():
    for row in vectors():
        if row["scheme"] in LISTS and signature(row):
            yield row, bytes([LISTS.index(row["scheme"]), 0, 0]) + signature(row)
    texts = [
        (0, 0, "", "t=#,v1=$"), (0, 0, "", "t=#,v1=00,v1=$,v0=1"), (0, 0, "", " v1=$ , t=# ,,x=y"), (0, 0, "", "t=#,v1=$,t=#"),
        (0, 126, "t=#,v1=$", ",v1=0"), (0, 127, "t=#,v1=$", ",v1=0"), (0, 0, "", "t=1699999700,v1=$"), (0, 0, "", "t=1700000301,v1=$"),
        (1, 0, "", "v1,$"), (1, 0, "", "v1a,AA== v1,AA== v1,$"), (1, 0, "", "v1,$ v1"), (1, 200, "v1,$", " v1,AA=="), (1, 200, "v1,$", " v2,AA=="),
        (2, 0, "", "sha256=$"), (2, 0, "", "sha1=$"), (2, 0, "", "sha256=$,sha256=$"), (3, 0, "", "t=#,v1=$"), (3, 0, "", "t=1700000031,v1=$"),
        (1, 255, "v1,$", " " * 80),
    ]
    for at, (scheme, repeats, head, tail) in enumerate(texts):
        yield {"id": f"text/{at}", "scheme": "text", "expect": str(at)}, bytes([scheme, repeats]) + short(head.encode()) + tail.encode()


def time_text():
    for row in vectors():
        text = header(row, "x-polynion-timestamp")
        if text:
            yield {**row, "body_b64": text.decode()}, b"\x02" + text
    texts = [
        (0, "0"), (0, "1700000000"), (0, "253402300799"), (0, "253402300800"), (0, "+1"), (0, "01"), (0, " 1 "), (0, ""),
        (1, "1700000000123"), (1, "253402300799999"), (1, "1e9"), (2, "2026-06-18T00:00:00Z"), (2, "2026-06-18t00:00:00.123456789+02:00"),
        (2, "2016-12-31T23:59:60Z"), (2, "2017-01-01T00:59:60+01:00"), (2, "2024-02-29T12:00:00-23:59"), (2, "2023-02-29T12:00:00Z"),
        (2, "0000-01-01T00:00:00+00:01"), (2, "9999-12-31T23:59:59-00:01"), (2, "2026-06-18T24:00:00Z"), (2, "2026-06-18 00:00:00Z"),
        (2, "2026-06-18T00:00:00"), (2, "2026-06-18T00:00:00.Z"), (2, "1969-12-31T23:59:59.5Z"),
    ]
    for at, (unit, text) in enumerate(texts):
        yield {"id": f"text/{at}", "scheme": "text", "expect": str(at)}, bytes([unit]) + text.encode()


def whole_verifier():
    for row in vectors():
        if row["scheme"] not in SCHEMES:
            continue
        late = 32768 + [0, 10, 3000, 3001, -3001][len(row["id"]) % 5]
        limit = len(body_of(row)) + [0, 1, 1000, -1][len(row["id"]) % 4]
        front = bytes([SCHEMES.index(row["scheme"])]) + late.to_bytes(2, "little") + max(limit, 0).to_bytes(2, "little")
        front += (300).to_bytes(2, "little") + b"\xff" + (len(row["id"]) * 37).to_bytes(2, "little")
        identity = header(row, "x-polynion-event-id") or header(row, "webhook-id") or b"evt_1"
        yield row, front + short(identity) + short(bytes([0, 1, 17, 64])) + body_of(row)


def spread(rows):
    """At most MOST_FILES seeds: of each scheme and verdict in turn, no two equal."""
    groups, seen = {}, set()
    for row, data in rows:
        if data not in seen and len(data) <= MOST_BYTES:
            seen.add(data)
            groups.setdefault((row["scheme"], row["expect"]), []).append((row["id"], data))
    chosen = []
    while groups and len(chosen) < MOST_FILES:
        for key in list(groups):
            chosen.append(groups[key].pop(0))
            if not groups[key]:
                del groups[key]
    return chosen[:MOST_FILES]


def own_first(rows):
    """Hand-written seeds before the vectors, so that none of them is left out."""
    return sorted(rows, key=lambda pair: not pair[0]["id"].split("/")[0] in {"text", "nested", "template", "parts", "scheme", "event"})


def main():
    targets = [event_id_json, headers, lambda_event, scheme_text, secret_text, signature_list, time_text, whole_verifier]
    for target in targets:
        if sys.argv[1:] and target.__name__ not in sys.argv[1:]:
            continue
        folder = os.path.join(CORPUS, target.__name__)
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        for name, data in spread(own_first(target())):
            name = "".join(letter if letter.isalnum() else "-" for letter in name)
            with open(os.path.join(folder, name), "wb") as file:
                file.write(data)


if __name__ == "__main__":
    main()
