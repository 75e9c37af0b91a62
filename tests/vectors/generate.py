#!/usr/bin/env python3
"""Makes and checks the test vectors in this folder, without using the crate.

  generate.py                    writes openpoly, mutopay, revtain, debitura (same bytes every time)
  generate.py --rsa              also writes 155io.json, with two fresh RSA-2048 key pairs
  generate.py --official FILE    also copies the official rows out of the catalogue's vectors.jsonl
  generate.py --check            changes nothing; judges every row with the verifiers below

The first half makes rows: it signs with Python's hmac and with the openssl command.
The second half judges them: its own HMAC from hashlib, its own JSON reader, RSA by
`openssl dgst -verify`. The halves share only constants. Private keys live in a temporary
folder while --rsa runs and nowhere else.
"""
import base64
import calendar
import hashlib
import hmac
import json
import os
import re
import subprocess
import sys
import tempfile
from datetime import datetime
from urllib.parse import urlsplit

HERE = os.path.dirname(os.path.abspath(__file__))
OWN = ["openpoly", "mutopay", "revtain", "debitura", "155io"]
OFFICIAL = ["standard_webhooks", "svix", "openai", "anthropic", "replicate", "clerk", "resend", "stripe", "github"]
OFFICIAL_SCHEMES = {"standard_webhooks_v1", "stripe", "github"}
OWN_NOTE = (
    "Our own vectors; the provider publishes none. Made with Python's hmac and the openssl command by "
    "tests/vectors/generate.py, independent of the crate. Secrets and keys are test values. The clock is "
    "now_unix seconds plus now_nanos nanoseconds. A rejection code INVALID_SECRET is a fault of configuration."
)
OFFICIAL_NOTE = (
    "Rows published by the provider or its SDKs, copied unchanged from the project's catalogue "
    "(vectors.jsonl); each names its source. Secrets are public test values."
)

# Prefixes of other credentials of the same provider, which are pasted by mistake.
OTHER_KINDS = {"mutopay": ["msk_", "ep_"], "revtain": ["rev_"], "openpoly": []}
LAST_SECOND = 253_402_300_799  # of the year 9999, the end of RFC 3339
T0 = calendar.timegm((2026, 6, 18, 0, 0, 0))  # 2026-06-18T00:00:00Z
DEEP = 10_000

OK = "ok"
AMBIGUOUS = "AMBIGUOUS_HEADER"
BAD_ID = "INVALID_EVENT_ID"
BAD_SECRET = "INVALID_SECRET"
BAD_SIG = "INVALID_SIGNATURE"
BAD_TIME = "INVALID_TIMESTAMP"
MALFORMED = "MALFORMED_SIGNATURE"
MISMATCH = "EVENT_ID_MISMATCH"
MISSING = "MISSING_SIGNATURE_HEADERS"
NO_ID = "MISSING_EVENT_ID"
SKEW = "TIMESTAMP_SKEW_TOO_LARGE"
UNSUPPORTED = "UNSUPPORTED_SCHEME"


# ---------------------------------------------------------------- making rows


class Number:
    """A JSON number that keeps its own spelling (1000.00 stays 1000.00)."""

    def __init__(self, text):
        self.text = text


def render(value, item=",", colon=":", slash=False, ascii_only=False, sort=False, number=None):
    def go(v):
        if isinstance(v, Number):
            return number(v.text) if number else v.text
        if isinstance(v, dict):
            pairs = sorted(v.items()) if sort else v.items()
            return "{" + item.join(go(k) + colon + go(x) for k, x in pairs) + "}"
        if isinstance(v, list):
            return "[" + item.join(go(x) for x in v) + "]"
        text = json.dumps(v, ensure_ascii=ascii_only)
        return text.replace("/", "\\/") if slash and isinstance(v, str) else text

    return go(value).encode()


class Rows:
    def __init__(self, scheme, algorithm, secret_encoding, secret, now=T0):
        self.scheme, self.algorithm, self.encoding = scheme, algorithm, secret_encoding
        self.secret, self.now, self.rows = secret, now, []

    def add(self, slug, name, note, headers, body, expect=OK, **more):
        row = {"id": f"{self.scheme}/{slug}", "scheme": self.scheme, "name": name, "algorithm": self.algorithm}
        if "secrets" in more:
            row["secrets"] = more.pop("secrets")
        else:
            row["secret"] = more.pop("secret", self.secret)
        row["secret_encoding"] = self.encoding
        row["headers"] = headers
        for field in ("method", "url"):
            if field in more:
                row[field] = more.pop(field)
        row["body_b64"] = base64.b64encode(body).decode()
        row["now_unix"] = more.pop("now", self.now)
        if "now_nanos" in more:
            row["now_nanos"] = more.pop("now_nanos")
        row["expect"] = expect
        if "event_id" in more:
            event_id = more.pop("event_id")
            if expect == OK:
                row["expect_event_id"] = event_id
        assert not more, more
        row["source"] = "own"
        row["note"] = note
        self.rows.append(row)

    def document(self):
        return {"provider": self.scheme, "origin": "own", "note": OWN_NOTE, "vectors": self.rows}


def mac(key, *parts):
    key = key.encode() if isinstance(key, str) else key
    return hmac.new(key, b"".join(p.encode() if isinstance(p, str) else p for p in parts), hashlib.sha256).digest()


def b64(data):
    return base64.b64encode(data).decode()


def flip(text):
    """The text with its last hex digit changed."""
    return text[:-1] + ("0" if text[-1] != "0" else "1")


def deep_json(levels=DEEP):
    return "[" * levels + "]" * levels


def reserialised(rows, value, headers_for, number, more=None, unicode_too=True):
    """Receivers that verify something other than the raw bytes. The signature is genuine for the wire."""
    more = more or {}
    wire = render(value)
    spaced = render(value, item=", ", colon=": ")
    changed = [
        ("python-spacing", "Python json.dumps spacing", wire, spaced, "', ' and ': ' put in by json.dumps(json.loads(body))"),
        ("compacted", "spaces removed", spaced, wire, "sender writes spaces, JSON.stringify(JSON.parse(body)) drops them"),
        ("slash-escapes", "PHP json_encode escapes slashes", wire, render(value, slash=True), r"'/' became '\/'"),
        ("number-reprinted", "number printed again", wire, render(value, number=number), "a number lost its spelling in a parse and print"),
        ("sorted-keys", "keys sorted", wire, render(value, sort=True), "a map type that sorts its keys"),
        ("newline-appended", "newline appended", wire, wire + b"\n", "a log, a file or an editor added a final newline"),
        ("bom-added", "byte-order mark added", wire, b"\xef\xbb\xbf" + wire, "a text layer put a UTF-8 BOM in front"),
    ]
    if unicode_too:
        changed.append(
            ("unicode-escaped", "non-ASCII letters escaped", wire, render(value, ascii_only=True), r"'ü' became '\u00fc'")
        )
    for slug, name, signed, received, why in changed:
        assert signed != received, slug
        rows.add(
            f"body-{slug}", f"body re-serialised: {name}", f"Documented mistake, body not raw: {why}.",
            headers_for(signed), received, BAD_SIG, **more,
        )
    rows.add(
        "body-spaced-as-sent", "body with spaces, verified as sent",
        "The same spaced bytes verify when nobody touches them.", headers_for(spaced), spaced, OK,
        **more,
    )
    rows.add(
        "body-newline-as-sent", "final newline that the sender signed",
        "A newline that was signed belongs to the body; trimming it would break the signature.",
        headers_for(wire + b"\n"), wire + b"\n", OK, **more,
    )
    cut = wire[:-1]
    rows.add("body-truncated", "last body byte lost", "A truncated body under a genuine header.", headers_for(wire), cut, BAD_SIG, **more)


def signature_texts(rows, digest, headers_with, body, prefix, more=None):
    """Spellings of one right digest. `headers_with` takes the text that follows the scheme's prefix."""
    more = more or {}
    good = digest.hex()
    cases = [
        ("hex-upper", "hex in upper case", good.upper(), OK, "Hex in either case is the same digest."),
        ("hex-last-digit", "last hex digit changed", flip(good), BAD_SIG, "Well formed, but another digest: the last half byte counts."),
        ("zero-digest", "all-zero digest", "0" * 64, BAD_SIG, "A digest of zeros is well formed and never right."),
        ("hex-odd", "63 hex digits", good[:63], MALFORMED, "A proper prefix of the right signature, odd length."),
        ("hex-31-bytes", "31 of 32 bytes", good[:62], MALFORMED, "A proper prefix that is valid hex: a compare over the shorter length would accept it."),
        ("hex-33-bytes", "33 bytes", good + "00", MALFORMED, "The right digest and one byte more."),
        ("hex-not-a-digit", "a letter that is not hex", good[:10] + "g" + good[11:], MALFORMED, "Right length, not hex."),
        ("base64-digest", "Base64 of the right digest", b64(digest), MALFORMED, "Encoding mixed up: Base64 where the scheme sends hex."),
    ]
    if prefix:
        cases.append(("prefix-only", "nothing after the prefix", "", MALFORMED, "The empty prefix of the right signature."))
    for slug, name, text, expect, note in cases:
        rows.add(f"sig-{slug}", name, note, headers_with(text), body, expect, **more)


def secret_faults(rows, good, headers, body, more=None):
    more = more or {}
    for slug, name, secret, note in [
        ("empty", "empty secret", "", "Configuration: environment variable unset."),
        ("blank", "blank secret", "   ", "Configuration: only spaces."),
        ("trailing-newline", "secret with a final newline", good + "\n", "Configuration: pasted or read with its newline; refused when built, not a puzzle per request."),
        ("double-quotes", "secret in double quotes", f'"{good}"', "Configuration: quotes of an .env file kept."),
        ("single-quotes", "secret in single quotes", f"'{good}'", "Configuration: quotes of a shell kept."),
    ]:
        rows.add(f"secret-{slug}", name, note, headers, body, BAD_SECRET, secret=secret, **more)
    rows.add(
        "secret-second-empty", "right secret beside an empty one",
        "Configuration: one unusable secret of a ring refuses the ring; an empty HMAC key would let anyone sign.",
        headers, body, BAD_SECRET, secrets=[good, ""], **more,
    )


