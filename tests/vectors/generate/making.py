"""Making rows: bodies as other programs print them, and the rows that many schemes share."""
import base64
import hashlib
import hmac
import json

from words import *

OWN_NOTE = (
    "Our own vectors; the provider publishes none. Made with Python's hmac and the openssl command by "
    "tests/vectors/generate, independent of the crate. Secrets and keys are test values. The clock is "
    "now_unix seconds plus now_nanos nanoseconds. A rejection code INVALID_SECRET is a fault of configuration."
)


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
