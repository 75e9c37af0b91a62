"""Judging rows of every declarative scheme: a reader of schemes.json, which is the project's
catalogue (providers.json) as it was researched, and nothing of the crate.

HMAC comes from the hash alone, Ed25519 and P-256 from the openssl command.
"""
import base64
import hashlib
import json
import os
import re
import tempfile
from urllib.parse import parse_qsl, unquote_to_bytes, urlsplit

from judging import Rejected, announces, openssl_accepts, reject, rfc3339_nanos, ring
from words import *

with open(os.path.join(HERE, "schemes.json"), encoding="utf-8") as file:
    SCHEMES = json.load(file)

# Providers that sign as Standard Webhooks says, and have a scheme of their own.
SCHEMES.update(dict.fromkeys(["anthropic", "clerk", "openai", "replicate", "resend", "svix"], SCHEMES["standard_webhooks_v1"]))

DAY = 86_400
# Where the provider documents no limit, any that outlives its retries will do: a week.
UNDOCUMENTED_PAST = 7 * DAY
# Documented, where providers.json says otherwise: Calendly's own sample takes 180 s.
PAST = {"calendly": 180, "zoom": None}
DEFAULT_FUTURE = 300
# Time and token are joined: their lengths are what keeps them apart.
TEN_DIGITS = {"mailgun", "mailgun_form"}
LENGTHS = {"hmac-sha1": (20, 20), "hmac-sha256": (32, 32), "hash-sha256": (32, 32), "hmac-sha512": (64, 64), "ed25519": (64, 64), "ecdsa-p256-sha256": (8, 72)}


def second_hmac(name, key, message):
    """RFC 2104 from the hash alone, so that maker and judge share no HMAC code."""
    size = 128 if name in ("sha384", "sha512") else 64
    digest = lambda data: hashlib.new(name, data).digest()
    block = (digest(key) if len(key) > size else key).ljust(size, b"\0")
    return digest(bytes(b ^ 0x5C for b in block) + digest(bytes(b ^ 0x36 for b in block) + message))


class Delivery:
    """A row's headers by lower-case name, its body's fields, method and URL."""

    def __init__(self, row, body):
        self.body, self.method, self.url = body, row.get("method", "POST"), row.get("url", "")
        self.headers = {}
        for name, value in row["headers"].items():
            for text in value if isinstance(value, list) else [value]:
                self.headers.setdefault(name.lower(), []).append(text.strip(" \t"))

    def header(self, name):
        values = self.headers.get(name.lower(), [])
        return values[0] if values and values[0] else None

    def is_ambiguous(self, name):
        return len(set(self.headers.get(name.lower(), []))) > 1

    def form(self, name):
        found = [v for k, v in self.form_pairs() if k == name.encode()]
        return found[0] if len(found) == 1 else None

    def form_pairs(self):
        plain = lambda text: unquote_to_bytes(text.replace(b"+", b" "))
        halves = (pair.partition(b"=") for pair in self.body.split(b"&") if pair)
        return [(plain(k), plain(v)) for k, _, v in halves]

    def json(self, path):
        try:
            value = json.loads(self.body)
            for name in path.split("."):
                value = value[name]
        except (ValueError, KeyError, TypeError):
            return None
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            return None
        return str(value).encode()


def families(scheme):
    """The scheme's header names as they are, then under each alias: whole or not at all."""
    source = scheme["signature"]
    yield lambda name: name
    if source.get("aliases"):
        other = {source["name"]: source["aliases"][0]}
        other.update({name: names[0] for name, names in scheme.get("header_aliases", {}).items()})
        for time in times(scheme):
            if time.get("aliases"):
                other[time["name"]] = time["aliases"][0]
        yield lambda name: other.get(name, name)


def times(scheme):
    time = scheme.get("timestamp", [])
    return time if isinstance(time, list) else [time]


def contents(scheme):
    content = scheme["content"]
    return content if isinstance(content, list) else [content]


def parts(content):
    return re.findall(r"\{([^}]*)\}|([^{]+)", content)


def signature_names(source):
    if "numbered" in source:
        numbered = source["numbered"]
        return [f"{numbered['prefix']}{n}" for n in range(numbered["from"], numbered["to"] + 1)]
    return [source["name"], *source.get("also", [])]