def rotation(rows, old, new, headers_for, body, **more):
    rows.add("rotation-old-signs", "two secrets, the old one signed", "Receiver-side list during a rotation: old first.", headers_for(old), body, OK, secrets=[old, new], **more)
    rows.add("rotation-new-signs", "two secrets, the new one signed", "All secrets are tried: the match is the last of the list.", headers_for(new), body, OK, secrets=[old, new], **more)
    rows.add("rotation-over", "only the new secret left, the old one signed", "After the rotation the old secret is an ordinary wrong key.", headers_for(old), body, BAD_SIG, secret=new, **{k: v for k, v in more.items() if k != "event_id"})


def header_rows(rows, headers, signature, body, required, **more):
    """Absent, blank and repeated headers."""
    plain = {k: v for k, v in more.items() if k != "event_id"}
    for name in required:
        slug = name.lower().removeprefix("x-")
        rows.add(f"missing-{slug}", f"{name} absent", "A proxy or framework dropped the header.", {k: v for k, v in headers.items() if k != name}, body, MISSING, **plain)
    rows.add("empty-signature-header", "signature header empty", "An empty value counts as absent.", {**headers, signature: ""}, body, MISSING, **plain)
    rows.add("blank-signature-header", "signature header blank", "A blank value counts as absent.", {**headers, signature: "  "}, body, MISSING, **plain)
    rows.add("header-names-lower", "header names in lower case", "HTTP/2 sends lower-case names.", {k.lower(): v for k, v in headers.items()}, body, OK, **more)
    rows.add("signature-header-twice-equal", "signature header twice, equal", "Repeated with equal values is not ambiguous.", {**headers, signature: [headers[signature]] * 2}, body, OK, **more)


def payloads(key):
    """Odd but plain facts about bodies, shared by the schemes that read one id (`key`) from the body."""
    return [
        ("number-float", f'{{"{key}":10.5}}', BAD_ID, "A float is not an id."),
        ("number-exponent", f'{{"{key}":1e3}}', BAD_ID, "1e3 is a float by its spelling, whatever its value."),
        ("null", f'{{"{key}":null}}', BAD_ID, "null is present, but no id."),
        ("bool", f'{{"{key}":true}}', BAD_ID, "A boolean is not an id."),
        ("object", f'{{"{key}":{{"value":"x"}}}}', BAD_ID, "An object is not an id."),
        ("array", f'{{"{key}":["x"]}}', BAD_ID, "An array is not an id."),
    ]


# ------------------------------------------------------------------- OpenPoly


def openpoly():
    secret = "whsec_" + b64(b"openpoly vectors production 1")
    staging = "whsec_" + b64(b"openpoly vectors staging 0001")
    wallet = "wallet-adapter-signing-secret-for-vectors"
    new = "whsec_" + b64(b"openpoly vectors production 2")
    event_id, ts = "evt_01JXZ5T8K2W9QD4N", "2026-06-18T00:00:00.000Z"
    event = {
        "event_id": event_id,
        "type": "mini_app.trade.processed",
        "data": {"order_id": "ord_77", "amount": Number("1000.00"), "currency": "EUR", "market": "https://markets.example/eu/zürich"},
    }
    wire = render(event)
    rows = Rows("openpoly", "hmac-sha256", "utf8", secret)

    def headers(body=wire, key=secret, ts=ts, signed_ts=None, eid=event_id, sig=None):
        sig = sig or "v1=" + mac(key, signed_ts or ts, ".", body).hex()
        return {"X-Polynion-Event-Id": eid, "X-Polynion-Timestamp": ts, "X-Polynion-Signature": sig}

    def add(slug, name, note, head, body=wire, expect=OK, **more):
        rows.add(slug, name, note, head, body, expect, event_id=more.pop("event_id", event_id), **more)

    digest = mac(secret, ts, ".", wire)
    add("genuine", "genuine delivery", "The documented signing string {timestamp}.{raw_body}.", {"Content-Type": "application/json", **headers()})
    rotation(rows, secret, new, lambda k: headers(key=k), wire, event_id=event_id)
    reserialised(rows, event, lambda b: headers(b), lambda n: "1000" if n == "1000.00" else n)
    for row in rows.rows:
        if row["expect"] == OK:
            row.setdefault("expect_event_id", event_id)
    # keys
    add("secret-of-staging", "secret of another environment", "Documented: a different secret per environment.", headers(), expect=BAD_SIG, secret=staging)
    add("secret-of-wallet-adapter", "wallet adapter's secret", "Wrong channel: the wallet adapter signs with its own secret.", headers(), expect=BAD_SIG, secret=wallet)
    add("secret-prefix-stripped", "whsec_ cut off the secret", "The whole string is the key, prefix included.", headers(), expect=BAD_SIG, secret=secret.removeprefix("whsec_"))
    add("key-base64-decoded", "signed with the Base64-decoded secret", "whsec_ does not mean Base64 here: the Standard Webhooks reading is another key.", headers(key=base64.b64decode(secret[6:])), expect=BAD_SIG)
    # template
    add("template-body-only", "timestamp not signed", "Body-only HMAC: without the time a replay would be free.", headers(sig="v1=" + mac(secret, wire).hex()), expect=BAD_SIG)
    add("template-with-id", "Standard Webhooks template", "{id}.{timestamp}.{body} is another provider's string; the id header is not signed here.", headers(sig="v1=" + mac(secret, event_id, ".", ts, ".", wire).hex()), expect=BAD_SIG)
    add("template-shifted", "bytes moved from the time to the body", "The digest fits ('...00:00' + '.' + '000Z.{...}' are the same bytes); a time without zone must not parse.", headers(ts=ts[:19], sig="v1=" + digest.hex()), b"000Z." + wire, BAD_TIME)
    # timestamp text
    add("ts-reprinted", "timestamp printed again without milliseconds", "Trap 2: the header now says ...00Z, the signature covers ...00.000Z.", headers(ts="2026-06-18T00:00:00Z", signed_ts=ts), expect=BAD_SIG)
    add("ts-unix-signed", "Unix seconds signed, ISO text sent", "Trap 2: the sent text is what is signed.", headers(signed_ts=str(T0)), expect=BAD_SIG)
    add("ts-no-fraction", "seconds without fraction, signed as sent", "RFC 3339 without fraction is good when it is the text that was signed.", headers(ts="2026-06-18T00:00:00Z"))
    add("ts-offset", "numeric zone, signed as sent", "The same instant as +02:00; parsed by its zone, signed as text.", headers(ts="2026-06-18T02:00:00.000+02:00"))
    add("ts-microseconds", "six fraction digits, signed as sent", "More digits than documented are still RFC 3339.", headers(ts="2026-06-18T00:00:00.000000Z"))
    for slug, text, note in [
        ("unix-seconds", str(T0), "Unix seconds instead of ISO 8601, and signed as such."),
        ("no-zone", "2026-06-18T00:00:00.000", "A local time names no instant."),
        ("zone-without-colon", "2026-06-18T02:00:00.000+0200", "ISO 8601 basic offset is not RFC 3339."),
        ("http-date", "Thu, 18 Jun 2026 00:00:00 GMT", "An HTTP date is another format."),
        ("day-31", "2026-06-31T00:00:00.000Z", "June has 30 days; must not roll over to July."),
        ("hour-24", "2026-06-18T24:00:00.000Z", "Hour 24 is ISO 8601, not RFC 3339."),
        ("trailing-text", "2026-06-18T00:00:00.000Z suffix", "Text after the time is not skipped."),
        ("word", "yesterday", "Header mangled."),
    ]:
        add(f"ts-{slug}", f"timestamp '{text}'", f"{note} The signature over this text is genuine.", headers(ts=text), expect=BAD_TIME)
    # window
    for slug, at, nanos, expect, note in [
        ("past-limit", 300, None, OK, "Exactly 300.000 s old passes."),
        ("past-limit-1ms", 300, 1_000_000, SKEW, "300.001 s old: the clock has fractions too."),
        ("past-limit-1ns", 300, 1, SKEW, "Compared without rounding."),
        ("past-limit-1s", 301, None, SKEW, "301 s old."),
        ("future-limit", -300, None, OK, "Exactly 300.000 s ahead passes; the window is symmetric."),
        ("future-limit-1ms", -301, 999_000_000, SKEW, "300.001 s ahead."),
        ("future-limit-1s", -301, None, SKEW, "301 s ahead."),
    ]:
        extra = {} if nanos is None else {"now_nanos": nanos}
        add(slug, note.rstrip("."), f"Window 300/300 s. {note}", headers(), expect=expect, now=T0 + at, **extra)
    late = "2026-06-18T00:00:00.001Z"
    add("past-limit-stamp-ms", "stamp .001, clock 300.000 s later", "299.999 s: the stamp's milliseconds count.", headers(ts=late), now=T0 + 300)
    add("future-limit-stamp-ms", "stamp .001, clock 300 s earlier", "300.001 s ahead: a parser that drops the fraction would accept.", headers(ts=late), expect=SKEW, now=T0 - 300)
    # signature header
    signature_texts(rows, digest, lambda t: headers(sig="v1=" + t), wire, "v1=", {"event_id": event_id})
    add("sig-no-prefix", "v1= missing", "Bare hex is another scheme.", headers(sig=digest.hex()), expect=MALFORMED)
    add("sig-sha256-prefix", "sha256= instead of v1=", "Another provider's prefix announces an algorithm where this scheme has a version.", headers(sig="sha256=" + digest.hex()), expect=UNSUPPORTED)
    add("version-v2", "v2= with the right digest", "Documented: reject other versions.", headers(sig="v2=" + digest.hex()), expect=UNSUPPORTED)
    # headers
    header_rows(rows, headers(), "X-Polynion-Signature", wire, list(headers()), event_id=event_id)
    add("ambiguous-signature", "two different signature headers", "One of them is right; guessing which is the attack.", {**headers(), "X-Polynion-Signature": [headers()["X-Polynion-Signature"], "v1=" + "0" * 64]}, expect=AMBIGUOUS)
    add("ambiguous-timestamp", "two different timestamp headers", "Which one was signed must not be guessed.", {**headers(), "X-Polynion-Timestamp": [ts, "2026-06-18T00:00:01.000Z"]}, expect=AMBIGUOUS)
    add("ambiguous-event-id", "two different event-id headers", "Both spellings of the name are one header.", {**headers(), "x-polynion-event-id": "evt_other"}, expect=AMBIGUOUS)
    # event id
    add("id-header-changed", "event-id header changed", "Trap 1: the header is outside the signature; only equality with the body makes it good.", headers(eid="evt_01JXZ5T8K2W9QD4X"), expect=MISMATCH)
    add("id-header-case", "event-id header in other case", "Ids are compared byte by byte.", headers(eid=event_id.lower()), expect=MISMATCH)
    none = render({k: v for k, v in event.items() if k != "event_id"})
    add("id-absent", "body without event_id", "The header alone is unsigned and cannot name the event.", headers(none), none, NO_ID)
    nested = render({"type": "mini_app.trade.processed", "data": {"event_id": event_id}})
    add("id-nested-only", "event_id only inside data", "The path is the top-level key.", headers(nested), nested, NO_ID)
    cased = render({"Event_Id": event_id})
    add("id-key-case", "key Event_Id", "JSON keys have case.", headers(cased), cased, NO_ID)
    for slug, text, expect, note in payloads("event_id"):
        add(f"id-{slug}", f"event_id is {slug}", note, headers(text.encode()), text.encode(), expect)
    twice = f'{{"event_id":"evt_other","event_id":"{event_id}"}}'.encode()
    add("id-twice", "event_id twice", "First-wins and last-wins parsers would name two events.", headers(twice), twice, BAD_ID)
    hidden = f'{{"event_id":"{event_id}","event\\u005fid":"evt_other"}}'.encode()
    add("id-twice-escaped", "event_id twice, once as event\\u005fid", "An escaped key is the same key.", headers(hidden), hidden, BAD_ID)
    escaped = f'{{"event\\u005fid":"\\u0065{event_id[1:]}"}}'.encode()
    add("id-escaped", "key and id written with escapes", "Compared after JSON unescaping.", headers(escaped), escaped)
    beside = f'{{"event_id":"{event_id}","data":{{"event_id":"a","event_id":"b"}},"data":1}}'.encode()
    add("duplicate-keys-beside", "duplicate keys beside the path", "Limits hold along the path only.", headers(beside), beside)
    deep = f'{{"deep":{deep_json()},"event_id":"{event_id}"}}'.encode()
    add("deep-nesting-beside", "10,000 levels beside the path", "Skipped without recursion.", headers(deep), deep)
    for slug, body, note in [
        ("not-json", b"event_id=" + event_id.encode(), "Form text, correctly signed."),
        ("empty-body", b"", "An empty body, correctly signed."),
        ("trailing-garbage", wire + b"{}", "Two JSON texts are not one."),
        ("not-utf8", wire.replace("ü".encode(), b"\xfc"), "A Latin-1 letter: JSON is UTF-8."),
    ]:
        add(f"body-{slug}", f"genuine signature over: {slug}", note, headers(body), body, BAD_ID)
    # tampering and order
    add("tampered-body", "one digit of the amount changed", "A changed byte.", headers(), wire.replace(b"1000.00", b"9000.00"), BAD_SIG)
    add("replay-fresh-stamp", "old signature under a fresh timestamp", "The header's time is signed: a fresh one does not rescue an old delivery.", headers(ts="2026-06-18T01:00:00.000Z", signed_ts=ts), expect=BAD_SIG, now=T0 + 3600)
    add("order-missing-first", "missing event id and malformed signature", "Order: presence before form.", {"X-Polynion-Timestamp": ts, "X-Polynion-Signature": "v1=zz"}, expect=MISSING)
    add("order-ambiguous-before-version", "ambiguous event id and version v2", "Order: ambiguity before version.", {**headers(sig="v2=" + digest.hex()), "X-Polynion-Event-Id": [event_id, "evt_other"]}, expect=AMBIGUOUS)
    add("order-version-before-time", "version v2 and a bad timestamp", "Order: version before timestamp text.", headers(ts="yesterday", sig="v2=" + digest.hex()), expect=UNSUPPORTED)
    add("order-form-before-time", "malformed signature and a bad timestamp", "Order: signature text before timestamp text.", headers(ts="yesterday", sig="v1=zz"), expect=MALFORMED)
    add("order-time-before-signature", "bad timestamp and a wrong digest", "Order: the time is parsed before the signature, so that a mangled header is named.", headers(ts="yesterday", key=staging), expect=BAD_TIME)
    add("order-signature-before-window", "wrong secret and an old timestamp", "Order: the skew is about genuine deliveries only.", headers(key=staging), expect=BAD_SIG, now=T0 + 3600)
    add("order-window-before-id", "old and the event id differs", "Order: window before event id.", headers(eid="evt_other"), expect=SKEW, now=T0 + 3600)
    secret_faults(rows, secret, headers(), wire)
    return rows


