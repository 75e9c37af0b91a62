"""Judging rows of the schemes that are no data: a function for each, from the provider's documentation."""
import base64
import hashlib
import json
import re
import subprocess
import zlib
from urllib.parse import urlsplit

from judging import openssl_accepts, reject, rfc3339_nanos, ring
from model import Delivery, clock, decode, pem, second_hmac, window
from words import *


def usable(row):
    for secret in ring(row):
        if not secret.strip():
            reject(BAD_SECRET)
    return ring(row)


def required(delivery, *names):
    if any(delivery.header(name) is None for name in names):
        reject(MISSING)
    if any(delivery.is_ambiguous(name) for name in names):
        reject(AMBIGUOUS)
    return [delivery.header(name) for name in names]


def signature(encoding, text, length):
    found = decode(encoding, text)
    if found is None or len(found) != length:
        reject(MALFORMED)
    return found


def object_of(body):
    try:
        value = json.loads(body)
    except ValueError:
        value = None
    return value if isinstance(value, dict) else {}


# --------------------------------------------------------------------- Twilio


def twilio_urls(url):
    """The URL as registered, with and without its port and credentials."""
    scheme, rest = url.split("://", 1)
    authority, slash, tail = re.match(r"([^/?]*)()(.*)", rest).groups()
    user, at, host = authority.rpartition("@")
    bare, colon, port = host.partition(":")
    ports = {"", f":{port}" if port else "", ":443" if scheme == "https" else ":80"}
    for credentials in {user + at, ""}:
        for port in ports:
            yield f"{scheme}://{credentials}{bare}{port}{tail}"


def twilio(row, body):
    keys, delivery = usable(row), Delivery(row, body)
    (text,) = required(delivery, "X-Twilio-Signature")
    tag = signature("base64", text, 20)
    found = re.search(r"[?&]bodySHA256=([0-9a-fA-F]*)", delivery.url)
    if found:
        fields = b""
    else:
        is_form = (delivery.header("Content-Type") or "").startswith("application/x-www-form-urlencoded")
        pairs = sorted(set(delivery.form_pairs())) if is_form else []
        fields = b"".join(k + v for k, v in pairs)
    if not any(second_hmac("sha1", key.encode(), url.encode() + fields) == tag for key in keys for url in twilio_urls(delivery.url)):
        reject(BAD_SIG)
    if (found and hashlib.sha256(body).hexdigest() != found.group(1)) or (not found and not is_form and body):
        reject(BAD_SIG)


# ----------------------------------------------------------------- Contentful


