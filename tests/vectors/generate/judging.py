"""Judging rows: what every judge uses, and the judges of the first five systems.

Nothing here is shared with the makers but constants: an HMAC from the hash alone, a JSON
reader without recursion, RSA by `openssl dgst -verify`.
"""
import base64
import calendar
import hashlib
import json
import os
import re
import subprocess
import tempfile
from datetime import datetime
from urllib.parse import urlsplit

from words import *


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


def openssl_accepts(pem, message, signature, digest):
    """Whether openssl takes a signature under a public key: `ed25519`, `sha256` or `sha1`."""
    with tempfile.TemporaryDirectory() as folder:
        path = lambda name: os.path.join(folder, name)
        for name, data in [("key", pem.encode()), ("sig", signature), ("msg", message)]:
            with open(path(name), "wb") as file:
                file.write(data)
        if digest == "ed25519":
            command = ["pkeyutl", "-verify", "-pubin", "-inkey", path("key"), "-rawin", "-in", path("msg"), "-sigfile", path("sig")]
        else:
            command = ["dgst", f"-{digest}", "-verify", path("key"), "-signature", path("sig"), path("msg")]
        return subprocess.run(["openssl", *command], capture_output=True).returncode == 0