# ----------------------------------------------------- MutoPay and Revtain


def body_only(scheme, header, prefix, secret, new, event, keys, number, other_keys):
    """What the two schemes over `{raw_body}` with a composite id share."""
    wire = render(event)
    rows = Rows(scheme, "hmac-sha256", "utf8", secret)

    def headers(body=wire, key=secret, sig=None):
        return {header: prefix + mac(key, body).hex() if sig is None else sig}

    digest = mac(secret, wire)
    rows.add("genuine", "genuine delivery", "HMAC over the raw body.", {"Content-Type": "application/json", **headers()}, wire)
    rotation(rows, secret, new, lambda k: headers(key=k), wire)
    reserialised(rows, event, headers, number)
    for slug, name, key, note in other_keys:
        expect = BAD_SECRET if key.startswith(tuple(OTHER_KINDS[scheme])) else BAD_SIG
        rows.add(f"secret-{slug}", name, note, headers(), wire, expect, secret=key)
    rows.add("no-window-old", "ten years old", "No timestamp: an old delivery stays valid; only the dedupe store stops it.", headers(), wire, now=T0 + 315_360_000)
    rows.add("no-window-future", "clock ten years behind", "No timestamp: the receiver's clock plays no part.", headers(), wire, now=T0 - 315_360_000)
    rows.add("unsigned-timestamp-header", "a timestamp header that the scheme does not have", "Ignored: nothing unsigned takes part in the verdict.", {**headers(), "X-Timestamp": "0"}, wire)
    rows.add("template-with-time", "signed with a time in front", "{timestamp}.{body} is another provider's string.", headers(sig=prefix + mac(secret, str(T0), ".", wire).hex()), wire, BAD_SIG)
    signature_texts(rows, digest, lambda t: headers(sig=prefix + t), wire, prefix)
    header_rows(rows, headers(), header, wire, [header])
    rows.add("ambiguous-signature", "two different signature headers", "One of them is right; guessing which is the attack.", {header: [prefix + digest.hex(), prefix + "0" * 64]}, wire, AMBIGUOUS)
    rows.add("signatures-joined", "two signatures joined by a comma", "A proxy that merges repeated headers; the scheme has one value.", headers(sig=f"{prefix}{digest.hex()}, {prefix}{digest.hex()}"), wire, MALFORMED)
    # composite id
    for key in keys:
        slug = key.lower().replace("_", "-")
        without = render({k: v for k, v in event.items() if k != key})
        rows.add(f"id-{slug}-absent", f"body without {key}", "Both parts of the composite id are required.", headers(without), without, NO_ID)
        kinds = [("object", {"a": "b"}), ("null", None), ("bool", False), ("float", Number("1.0")), ("array", ["a"])]
        for kind, value in kinds if key == keys[0] else kinds[:1]:
            body = render({**event, key: value})
            rows.add(f"id-{slug}-{kind}", f"{key} is {kind}", "Each part is one string or integer.", headers(body), body, BAD_ID)
        doubled = wire[:-1] + f',"{key}":"other"}}'.encode()
        rows.add(f"id-{slug}-twice", f"{key} twice", "First-wins and last-wins parsers would name two events.", headers(doubled), doubled, BAD_ID)
    number_id = render({**event, keys[0]: Number("1042")})
    rows.add("id-integer", f"{keys[0]} is an integer", "An integer is an id too.", headers(number_id), number_id)
    deep = wire[:-1] + b',"deep":' + deep_json().encode() + b"}"
    rows.add("deep-nesting-beside", "10,000 levels beside the path", "Skipped without recursion.", headers(deep), deep)
    beside = wire[:-1] + b',"x":1,"x":2}'
    rows.add("duplicate-keys-beside", "duplicate keys beside the path", "Limits hold along the path only.", headers(beside), beside)
    for slug, body in [("not-json", b"event=x"), ("empty-body", b""), ("trailing-garbage", wire + b"]"), ("not-utf8", wire.replace("ü".encode(), b"\xfc"))]:
        rows.add(f"body-{slug}", f"genuine signature over: {slug}", "The signature is right; no id can be read.", headers(body), body, BAD_ID)
    rows.add("tampered-body", "amount changed", "A changed byte.", headers(), wire.replace(b"1000", b"9000"), BAD_SIG)
    rows.add("order-form-before-signature", "malformed signature under a wrong secret", "Order: signature text before signature.", headers(sig=prefix + "zz"), wire, MALFORMED, secret=new)
    nameless = render({"amount": Number("1")})
    rows.add("order-signature-before-id", "wrong secret and no id", "Order: JSON is read only after the signature matched.", headers(nameless), nameless, BAD_SIG, secret=new)
    secret_faults(rows, secret, headers(), wire)
    return rows, wire, digest, headers