def contentful(row, body):
    keys, delivery = usable(row), Delivery(row, body)
    text, names, stamp = required(delivery, "x-contentful-signature", "x-contentful-signed-headers", "x-contentful-timestamp")
    tag = signature("hex", text, 32)
    names = [name.strip().lower() for name in names.split(",")]
    if not re.fullmatch(r"[1-9][0-9]*", stamp):
        reject(BAD_TIME)
    pairs = ";".join(f"{name}:{delivery.header(name) or ''}" for name in sorted(names))
    parts = urlsplit(delivery.url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    message = "\n".join([delivery.method, path, pairs, ""]).encode() + body
    if not any(second_hmac("sha256", key.encode(), message) == tag for key in keys):
        reject(BAD_SIG)
    past, future = window(row, {"tolerance": {"past_s": 30}})
    age = clock(row) - int(stamp) * 10**6
    if (past is not None and age > past * 10**9) or (future is not None and -age > future * 10**9):
        reject(SKEW)


# ---------------------------------------------------------------------- Adyen


def adyen(row, body):
    keys = [bytes.fromhex(key) for key in usable(row)]
    items = [item["NotificationRequestItem"] for item in object_of(body).get("notificationItems", [])]
    tags = [item.get("additionalData", {}).get("hmacSignature") for item in items]
    if not items or not all(tags):
        reject(MISSING)
    tags = [signature("base64", tag, 32) for tag in tags]
    for item, tag in zip(items, tags):
        amount = item.get("amount", {})
        fields = [item.get(name, "") for name in ("pspReference", "originalReference", "merchantAccountCode", "merchantReference")]
        fields += [amount.get("value", ""), amount.get("currency", ""), item.get("eventCode", ""), item.get("success", "")]
        message = ":".join(map(str, fields)).encode()
        if not any(second_hmac("sha256", key, message) == tag for key in keys):
            reject(BAD_SIG)


# --------------------------------------------------------------------- tokens


def part(text):
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        reject(MALFORMED)


def claims(text, keys, hashes):
    """The claims of a genuine token. The header names the algorithm among those that are allowed."""
    pieces = text.split(".")
    if len(pieces) != 3:
        reject(MALFORMED)
    algorithm = object_of(part(pieces[0])).get("alg")
    if algorithm not in hashes:
        reject(UNSUPPORTED)
    message = f"{pieces[0]}.{pieces[1]}".encode()
    if not any(second_hmac(hashes[algorithm], key.encode(), message) == part(pieces[2]) for key in keys):
        reject(BAD_SIG)
    return object_of(part(pieces[1]))


def messagebird(row, body):
    keys, delivery = usable(row), Delivery(row, body)
    (text,) = required(delivery, "MessageBird-Signature-JWT")
    said = claims(text, keys, {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"})
    payload = hashlib.sha256(body).hexdigest() if body else None
    if said.get("url_hash") != hashlib.sha256(delivery.url.encode()).hexdigest() or said.get("payload_hash") != payload:
        reject(BAD_SIG)
    now = clock(row) / 10**9
    if now < said["nbf"] or now > said["exp"]:
        reject(SKEW)


def vonage(row, body):
    keys, delivery = usable(row), Delivery(row, body)
    (text,) = required(delivery, "Authorization")
    said = claims(text.removeprefix("Bearer "), keys, {"HS256": "sha256"})
    if (body or "payload_hash" in said) and said.get("payload_hash") != hashlib.sha256(body).hexdigest():
        reject(BAD_SIG)


# -------------------------------------------------------------------- AWS SNS

NOTIFICATION = ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
CONFIRMATION = ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]


def sns(row, body):
    fields = object_of(body)
    url = fields.get("SigningCertURL") or fields.get("SigningCertUrl")
    if not all(fields.get(name) for name in ("Type", "MessageId", "Signature", "SignatureVersion")) or not url:
        reject(MISSING)
    digest = {"1": "sha1", "2": "sha256"}.get(fields["SignatureVersion"]) or reject(UNSUPPORTED)
    if not re.fullmatch(r"https://sns\.[a-z0-9-]+\.amazonaws\.com(\.cn)?/[A-Za-z0-9_-]+\.pem", url):
        reject(UNTRUSTED)
    sent = decode("base64", fields["Signature"])
    if sent is None:
        reject(MALFORMED)
    names = NOTIFICATION if fields["Type"] == "Notification" else CONFIRMATION
    message = "".join(f"{name}\n{fields[name]}\n" for name in names if fields.get(name) is not None)
    if not any(openssl_accepts(certificate_key(c), message.encode(), sent, digest) for c in usable(row)):
        reject(BAD_SIG)


def certificate_key(certificate):
    run = subprocess.run(["openssl", "x509", "-noout", "-pubkey"], input=certificate.encode(), capture_output=True)
    return run.stdout.decode() if run.returncode == 0 else reject(BAD_SECRET)


# ------------------------------------------------------------- Vonage's old SMS


def vonage_sms(row, body):
    """No scheme of the catalogue; judged so that its rows are known to be good."""
    delivery, (key,) = Delivery(row, body), usable(row)
    pairs = {k.decode(): v.decode() for k, v in delivery.form_pairs()}
    tag = pairs.pop("sig", "").lower()
    text = "".join(f"&{k}={re.sub('[&=]', '_', v)}" for k, v in sorted(pairs.items()))
    if row["algorithm"] == "md5-suffix":
        good = hashlib.md5((text + key).encode()).hexdigest()
    else:
        good = second_hmac(row["algorithm"].removeprefix("hmac-"), key.encode(), text.encode()).hex()
    if tag != good:
        reject(BAD_SIG)


# --------------------------------------------------------------------- PayPal


def paypal(row, body):
    delivery = Delivery(row, body)
    names = ("PAYPAL-TRANSMISSION-ID", "PAYPAL-TRANSMISSION-TIME", "PAYPAL-TRANSMISSION-SIG", "PAYPAL-CERT-URL", "PAYPAL-AUTH-ALGO")
    keys = [certificate_key(pem) for pem in usable(row)]
    number, time, text, url, algorithm = required(delivery, *names)
    if algorithm != "SHA256withRSA":
        reject(UNSUPPORTED)
    if not re.fullmatch(r"https://([a-z0-9-]+\.)*paypal\.com/[A-Za-z0-9/_-]*", url):
        reject(UNTRUSTED)
    sent = decode("base64", text)
    if sent is None:
        reject(MALFORMED)
    rfc3339_nanos(time)
    message = f"{number}|{time}|{row['params']['webhook_id']}|{zlib.crc32(body)}".encode()
    if not any(openssl_accepts(key, message, sent, "sha256") for key in keys):
        reject(BAD_SIG)


# ---------------------------------------------------------------------- Plaid


def plaid(row, body):
    keys = {jwk["kid"]: jwk for jwk in map(json.loads, usable(row))}
    (text,) = required(Delivery(row, body), "Plaid-Verification")
    pieces = text.split(".")
    if len(pieces) != 3:
        reject(MALFORMED)
    header, said = object_of(part(pieces[0])), object_of(part(pieces[1]))
    if header.get("alg") != "ES256":
        reject(UNSUPPORTED)
    raw = part(pieces[2])
    if len(raw) != 64:
        reject(MALFORMED)
    jwk = keys.get(header.get("kid")) or reject(BAD_SIG)
    # The fixed head of a P-256 SPKI, then the point.
    head = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")
    key = pem(head + part(jwk["x"]) + part(jwk["y"]))
    if not openssl_accepts(key, f"{pieces[0]}.{pieces[1]}".encode(), der(raw[:32], raw[32:]), "sha256"):
        reject(BAD_SIG)
    if said.get("request_body_sha256") != hashlib.sha256(body).hexdigest():
        reject(BAD_SIG)
    age = clock(row) - said["iat"] * 10**9
    if abs(age) > 300 * 10**9:
        reject(SKEW)


def der(*numbers):
    """Two numbers as an ASN.1 sequence."""
    parts = b""
    for number in numbers:
        number = number.lstrip(b"\0")
        number = b"\0" + number if not number or number[0] > 127 else number
        parts += bytes([2, len(number)]) + number
    return bytes([0x30, len(parts)]) + parts


JUDGES = {
    "adyen_standard": adyen,
    "aws_sns": sns,
    "contentful": contentful,
    "messagebird_jwt": messagebird,
    "paypal": paypal,
    "plaid": plaid,
    "twilio": twilio,
    "vonage_jwt": vonage,
    "vonage_sms": vonage_sms,
}