def read_headers(scheme, delivery):
    """Signature texts, and the names in use."""
    source = scheme["signature"]
    for rename in families(scheme):
        needed = [part[7:] for content in contents(scheme) for part, _ in parts(content) if part.startswith("header:")]
        needed += [t["name"] for t in times(scheme) if t["in"] == "header" and not t.get("optional")]
        needed += list(scheme.get("require", {}))
        optional = [t["name"] for t in times(scheme) if t["in"] == "header" and t.get("optional")]
        signatures = signature_names(source) if source["in"] == "header" else []
        present = [rename(n) for n in signatures if delivery.header(rename(n))]
        if any(not delivery.header(rename(n)) for n in needed) or (signatures and not present):
            continue
        if any(delivery.is_ambiguous(rename(n)) for n in [*needed, *optional, *signatures]):
            reject(AMBIGUOUS)
        for name, value in scheme.get("require", {}).items():
            if delivery.header(name) != value:
                reject(UNSUPPORTED)
        return [delivery.header(n) for n in present], rename
    reject(MISSING)


def sibling(key, ours):
    stem = re.match(r"[A-Za-z]*", ours).group()
    return re.fullmatch(re.escape(stem) + r"[0-9]{1,4}[a-z]?", key) is not None


def candidates(scheme, texts):
    """(signature text, public id) of each candidate, and the time's text."""
    form, found, time, other = scheme["format"], [], [], False
    time_key = next((t["name"] for t in times(scheme) if t["in"] == "sig"), None)
    for text in texts:
        if form["kind"] == "bare":
            prefix = form.get("prefix", "")
            if text.startswith(prefix):
                found.append((text[len(prefix):], None))
            else:
                label, equals, value = text.partition("=")
                if not (equals and announces(label) and value not in ("", "=")):
                    reject(MALFORMED)
                other = True
            continue
        for item in text.split(form["sep"]):
            if form["kind"] == "kv":
                key, equals, value = item.strip().partition("=")
                if not equals and item.strip():
                    reject(MALFORMED)
                if key == form["sig_key"]:
                    found.append((value, None))
                elif key == time_key:
                    time.append(value)
                else:
                    other |= sibling(key, form["sig_key"])
            elif form["kind"] == "tagged":
                tag, separator, value = item.partition(form["tag_sep"])
                if tag == form["tag"] and separator:
                    found.append((value, None))
                else:
                    other |= bool(separator) and sibling(tag, form["tag"])
            else:
                public, separator, value = item.partition(form["pair_sep"])
                if not separator and item:
                    reject(MALFORMED)
                found.append((value, public))
    if not found and other:
        reject(UNSUPPORTED)
    if len(time) > 1:
        reject(MALFORMED)
    return found, (time[0] if time else None), time_key


def decode(encoding, text):
    if encoding == "text":
        return text.encode()
    if encoding == "hex":
        return bytes.fromhex(text) if re.fullmatch(r"([0-9a-fA-F]{2})*", text) else None
    try:
        if encoding == "base64url":
            data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            return data if base64.urlsafe_b64encode(data).decode().rstrip("=") == text else None
        data = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return data if b64(data) == text else None


def lenient_base64(text):
    bare = text.rstrip("=")
    if not re.fullmatch(r"[A-Za-z0-9+/]+", bare) or len(bare) % 4 == 1:
        reject(BAD_SECRET)
    return base64.b64decode(bare + "=" * (-len(bare) % 4))


def keys_of(scheme, row):
    """(key bytes, public id) of each secret."""
    form, keys = scheme["key"], []
    for secret in ring(row):
        if not secret.strip() or secret != secret.strip() or (secret[0] == secret[-1] and secret[0] in "\"'"):
            reject(BAD_SECRET)
        text = secret.removeprefix(form.get("strip_prefix", ""))
        if not text:
            reject(BAD_SECRET)
        kind = form["encoding"]
        if kind == "utf8":
            keys.append((text.encode(), None))
        elif kind in ("hex", "ed25519-hex"):
            if not re.fullmatch(r"([0-9a-fA-F]{2})+", text):
                reject(BAD_SECRET)
            keys.append((bytes.fromhex(text), None))
        elif kind == "sha1-of-utf8":
            public, _, private = text.partition("|")
            keys.append((hashlib.sha1(private.encode()).digest(), public))
        else:
            keys.append((lenient_base64(text), None))
    return keys