def mutopay():
    secret, new = "channel-7-webhook-secret-for-vectors", "channel-7-webhook-secret-rotated-vectors"
    event = {
        "payment_id": "pay_8Kq2vTestVector",
        "event": "payment.completed",
        "timestamp": "2026-06-18T00:00:00Z",
        "completed_at": "2026-06-17T23:59:58Z",
        "dest_amount": "1000000000",
        "dest_decimals": Number("6"),
        "amount": Number("1000.00"),
        "return_url": "https://shop.example/order/zürich",
        "test": False,
    }
    rows, wire, digest, headers = body_only(
        "mutopay", "X-MutoPay-Signature", "sha256=", secret, new, event, ["payment_id", "event"],
        lambda n: "1000" if n == "1000.00" else n,
        [
            ("of-another-channel", "another channel's secret", "channel-8-webhook-secret-for-vectors", "Documented mistake: secret of another channel."),
            ("is-master-key", "master key used as secret", "msk_vectors_not_a_real_master_key_0001", "Documented mistake: the master key does not sign. Refused when built, by its prefix."),
            ("is-channel-api-key", "channel API key used as secret", "ep_vectors_not_a_real_channel_key_0001", "Documented mistake: the channel's API key does not sign. Refused when built, by its prefix."),
            ("is-test-api-key", "test channel API key used as secret", "ep_test_vectors_not_a_real_key_000001", "Documented mistake: neither does the test key. Refused when built, by its prefix."),
        ],
    )
    test = render({**event, "test": True})
    rows.add("test-event", 'event with "test": true', "Trap 1: signed like a live one, so it verifies; it must not fulfil an order.", headers(test), test)
    reopened = render({**event, "event": "payment.expired"})
    rows.add("other-event-same-payment", "payment.expired of the same payment", "Trap 2: another event of the same payment_id is another delivery.", headers(reopened), reopened)
    old = render({**event, "timestamp": "2020-01-01T00:00:00Z"})
    rows.add("body-time-old", "body timestamp years old", "The body's time is not judged: retries run for 15 hours.", headers(old), old)
    other_channel = mac("channel-8-webhook-secret-for-vectors", wire).hex()
    rows.add("forwarded-to-wrong-channel", "two channels' secrets in the ring", "A receiver for two channels lists both.", headers(sig="sha256=" + other_channel), wire, secrets=[secret, "channel-8-webhook-secret-for-vectors"])
    rows.add("sig-no-prefix", "sha256= missing", "Bare hex is another scheme.", headers(sig=digest.hex()), wire, MALFORMED)
    rows.add("sig-v1-prefix", "v1= instead of sha256=", "Another provider's prefix announces a version that this scheme does not have.", headers(sig="v1=" + digest.hex()), wire, UNSUPPORTED)
    rows.add("alg-sha1", "sha1= with a right SHA-1 HMAC", "Downgrade: a weaker algorithm announced.", headers(sig="sha1=" + hmac.new(secret.encode(), wire, hashlib.sha1).hexdigest()), wire, UNSUPPORTED)
    rows.add("alg-sha512", "sha512= with a right SHA-512 HMAC", "An algorithm that the scheme does not have.", headers(sig="sha512=" + hmac.new(secret.encode(), wire, hashlib.sha512).hexdigest()), wire, UNSUPPORTED)
    rows.add("alg-sha512-under-sha256", "SHA-512 HMAC under sha256=", "The label says SHA-256; 64 bytes do not fit it.", headers(sig="sha256=" + hmac.new(secret.encode(), wire, hashlib.sha512).hexdigest()), wire, MALFORMED)
    rows.add("hash-without-key", "plain SHA-256 of the body", "A hash is not a signature.", headers(sig="sha256=" + hashlib.sha256(wire).hexdigest()), wire, BAD_SIG)
    return rows


def revtain():
    secret = "whsec_" + b64(b"revtain vectors signing key 01")
    new = "whsec_" + b64(b"revtain vectors signing key 02")
    event = {
        "event": "recovery.success",
        "revtainTransactionId": "rtx_5f2c9a7e-vector",
        "gatewayTransactionToken": "tok/zürich/9",
        "amount": Number("1000.00"),
        "currency": "EUR",
        "message": "Recovered",
        "strategyUsed": "retry",
    }
    rows, wire, digest, headers = body_only(
        "revtain", "X-Revtain-Signature", "", secret, new, event, ["revtainTransactionId", "event"],
        lambda n: "1000" if n == "1000.00" else n,
        [
            ("is-api-key", "API key used as secret", "rev_vectors_not_a_real_api_key_000001", "Documented mistake: the API key does not sign. Refused when built, by its prefix."),
            ("is-publishable-key", "publishable key used as secret", "rev_pk_vectors_not_a_real_key_000001", "Documented mistake: nor does the publishable key. Refused when built, by its prefix."),
            ("prefix-stripped", "whsec_ cut off the secret", secret.removeprefix("whsec_"), "The whole string is the key, prefix included."),
        ],
    )
    rows.add("key-base64-decoded", "signed with the Base64-decoded secret", "Looks like a Svix secret, is not used like one.", headers(key=base64.b64decode(secret[6:])), wire, BAD_SIG)
    rows.add("sig-sha256-prefix", "sha256= in front", "The scheme has no prefix.", headers(sig="sha256=" + digest.hex()), wire, MALFORMED)
    rows.add("sig-v1-prefix", "v1= in front", "The scheme has no prefix.", headers(sig="v1=" + digest.hex()), wire, MALFORMED)
    rows.add("sig-0x-prefix", "0x in front", "Not a hex digest of 32 bytes.", headers(sig="0x" + digest.hex()), wire, MALFORMED)
    optional = render({**event, "event": "recovery.failed", "trigger": "reconciliation", "recommendedAction": "contact_customer"})
    rows.add("other-event-same-transaction", "recovery.failed of the same transaction", "A later reconciliation outcome: another event of the same id, with the optional fields.", headers(optional), optional)
    return rows


# ------------------------------------------------------------------- Debitura


def debitura():
    secret = "dGhpc2lzYWJhc2U2NGVuY29kZWRzZWNyZXQ="  # the documented example
    new = b64(b"debitura vectors rotated key 02")
    key = base64.b64decode(secret)
    event_id = "0f4d2a6e-6a53-4c1f-9d0e-3b8f5c1a7e42"
    event = {
        "id": event_id,
        "specVersion": "1.0",
        "event": "case.updated",
        "timestamp": "2026-06-18T00:00:00Z",
        "data": {"caseId": "c-1", "amount": Number("1000.00"), "debtor": "Zürich AG"},
        "links": {"client": "https://api.example/clients/1"},
    }
    wire, t = render(event), str(T0)
    rows = Rows("debitura", "hmac-sha256", "base64", secret)
    name = "X-Debitura-Signature"
    digest = mac(key, t, ".", wire)
    good = digest.hex()

    def headers(body=wire, key=key, t=t, sig=None, stamp=t, **extra):
        sig = f"t={t},v1=" + mac(key, t, ".", body).hex() if sig is None else sig
        out = {name: sig, "X-Debitura-Timestamp": stamp, "X-Debitura-Event": "case.updated"}
        out.update({f"X-Debitura-{k}": v for k, v in extra.items()})
        return {k: v for k, v in out.items() if v is not None}

    def add(slug, title, note, head, body=wire, expect=OK, **more):
        rows.add(slug, title, note, head, body, expect, event_id=more.pop("event_id", event_id), **more)

    add("genuine", "genuine delivery", "Documented example secret, decoded; {t}.{raw_body}.", {"Content-Type": "application/json", **headers()})
    rotation(rows, secret, new, lambda k: headers(key=base64.b64decode(k)), wire, event_id=event_id)
    reserialised(rows, event, lambda b: headers(b), lambda n: "1000" if n == "1000.00" else n)
    for row in rows.rows:
        if row["expect"] == OK:
            row.setdefault("expect_event_id", event_id)
    customer = render({"id": "evt_9aVector", "event": "payment.created", "data": {"amount": Number("1000.00")}})
    add("customer-api", "Customer API event", "Trap 3: the vendor's own sample shape, id evt_... and amount 1000.00.", headers(customer), customer, event_id="evt_9aVector")
    # keys
    add("key-base64-text", "signed with the Base64 text as key", "Documented mistake: the text not decoded.", headers(key=secret.encode()), expect=BAD_SIG)
    add("secret-encoded-twice", "secret Base64-encoded once more", "The inverse mistake, at the receiver.", headers(), expect=BAD_SIG, secret=b64(secret.encode()))
    add("secret-of-another-subscription", "another subscription's secret", "The secret is shown once; another one was stored.", headers(), expect=BAD_SIG, secret=b64(b"debitura vectors other endpoint"))
    add("secret-unpadded", "secret without its padding", "Key Base64 takes missing padding.", headers(), secret=secret.rstrip("="))
    add("secret-stray-bits", "secret with stray trailing bits", "Key Base64 takes stray bits of the last character.", headers(), secret=secret.replace("ZXQ=", "ZXR="))
    for slug, title, bad, note in [
        ("not-base64", "secret is no Base64", "this is not base64!", "Trap 5: lenient decoders turn it silently into other bytes."),
        ("whsec", "secret with whsec_ in front", "whsec_" + secret, "The scheme's secrets have no prefix; '_' is not Base64."),
        ("inner-space", "space inside the secret", secret[:12] + " " + secret[12:], "Trap 5: damaged by white space."),
        ("url-alphabet", "URL-safe alphabet", "-_" + secret[2:], "Another alphabet gives other bytes or none."),
        ("impossible-length", "one character lost from the quartets", secret.rstrip("=")[:33], "4n+1 characters decode to nothing."),
    ]:
        add(f"secret-{slug}", title, f"Configuration. {note}", headers(), expect=BAD_SECRET, secret=bad)
    # template
    add("template-body-only", "time not signed", "Body-only HMAC.", headers(sig=f"t={t},v1=" + mac(key, wire).hex()), expect=BAD_SIG)
    add("template-unsigned-stamp", "X-Debitura-Timestamp signed instead of t", "Trap 1: only t counts.", headers(sig=f"t={t},v1=" + mac(key, str(T0 - 60), ".", wire).hex(), stamp=str(T0 - 60)), expect=BAD_SIG)
    add("template-json-time", "body timestamp signed instead of t", "The ISO text of the body is not t.", headers(sig=f"t={t},v1=" + mac(key, "2026-06-18T00:00:00Z", ".", wire).hex()), expect=BAD_SIG)
    # unsigned headers
    add("stamp-differs", "X-Debitura-Timestamp differs from t", "Trap 1: the time of the event, not of the signing; unsigned.", headers(stamp=str(T0 - 7200)))
    add("stamp-absent", "X-Debitura-Timestamp absent", "Not required.", headers(stamp=None))
    add("stamp-garbage", "X-Debitura-Timestamp unreadable", "Not read, so it cannot fail.", headers(stamp="soon"))
    add("stamp-twice", "X-Debitura-Timestamp twice, different", "Not a required header, so not ambiguous.", headers(stamp=[t, "1"]))
    add("stamp-fresh-t-old", "fresh X-Debitura-Timestamp, old t", "A fresh unsigned header must not rescue an old signature.", headers(stamp=str(T0 + 3600)), expect=SKEW, now=T0 + 3600)
    add("event-header-differs", "X-Debitura-Event differs from the body", "Trap 2: unsigned; the body names the event.", {**headers(), "X-Debitura-Event": "payment.created"})
    add("replay-header", "X-Debitura-Replay: true", "Trap 2: unsigned; a replay verifies like the first attempt.", headers(Replay="true"))
    add("replay-header-old", "X-Debitura-Replay: true and old", "It opens no window.", headers(Replay="true"), expect=SKEW, now=T0 + 301)
    add("replay-header-forged", "X-Debitura-Replay: true and a wrong secret", "It excuses no signature.", headers(key=b"another key", Replay="true"), expect=BAD_SIG)
    # signature list
    wrong = "0" * 64
    signature_texts(rows, digest, lambda s: headers(sig=f"t={t},v1={s}"), wire, "v1=", {"event_id": event_id})
    for slug, title, sig, expect, note in [
        ("list-good-last", "two v1, the last matches", f"t={t},v1={wrong},v1={good}", OK, "Trap 4: any v1 may match."),
        ("list-good-first", "two v1, the first matches", f"t={t},v1={good},v1={wrong}", OK, "Trap 4: the sample keeps the last one and would refuse."),
        ("list-undecodable-skipped", "undecodable v1 beside the right one", f"t={t},v1=zz,v1={good}", OK, "A candidate that does not decode is skipped."),
        ("list-undecodable-and-wrong", "undecodable v1 beside a wrong one", f"t={t},v1=zz,v1={wrong}", BAD_SIG, "One candidate decodes, so the header is well formed."),
        ("list-none-decodes", "two undecodable v1", f"t={t},v1=zz,v1={good[:62]}", MALFORMED, "No candidate decodes."),
        ("list-space", "space after the comma", f"t={t}, v1={good}", OK, "Trap 4: trimmed."),
        ("list-v1-first", "v1 before t", f"v1={good},t={t}", OK, "Order of the fields is not fixed."),
        ("list-unknown-key", "unknown key", f"t={t},kid=7,v1={good}", OK, "Unknown keys are skipped."),
        ("list-other-version-beside", "v2 beside the right v1", f"t={t},v2={wrong},v1={good}", OK, "Another version beside v1 is skipped."),
        ("list-good-digest-in-v2", "right digest as v2, wrong v1", f"t={t},v1={wrong},v2={good}", BAD_SIG, "Only v1 counts."),
        ("list-only-v2", "only v2", f"t={t},v2={good}", UNSUPPORTED, "Announces only another version."),
        ("list-only-v0", "only v0", f"t={t},v0={good}", UNSUPPORTED, "Downgrade to an older label."),
        ("list-no-v1", "t alone", f"t={t}", MALFORMED, "No signature and no version at all."),
        ("list-no-t", "v1 alone", f"v1={good}", MALFORMED, "t missing; the unsigned timestamp header is no substitute."),
        ("list-t-twice", "t twice, different", f"t={t},t={T0 + 1},v1={good}", MALFORMED, "Which one was signed must not be guessed."),
        ("list-t-twice-equal", "t twice, equal", f"t={t},t={t},v1={good}", MALFORMED, "A repeated field is refused, equal or not."),
        ("list-no-key", "v1= missing", f"t={t},{good}", MALFORMED, "Bare hex in the list."),
        ("bare-hex", "bare hex", good, MALFORMED, "Another scheme."),
        ("v1-base64-decoded", "v1 Base64-decoded and printed again", f"t={t},v1={base64.b64decode(good).hex()}", MALFORMED, "Documented mistake: 64 hex digits are valid Base64 of 48 other bytes."),
    ]:
        add(slug, title, note, headers(sig=sig), expect=expect)
    # timestamp text, each genuinely signed as written
    for slug, text, note in [
        ("plus", "+" + t, "A sign."),
        ("minus", "-1", "A sign."),
        ("leading-zero", "0" + t, "A leading zero, 11 digits."),
        ("fraction", t + ".0", "A fraction."),
        ("exponent", "1e9", "A float spelling."),
        ("hex", hex(T0), "Hexadecimal."),
        ("suffix", t + "s", "Digits and a suffix: prefix parsers accept it."),
        ("milliseconds", t + "000", "13 digits: milliseconds."),
        ("year-10000", str(LAST_SECOND + 1), "The first second that RFC 3339 cannot write."),
        ("iso", "2026-06-18T00:00:00Z", "ISO 8601 where Unix seconds belong."),
    ]:
        add(f"t-{slug}", f"t={text}", f"{note} The signature over this text is genuine.", headers(t=text), expect=BAD_TIME)
    add("t-zero", "t=0", "'0' itself is well formed; it is only very old.", headers(t="0"), expect=SKEW)
    add("t-year-9999", f"t={LAST_SECOND}", "The last second that RFC 3339 can write is well formed; it is only far ahead.", headers(t=str(LAST_SECOND)), expect=SKEW)
    add("t-twelve-digits", f"t={t}00", "12 digits are well formed; it is only far ahead.", headers(t=t + "00"), expect=SKEW)
    add("t-eleven-digits", "t=99999999999", "11 digits are well formed; it is only far ahead.", headers(t="99999999999"), expect=SKEW)
    # window
    for slug, at, nanos, expect, note in [
        ("past-limit", 300, None, OK, "Exactly 300 s old passes."),
        ("past-limit-1ns", 300, 1, SKEW, "Compared without rounding."),
        ("past-limit-1s", 301, None, SKEW, "301 s old."),
        ("future-limit", -30, None, OK, "Exactly 30 s ahead passes."),
        ("future-limit-1ns", -31, 999_999_999, SKEW, "30.000000001 s ahead."),
        ("future-limit-1s", -31, None, SKEW, "31 s ahead: a symmetric 300 s window would accept."),
    ]:
        extra = {} if nanos is None else {"now_nanos": nanos}
        add(slug, note.rstrip("."), f"Window 300 s past, 30 s future. {note}", headers(), expect=expect, now=T0 + at, **extra)
    # headers
    header_rows(rows, headers(), name, wire, [name], event_id=event_id)
    add("ambiguous-signature", "two different signature headers", "One of them is right; guessing which is the attack.", {**headers(), name: [f"t={t},v1={good}", f"t={t},v1={wrong}"]}, expect=AMBIGUOUS)
    # event id
    none = render({k: v for k, v in event.items() if k != "id"})
    add("id-absent", "body without id", "No header carries an id.", headers(none), none, NO_ID)
    nested = render({"data": {"id": event_id}, "event": "case.updated"})
    add("id-nested-only", "id only inside data", "An object's id is not the event's.", headers(nested), nested, NO_ID)
    cased = render({"ID": event_id, "Id": event_id})
    add("id-key-case", "keys ID and Id", "JSON keys have case.", headers(cased), cased, NO_ID)
    for slug, text, expect, note in payloads("id"):
        add(f"id-{slug}", f"id is {slug}", note, headers(text.encode()), text.encode(), expect)
    add("id-integer", "id is an integer", "An integer is an id too.", headers(b'{"id":1042}'), b'{"id":1042}', event_id="1042")
    twice = f'{{"id":"{event_id}","id":"other"}}'.encode()
    add("id-twice", "id twice", "First-wins and last-wins parsers would name two events.", headers(twice), twice, BAD_ID)
    hidden = f'{{"id":"{event_id}","\\u0069d":"other"}}'.encode()
    add("id-twice-escaped", "id twice, once as \\u0069d", "An escaped key is the same key.", headers(hidden), hidden, BAD_ID)
    shadow = f'{{"data":{{"id":"a","id":"b"}},"data":{{"id":"c"}},"id":"{event_id}"}}'.encode()
    add("duplicate-keys-beside", "duplicate keys beside the path", "Inner ids and repeated data do not matter.", headers(shadow), shadow)
    deep = f'{{"deep":{deep_json()},"id":"{event_id}"}}'.encode()
    add("deep-nesting-beside", "10,000 levels beside the path", "Skipped without recursion.", headers(deep), deep)
    for slug, body in [("not-json", b"id=" + event_id.encode()), ("empty-body", b""), ("trailing-garbage", wire + b"{}"), ("not-utf8", wire.replace("ü".encode(), b"\xfc"))]:
        add(f"body-{slug}", f"genuine signature over: {slug}", "The signature is right; no id can be read.", headers(body), body, BAD_ID)
    # tampering and order
    add("tampered-body", "one digit of the amount changed", "A changed byte.", headers(), wire.replace(b"1000.00", b"9000.00"), BAD_SIG)
    add("replay-fresh-t", "old signature under a fresh t", "t is signed.", headers(sig=f"t={T0 + 3600},v1={good}"), expect=BAD_SIG, now=T0 + 3600)
    add("order-form-before-time", "malformed v1 and t=abc", "Order: signature text before timestamp text.", headers(sig="t=abc,v1=zz"), expect=MALFORMED)
    add("order-version-before-time", "only v2 and t=abc", "Order: version before timestamp text.", headers(sig=f"t=abc,v2={good}"), expect=UNSUPPORTED)
    add("order-time-before-signature", "t=abc and a wrong digest", "Order: the time is parsed before the signature.", headers(sig=f"t=abc,v1={wrong}"), expect=BAD_TIME)
    add("order-signature-before-window", "wrong digest and old", "Order: the skew is about genuine deliveries only.", headers(sig=f"t={t},v1={wrong}"), expect=BAD_SIG, now=T0 + 3600)
    add("order-window-before-id", "old and no id", "Order: window before event id.", headers(none), none, SKEW, now=T0 + 3600)
    secret_faults(rows, secret, headers(), wire)
    return rows