def message(content, scheme, delivery, rename, time):
    out = b""
    for part, literal in parts(content):
        kind, _, name = part.partition(":")
        piece = {
            "": lambda: literal.encode(),
            "body": lambda: delivery.body,
            "ts": lambda: time and time.encode(),
            "header": lambda: (delivery.header(rename(name)) or "").encode() or None,
            "method": lambda: delivery.method.encode(),
            "url": lambda: delivery.url.encode(),
            "json": lambda: delivery.json(name),
            "form": lambda: delivery.form(name),
            "form_sorted": lambda: b"".join(k + v for k, v in sorted(delivery.form_pairs())),
            "query_sorted": lambda: "&".join(sorted(filter(None, urlsplit(delivery.url).query.split("&")), key=lambda p: p.split("=")[0])).encode(),
            "body_sha256_raw": lambda: hashlib.sha256(delivery.body).digest(),
        }[kind]()
        if piece is None:
            reject(MALFORMED)
        out += piece
    return out


def pem(der):
    return "-----BEGIN PUBLIC KEY-----\n" + b64(der) + "\n-----END PUBLIC KEY-----\n"


def matches(algorithm, key, signed, signature):
    if algorithm == "equals":
        return signature == key
    if algorithm == "hash-sha256":
        return hashlib.sha256(key + signed).digest() == signature
    if algorithm.startswith("hmac-"):
        return second_hmac(algorithm[5:], key, signed) == signature
    if algorithm == "ed25519":
        # The fixed head of an Ed25519 SPKI (RFC 8410).
        return openssl_accepts(pem(bytes.fromhex("302a300506032b6570032100") + key), signed, signature, "ed25519")
    return openssl_accepts(pem(key), signed, signature, "sha256")


def nanos(text, unit):
    if unit == "iso8601":
        return rfc3339_nanos(text)
    most = LAST_SECOND * 1000 + 999 if unit == "ms" else LAST_SECOND
    if not re.fullmatch(r"0|[1-9][0-9]*", text) or int(text) > most:
        reject(BAD_TIME)
    return int(text) * (10**6 if unit == "ms" else 10**9)


def window(row, scheme):
    if "tolerance_s" in row:
        past = row["tolerance_s"]
        return past, None if row.get("tolerance_sides") == "past" else past
    tolerance = scheme.get("tolerance", {})
    past = PAST.get(row["scheme"], tolerance.get("past_s"))
    future = tolerance.get("future_s")
    return UNDOCUMENTED_PAST if past is None else past, DEFAULT_FUTURE if future is None else future


def clock(row):
    seconds = row.get("now_unix") or 0
    return round(seconds * 1000) * 10**6 if isinstance(seconds, float) else seconds * 10**9 + row.get("now_nanos", 0)


def find_time(scheme, delivery, rename, in_signature):
    for source in times(scheme):
        name = source["name"]
        text = {
            "sig": lambda: in_signature,
            "header": lambda: delivery.header(rename(name)),
            "json": lambda: (delivery.json(name) or b"").decode() or None,
            "form": lambda: (delivery.form(name) or b"").decode() or None,
        }[source["in"]]()
        if text is not None:
            return text, nanos(text, source["unit"]), source
        if not source.get("optional"):
            reject(BAD_TIME)
    return None, None, None


def judge(row, body):
    """Returns when the delivery is genuine and in time; raises `Rejected` with the code."""
    scheme = SCHEMES[row["scheme"]]
    keys, delivery, source = keys_of(scheme, row), Delivery(row, body), scheme["signature"]
    texts, rename = read_headers(scheme, delivery)
    if source["in"] != "header":
        value = delivery.json(source["name"]) if source["in"] == "json" else delivery.form(source["name"])
        if not value:
            reject(MISSING)
        texts = [value.decode()]
    found, in_signature, time_key = candidates(scheme, texts)
    least, most = LENGTHS.get(scheme["alg"], (1, 1024))
    decoded = [(decode(scheme["encoding"], text), public) for text, public in found]
    decoded = [(s, public) for s, public in decoded if s is not None and least <= len(s) <= most]
    if not decoded or (time_key and in_signature is None):
        reject(MALFORMED)
    text, stamp, place = find_time(scheme, delivery, rename, in_signature)
    signed = [message(content, scheme, delivery, rename, text) for content in contents(scheme)]
    if not any(
        matches(scheme["alg"], key, m, signature)
        for m in signed
        for key, ours in keys
        for signature, public in decoded
        if ours == public
    ):
        reject(BAD_SIG)
    if row["scheme"] in TEN_DIGITS and len(text) != 10:
        reject(BAD_ID)
    # Linear's header is outside the signature, and decides nothing.
    is_covered = place and not (place["in"] == "header" and "{ts}" not in scheme["content"])
    if is_covered:
        past, future = window(row, scheme)
        age = clock(row) - stamp
        if (past is not None and age > past * 10**9) or (future is not None and -age > future * 10**9):
            reject(SKEW)