# --------------------------------------------------------------------- 155.io


def openssl(*args, data=None):
    return subprocess.run(["openssl", *args], input=data, check=True, capture_output=True).stdout


def marbles():
    with tempfile.TemporaryDirectory() as folder:
        return marbles_in(folder)


def marbles_in(folder):
    def pair(name):
        private = os.path.join(folder, name)
        openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", private)
        return private, openssl("pkey", "-in", private, "-pubout").decode()

    old, old_pem = pair("old")
    new, new_pem = pair("new")
    ec = os.path.join(folder, "ec")
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", ec)
    ec_pem = openssl("pkey", "-in", ec, "-pubout").decode()

    def sign(body, key=old, digest="-sha256", pss=False):
        options = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"] if pss else []
        return openssl("dgst", digest, "-sign", key, *options, data=body)

    common = {
        "requestId": "req-7f1c",
        "clientPlayerId": "player-42",
        "clientSessionId": "session-9",
        "currency": "EUR",
        "timestamp": "2026-06-18T00:00:00.000Z",
    }
    big = Number("9007199254740993")  # 2^53 + 1
    game = {**common, "roundId": "2026/06/18-042"}
    bodies = {
        "balance": common,
        "bet": {**game, "transactionId": "tx-bet-1", "amount": Number("1000000")},
        "win": {**game, "transactionId": "tx-win-1", "referenceTransactionId": "tx-bet-1", "amount": big},
        "rollback": {**game, "transactionId": "tx-rollback-1", "referenceTransactionId": "tx-bet-1"},
    }
    wires = {route: render(body) for route, body in bodies.items()}
    signatures = {route: sign(wire) for route, wire in wires.items()}
    header, host = "X-Marbles-Signature", "https://wallet.example"
    rows = Rows("155io", "rsa-pkcs1v15-sha256", "rsa-public-pem", old_pem)

    def at(route):
        return {"method": "POST", "url": f"{host}/{route}"}

    def headers(body, **how):
        return {header: b64(sign(body, **how))}

    win, win_sig = wires["win"], signatures["win"]
    for route in bodies:
        slug = "genuine" if route == "win" else f"genuine-{route}"
        rows.add(slug, f"genuine /{route}", "RSA-SHA256, PKCS#1 v1.5, over the raw body.", {"Content-Type": "application/json", header: b64(signatures[route])}, wires[route], **at(route))
    # routes: every body at every other route
    for body in bodies:
        for route in bodies:
            if route != body:
                rows.add(f"route-{body}-at-{route}", f"/{body} body posted to /{route}", "Trap 4: nothing but the body is signed, so the fields must fit the route.", {header: b64(signatures[body])}, wires[body], MISMATCH, **at(route))
    rows.add("route-base-path", "route below a base path", "The route is the ending of the path.", {header: b64(win_sig)}, win, method="POST", url=f"{host}/api/v2/win")
    rows.add("route-query", "route with a query", "The query is not part of the path.", {header: b64(win_sig)}, win, method="POST", url=f"{host}/win?attempt=2")
    rows.add("route-in-query", "/win body at /bet?next=/win", "The ending of the path, not of the URL.", {header: b64(win_sig)}, win, MISMATCH, method="POST", url=f"{host}/bet?next=/win")
    for slug, path in [("upper", "WIN"), ("percent", "%77in"), ("parameter", "win;x"), ("other", "other")]:
        rows.add(f"route-unknown-{slug}", f"/win body posted to /{path}", "A path that no rule names: a router may still take it for a route.", {header: b64(win_sig)}, win, MISMATCH, method="POST", url=f"{host}/{path}")
    for route in bodies:
        rows.add(f"no-url-{route}", f"/{route} body without a URL", "Without a URL the fields choose the rule.", {header: b64(signatures[route])}, wires[route])
    # rotation
    rows.add("rotation-old-signs", "two public keys, the old one fits", "Receiver-side list: old first.", {header: b64(win_sig)}, win, secrets=[old_pem, new_pem], **at("win"))
    rows.add("rotation-new-signs", "two public keys, the new one fits", "All keys are tried.", headers(win, key=new), win, secrets=[old_pem, new_pem], **at("win"))
    rows.add("wrong-key", "another public key", "An ordinary wrong key, for instance that of staging.", {header: b64(win_sig)}, win, BAD_SIG, secret=new_pem, **at("win"))
    # padding and hashing
    rows.add("pss", "PSS padding", "Trap 3: another padding.", headers(win, pss=True), win, BAD_SIG, **at("win"))
    rows.add("double-hash", "digest signed as the message", "Trap 3: hashed twice.", headers(hashlib.sha256(win).digest()), win, BAD_SIG, **at("win"))
    rows.add("double-hash-hex", "hex digest signed as the message", "Trap 3, as text.", headers(hashlib.sha256(win).hexdigest().encode()), win, BAD_SIG, **at("win"))
    rows.add("rsa-sha1", "RSA-SHA1", "Another digest.", headers(win, digest="-sha1"), win, BAD_SIG, **at("win"))
    rows.add("rsa-sha512", "RSA-SHA512", "Another digest.", headers(win, digest="-sha512"), win, BAD_SIG, **at("win"))
    raw = openssl("pkeyutl", "-sign", "-inkey", old, "-pkeyopt", "rsa_padding_mode:pkcs1", data=hashlib.sha256(win).digest())
    rows.add("no-digest-info", "padded digest without its DigestInfo", "PKCS#1 v1.5 names the hash inside the padding; a bare digest is refused.", {header: b64(raw)}, win, BAD_SIG, **at("win"))
    # body
    js = lambda n: "9007199254740992" if n == big.text else n
    reserialised(rows, bodies["win"], lambda b: headers(b), js, at("win"), unicode_too=False)
    zero = render({**bodies["win"], "amount": Number("0")})
    rows.add("win-zero", "/win with amount 0", "A lost round is a /win of 0: the field is there.", headers(zero), zero, **at("win"))
    rows.add("tampered-body", "currency changed", "A changed byte.", {header: b64(win_sig)}, win.replace(b"EUR", b"USD"), BAD_SIG, **at("win"))
    retry = render({**bodies["rollback"], "transactionId": "tx-rollback-2", "requestId": "req-7f1d"})
    rows.add("rollback-retry", "/rollback tried again", "Trap 1: transactionId is new, referenceTransactionId stays; both verify, one event.", headers(retry), retry, **at("rollback"))
    rows.add("no-window-old", "ten years old", "No signed header time; the body's timestamp is not judged.", {header: b64(win_sig)}, win, now=T0 + 315_360_000, **at("win"))
    deep = wires["bet"][:-1] + b',"deep":' + deep_json().encode() + b"}"
    rows.add("deep-nesting-beside", "10,000 levels beside the path", "Skipped without recursion.", headers(deep), deep, **at("bet"))
    beside = wires["bet"][:-1] + b',"x":1,"x":2}'
    rows.add("duplicate-keys-beside", "duplicate keys beside the path", "Limits hold along the path only.", headers(beside), beside, **at("bet"))
    # ids
    for slug, route, key, value in [
        ("bet-object", "bet", "transactionId", {"a": "b"}),
        ("bet-null", "bet", "transactionId", None),
        ("bet-float", "bet", "transactionId", Number("1.5")),
        ("win-array", "win", "transactionId", ["tx"]),
        ("rollback-bool", "rollback", "referenceTransactionId", True),
    ]:
        body = render({**bodies[route], key: value})
        rows.add(f"id-{slug}", f"/{route}: {key} is {slug.split('-')[1]}", "The id of this route is one string or integer.", headers(body), body, BAD_ID, **at(route))
    for route, key in [("bet", "transactionId"), ("rollback", "referenceTransactionId")]:
        body = wires[route][:-1] + f',"{key}":"other"}}'.encode()
        rows.add(f"id-{route}-twice", f"/{route}: {key} twice", "First-wins and last-wins parsers would name two events.", headers(body), body, BAD_ID, **at(route))
    numeric = render({**bodies["bet"], "transactionId": Number("1042")})
    rows.add("id-integer", "/bet: transactionId is an integer", "An integer is an id too.", headers(numeric), numeric, **at("bet"))
    for slug, body in [("not-json", b"transactionId=1"), ("empty-body", b""), ("not-utf8", wires["bet"].replace(b"player-42", b"player-\xfc"))]:
        rows.add(f"body-{slug}", f"genuine signature over: {slug}", "The signature is right; no id can be read.", headers(body), body, BAD_ID, **at("bet"))
    # signature text
    text = b64(win_sig)
    assert text.endswith("==") and set("+/") & set(text)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    stray = text[:-3] + alphabet[alphabet.index(text[-3]) + 1] + "=="
    flipped = bytes([win_sig[0], win_sig[1] ^ 1]) + win_sig[2:]
    for slug, name, sig, expect, note in [
        ("sig-bit-flipped", "one bit flipped", b64(flipped), BAD_SIG, "Full length, another number."),
        ("sig-zero", "256 zero bytes", b64(bytes(256)), BAD_SIG, "The number 0."),
        ("sig-above-modulus", "256 bytes of 0xff", b64(b"\xff" * 256), BAD_SIG, "Larger than the modulus."),
        ("sig-unpadded", "padding removed", text.rstrip("="), MALFORMED, "Signature Base64 is padded."),
        ("sig-stray-bits", "stray trailing bits", stray, MALFORMED, "Signature Base64 is canonical; a lenient decoder sees the same bytes."),
        ("sig-url-alphabet", "URL-safe alphabet", text.replace("+", "-").replace("/", "_"), MALFORMED, "Another alphabet."),
        ("sig-inner-space", "a space inside", text[:76] + " " + text[76:], MALFORMED, "Folded Base64, unfolded by a proxy."),
        ("sig-255-bytes", "255 of 256 bytes", text[:340], MALFORMED, "A proper prefix that is canonical Base64."),
        ("sig-257-bytes", "257 bytes", b64(win_sig + b"\x00"), MALFORMED, "One byte more than the key's length."),
        ("sig-hex", "hex instead of Base64", win_sig.hex(), MALFORMED, "512 hex digits are also Base64, of 384 bytes."),
        ("sig-prefixed", "sha256= in front of the Base64", "sha256=" + text, MALFORMED, "The scheme has no prefix."),
        ("sig-hmac", "sha256= and an HMAC", "sha256=" + mac("k", win).hex(), MALFORMED, "An unrelated tool sends this under the same header name."),
        ("sig-percent", "padding percent-encoded", text.replace("=", "%3D"), MALFORMED, "URL-encoded on the way."),
    ]:
        rows.add(slug, name, note, {header: sig}, win, expect, **at("win"))
    good = {header: text}
    header_rows(rows, good, header, win, [header], **at("win"))
    rows.add("ambiguous-signature", "two different signature headers", "One of them is right; guessing which is the attack.", {header: [text, b64(bytes(256))]}, win, AMBIGUOUS, **at("win"))
    rows.add("order-signature-before-route", "wrong key and wrong route", "Order: fields are read only after the signature matched.", good, win, BAD_SIG, secret=new_pem, **at("bet"))
    # keys
    rows.add("key-no-final-newline", "PEM without its final newline", "Still a PEM.", good, win, secret=old_pem.rstrip("\n"), **at("win"))
    rows.add("key-crlf", "PEM with CRLF line ends", "RFC 7468 allows them.", good, win, secret=old_pem.replace("\n", "\r\n"), **at("win"))
    lines = old_pem.splitlines(True)
    fake = "".join(f"{b64(hashlib.sha256(bytes([i])).digest())}\n" for i in range(8))
    for slug, name, pem, note in [
        ("empty", "empty key", "", "Environment variable unset."),
        ("blank", "blank key", " \n", "Only white space."),
        ("double-quotes", "PEM in double quotes", f'"{old_pem}"', "Quotes of an .env file kept."),
        ("literal-backslash-n", "PEM with \\n as two characters", old_pem.replace("\n", "\\n"), "An environment variable that was never unescaped."),
        ("private-pkcs8", "PEM of a private key (PKCS#8 label)", f"-----BEGIN PRIVATE KEY-----\n{fake}-----END PRIVATE KEY-----\n", "Documented mistake: asking for the private key. The content is noise: no private key is kept here."),
        ("private-pkcs1", "PEM of a private key (PKCS#1 label)", f"-----BEGIN RSA PRIVATE KEY-----\n{fake}-----END RSA PRIVATE KEY-----\n", "The older label; the content is noise."),
        ("garbage-der", "public label, noise inside", f"-----BEGIN PUBLIC KEY-----\n{fake}-----END PUBLIC KEY-----\n", "Not a key."),
        ("truncated", "PEM with a line lost", "".join(lines[:3] + lines[4:]), "Damaged when copied."),
        ("no-end", "PEM without its end line", "".join(lines[:-1]), "Damaged when copied."),
        ("ec", "public key of another kind (P-256)", ec_pem, "A good PEM, but no RSA key."),
        ("hmac-text", "a shared secret where a key belongs", "whsec_" + b64(b"not a public key at all, sorry"), "Another provider's secret."),
    ]:
        rows.add(f"key-{slug}", name, f"Configuration. {note}", good, win, BAD_SECRET, secret=pem, **at("win"))
    rows.add("key-second-garbage", "right key beside garbage", "Configuration: one unusable key refuses the ring.", good, win, BAD_SECRET, secrets=[old_pem, "garbage"], **at("win"))
    return rows


# --------------------------------------------------------------- judging rows


class Rejected(Exception):
    pass


def reject(code):
    raise Rejected(code)


def second_hmac(key, message):
    """RFC 2104 from the hash alone, so that maker and judge share no HMAC code."""
    block = (hashlib.sha256(key).digest() if len(key) > 64 else key).ljust(64, b"\0")
    inner = hashlib.sha256(bytes(b ^ 0x36 for b in block) + message).digest()
    return hashlib.sha256(bytes(b ^ 0x5C for b in block) + inner).digest()


def one_header(row, names):
    seen = {}
    for name, value in row["headers"].items():
        for text in value if isinstance(value, list) else [value]:
            if text.strip():
                seen.setdefault(name.lower(), []).append(text)
    if any(n.lower() not in seen for n in names):
        reject(MISSING)
    if any(len(set(seen[n.lower()])) > 1 for n in names):
        reject(AMBIGUOUS)
    return [seen[n.lower()][0] for n in names]


def digest_bytes(text):
    return bytes.fromhex(text) if re.fullmatch(r"[0-9a-fA-F]{64}", text) else None


def ring(row):
    return row["secrets"] if "secrets" in row else [row["secret"]]


def text_keys(row):
    for secret in ring(row):
        if not secret.strip() or secret != secret.strip() or (secret[0] == secret[-1] and secret[0] in "\"'"):
            reject(BAD_SECRET)
        if secret.startswith(tuple(OTHER_KINDS.get(row["scheme"], []))):
            reject(BAD_SECRET)
    return [s.encode() for s in ring(row)]


def announces(label):
    """Whether a prefix names a version or an algorithm: short lower-case text with a digit."""
    return re.fullmatch(r"(?=.*[0-9])[a-z0-9-]{2,16}", label) is not None


def base64_keys(row):
    text_keys(row)
    for secret in ring(row):
        if not re.fullmatch(r"[A-Za-z0-9+/]+={0,2}", secret) or len(secret.rstrip("=")) % 4 == 1:
            reject(BAD_SECRET)
    return [base64.b64decode(s.rstrip("=") + "=" * (-len(s.rstrip("=")) % 4)) for s in ring(row)]


def must_match(keys, candidates, message):
    decoded = [d for d in map(digest_bytes, candidates) if d is not None]
    if not any(second_hmac(k, message) == d for k in keys for d in decoded):
        reject(BAD_SIG)


def must_decode(candidates):
    if all(digest_bytes(c) is None for c in candidates):
        reject(MALFORMED)


def unix_nanos(text):
    if not re.fullmatch(r"0|[1-9][0-9]{0,11}", text) or int(text) > LAST_SECOND:
        reject(BAD_TIME)
    return int(text) * 10**9


def rfc3339_nanos(text):
    m = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)", text, re.ASCII)
    if not m:
        reject(BAD_TIME)
    try:
        whole = calendar.timegm(datetime(*map(int, m.group(1, 2, 3, 4, 5, 6))).timetuple())
    except ValueError:
        reject(BAD_TIME)
    zone = m.group(8)
    offset = 0 if zone == "Z" else int(zone[0] + "1") * (int(zone[1:3]) * 3600 + int(zone[4:]) * 60)
    return (whole - offset) * 10**9 + int((m.group(7) or "0").ljust(9, "0")[:9])


def in_window(row, stamp, past, future):
    age = row["now_unix"] * 10**9 + row.get("now_nanos", 0) - stamp
    if age > past * 10**9 or -age > future * 10**9:
        reject(SKEW)


TOKEN = re.compile(
    r'[ \t\n\r]*(?:(?P<string>"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")'
    r"|(?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)|(?P<word>true|false|null)|(?P<mark>[][{}:,]))"
)


def members(body):
    """Top-level members as (key, kind, text), by a strict reader without recursion."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        reject(BAD_ID)
    tokens, at, end = [], 0, len(text.rstrip(" \t\n\r"))
    while at < end:
        m = TOKEN.match(text, at)
        if not m:
            reject(BAD_ID)
        tokens.append((m.lastgroup, m.group(m.lastgroup)))
        at = m.end()
    out, stack, want, key = [], [], "value", None
    for kind, token in tokens:
        depth = len(stack)
        if want == "end":
            reject(BAD_ID)
        if kind == "mark" and token in "}]":
            opener = {"}": "{", "]": "["}[token]
            empty = want == ("key-or-close" if token == "}" else "value-or-close")
            if not stack or stack[-1] != opener or not (empty or want == "comma"):
                reject(BAD_ID)
            stack.pop()
        elif want in ("key", "key-or-close"):
            if kind != "string":
                reject(BAD_ID)
            if depth == 1:
                key = json.loads(token)
            want = "colon"
            continue
        elif want == "colon":
            if token != ":" or kind != "mark":
                reject(BAD_ID)
            want = "value"
            continue
        elif want == "comma":
            if token != "," or kind != "mark":
                reject(BAD_ID)
            want = "key" if stack[-1] == "{" else "value"
            continue
        elif kind == "mark" and token in "{[":
            if depth == 1 and stack[0] == "{":
                out.append((key, "nested", ""))
            stack.append(token)
            want = "key-or-close" if token == "{" else "value-or-close"
            continue
        elif kind == "mark":
            reject(BAD_ID)
        elif depth == 1 and stack[0] == "{":
            if kind == "string":
                out.append((key, "string", json.loads(token)))
            else:
                out.append((key, "integer" if kind == "number" and re.fullmatch(r"-?\d+", token) else "other", token))
        want = "comma" if stack else "end"
    if want != "end" or not tokens or tokens[0][1] != "{":
        reject(BAD_ID)
    return out


def id_of(fields, key):
    found = [(kind, text) for k, kind, text in fields if k == key]
    if not found:
        reject(NO_ID)
    if len(found) > 1 or found[0][0] not in ("string", "integer"):
        reject(BAD_ID)
    return found[0][1]


def judge_openpoly(row, body):
    keys = text_keys(row)
    event_id, stamp, sig = one_header(row, ["X-Polynion-Event-Id", "X-Polynion-Timestamp", "X-Polynion-Signature"])
    label, equals, value = sig.partition("=")
    if label != "v1" and equals and announces(label) and value not in ("", "="):
        reject(UNSUPPORTED)
    if label != "v1" or not equals:
        reject(MALFORMED)
    must_decode([value])
    when = rfc3339_nanos(stamp)
    must_match(keys, [value], stamp.encode() + b"." + body)
    in_window(row, when, 300, 300)
    found = id_of(members(body), "event_id")
    if found != event_id:
        reject(MISMATCH)
    return found


def judge_mutopay(row, body):
    keys = text_keys(row)
    (sig,) = one_header(row, ["X-MutoPay-Signature"])
    label, equals, value = sig.partition("=")
    if equals and label != "sha256" and announces(label) and value not in ("", "="):
        reject(UNSUPPORTED)
    if not equals or label != "sha256":
        reject(MALFORMED)
    must_decode([value])
    must_match(keys, [value], body)
    fields = members(body)
    id_of(fields, "payment_id")
    id_of(fields, "event")


def judge_revtain(row, body):
    keys = text_keys(row)
    (sig,) = one_header(row, ["X-Revtain-Signature"])
    must_decode([sig])
    must_match(keys, [sig], body)
    fields = members(body)
    id_of(fields, "revtainTransactionId")
    id_of(fields, "event")


def judge_debitura(row, body):
    keys = base64_keys(row)
    (sig,) = one_header(row, ["X-Debitura-Signature"])
    pairs = [part.strip(" \t").partition("=") for part in sig.split(",")]
    times = [v for k, _, v in pairs if k == "t"]
    candidates = [v for k, _, v in pairs if k == "v1"]
    if not candidates and any(re.fullmatch(r"v[0-9]+", k) for k, _, _ in pairs):
        reject(UNSUPPORTED)
    if len(times) != 1 or not candidates:
        reject(MALFORMED)
    must_decode(candidates)
    when = unix_nanos(times[0])
    must_match(keys, candidates, times[0].encode() + b"." + body)
    in_window(row, when, 300, 30)
    return id_of(members(body), "id")


KEY_BITS = {}


def public_key_bits(pem):
    """Size of an RSA public key, or None."""
    if pem not in KEY_BITS:
        bits = None
        if re.match(r"-----BEGIN PUBLIC KEY-----\r?\n", pem):
            run = subprocess.run(["openssl", "pkey", "-pubin", "-noout", "-text"], input=pem.encode(), capture_output=True)
            m = re.search(rb"Public-Key: \((\d+) bit\)", run.stdout)
            if run.returncode == 0 and m and b"Modulus" in run.stdout:
                bits = int(m.group(1))
        KEY_BITS[pem] = bits
    return KEY_BITS[pem]


def rsa_matches(pem, sig, body):
    with tempfile.TemporaryDirectory() as folder:
        for name, data in [("pub", pem.encode()), ("sig", sig)]:
            with open(os.path.join(folder, name), "wb") as f:
                f.write(data)
        run = subprocess.run(
            ["openssl", "dgst", "-sha256", "-verify", f"{folder}/pub", "-signature", f"{folder}/sig"],
            input=body, capture_output=True,
        )
    return run.returncode == 0 and run.stdout.strip() == b"Verified OK"


ROUTES = {  # required, forbidden, id
    "balance": ([], ["transactionId", "referenceTransactionId"], None),
    "bet": (["transactionId"], ["referenceTransactionId"], "transactionId"),
    "win": (["transactionId", "referenceTransactionId", "amount"], [], "transactionId"),
    "rollback": (["transactionId", "referenceTransactionId"], ["amount"], "referenceTransactionId"),
}


def judge_155io(row, body):
    for pem in ring(row):
        if public_key_bits(pem) is None:
            reject(BAD_SECRET)
    (text,) = one_header(row, ["X-Marbles-Signature"])
    try:
        sig = base64.b64decode(text, validate=True)
    except ValueError:
        reject(MALFORMED)
    if base64.b64encode(sig).decode() != text or all(len(sig) * 8 != public_key_bits(p) for p in ring(row)):
        reject(MALFORMED)
    if not any(rsa_matches(p, sig, body) for p in ring(row)):
        reject(BAD_SIG)
    fields = members(body)
    present = {key for key, _, _ in fields}
    fits = lambda rule: present.issuperset(rule[0]) and not present & set(rule[1])
    if "url" in row:
        rule = ROUTES.get(urlsplit(row["url"]).path.rsplit("/", 1)[1])
        if rule is None or not fits(rule):
            reject(MISMATCH)
    else:  # what fits no rule lacks the transactionId
        rule = next(filter(fits, ROUTES.values()), (None, None, "transactionId"))
    key = rule[2]
    if key:
        id_of(fields, key)


JUDGES = {"openpoly": judge_openpoly, "mutopay": judge_mutopay, "revtain": judge_revtain, "debitura": judge_debitura, "155io": judge_155io}


def official_matches(row, body):
    headers = {k.lower(): v for k, v in row["headers"].items()}
    if row["scheme"] == "github":
        signed = [(body, headers["x-hub-signature-256"].removeprefix("sha256="))]
    elif row["scheme"] == "stripe":
        pairs = [p.strip().partition("=") for p in headers["stripe-signature"].split(",")]
        t = next(v for k, _, v in pairs if k == "t")
        signed = [(t.encode() + b"." + body, v) for k, _, v in pairs if k == "v1"]
    else:
        family = "svix" if "svix-id" in headers else "webhook"
        head = f"{headers[family + '-id']}.{headers[family + '-timestamp']}.".encode()
        signed = [(head + body, e[3:]) for e in headers[family + "-signature"].split(" ") if e.startswith("v1,")]
    for secret in ring(row):
        key = secret.encode()
        if row["scheme"] == "standard_webhooks_v1":
            text = secret.removeprefix("whsec_").rstrip("=")
            key = base64.b64decode(text + "=" * (-len(text) % 4))
        for message, value in signed:
            digest = second_hmac(key, message)
            if value in (digest.hex(), b64(digest)):
                return True
    return False


def check():
    faults, own, official, ids, by_code = [], 0, 0, set(), {}
    for provider in OWN:
        with open(path_of(provider), encoding="utf-8") as f:
            document = json.load(f)
        if provider in MAKERS and text_of(MAKERS[provider]().document()) != text_of(document):
            faults.append(f"{provider}.json: differs from what this script makes")
        for row in document["vectors"]:
            own += 1
            got, event_id = OK, None
            try:
                event_id = JUDGES[row["scheme"]](row, base64.b64decode(row["body_b64"], validate=True))
            except Rejected as e:
                got = str(e)
            by_code[got] = by_code.get(got, 0) + 1
            if got != row["expect"]:
                faults.append(f"{row['id']}: expect {row['expect']}, judged {got}")
            elif event_id != row.get("expect_event_id"):
                faults.append(f"{row['id']}: expect id {row.get('expect_event_id')}, judged {event_id}")
            if row["id"] in ids:
                faults.append(f"{row['id']}: twice")
            ids.add(row["id"])
    for provider in OFFICIAL:
        with open(path_of(provider), encoding="utf-8") as f:
            for row in json.load(f)["vectors"]:
                if row["expect"] == OK:
                    official += 1
                    if not official_matches(row, base64.b64decode(row["body_b64"])):
                        faults.append(f"{row['id']}: digest does not match")
    for fault in faults:
        print(fault)
    codes = ", ".join(f"{c} {n}" for c, n in sorted(by_code.items()))
    print(f"{own} own rows judged ({codes}); {official} official ok rows match; {len(faults)} disagreements")
    return 1 if faults else 0


# ------------------------------------------------------------------------ main

MAKERS = {"openpoly": openpoly, "mutopay": mutopay, "revtain": revtain, "debitura": debitura}


def path_of(provider):
    return os.path.join(HERE, f"{provider}.json")


def text_of(document):
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def write(document):
    with open(path_of(document["provider"]), "w", encoding="utf-8") as f:
        f.write(text_of(document))
    print(f"{document['provider']}.json: {len(document['vectors'])} rows")


def copy_official(catalogue):
    found = {provider: [] for provider in OFFICIAL}
    with open(catalogue, encoding="utf-8") as f:
        for line in filter(str.strip, f):
            row = json.loads(line)
            provider = row.pop("provider")
            if provider in found and row["scheme"] in OFFICIAL_SCHEMES:
                found[provider].append(row)
    for provider, rows in found.items():
        write({"provider": provider, "origin": "official", "note": OFFICIAL_NOTE, "vectors": rows})


def main(args):
    if args == ["--check"]:
        return check()
    rsa = "--rsa" in args
    rest = [a for a in args if a != "--rsa"]
    if rest and (len(rest) != 2 or rest[0] != "--official"):
        print(__doc__)
        return 2
    for make in MAKERS.values():
        write(make().document())
    if rsa:
        write(marbles().document())
    if rest:
        copy_official(rest[1])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
