"""Rows of PayPal and Plaid, who publish no known answer: signed by openssl with fresh keys.

PayPal's key comes in a certificate, Plaid's as a JWK; both are given to the verifier, and the
private halves live in a temporary folder while this runs.
"""
import base64
import hashlib
import json
import os
import re
import tempfile
import zlib

from making import *
from words import *

WEBHOOK = "1JE4291016473214C"
CERT_URL = "https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-5b7a5e8d"


def paypal():
    with tempfile.TemporaryDirectory() as folder:
        return paypal_in(folder)


def paypal_in(folder):
    def certificate(name):
        key = os.path.join(folder, name)
        pem = openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-days", "36500", "-subj", "/CN=messageverificationcerts.paypal.com")
        return key, pem.decode()

    key, pem = certificate("ours")
    strange, strange_pem = certificate("strange")
    event = {"id": "WH-2WR32451HC0233532-67976317FL4543714", "event_type": "PAYMENT.SALE.COMPLETED", "resource": {"id": "80021663DE681814L", "state": "completed"}}
    wire = render(event)
    rows = Rows("paypal", "rsa-pkcs1v15-sha256", "x509-pem", pem)
    delivery, time = "69cd13f0-d67a-11e5-baa3-778b53f4ae55", "2026-06-18T00:00:00Z"

    def headers(body=wire, key=key, webhook=WEBHOOK, digest="-sha256", **changed):
        message = f"{delivery}|{time}|{webhook}|{zlib.crc32(body)}".encode()
        out = {
            "PAYPAL-TRANSMISSION-ID": delivery,
            "PAYPAL-TRANSMISSION-TIME": time,
            "PAYPAL-TRANSMISSION-SIG": b64(openssl("dgst", digest, "-sign", key, data=message)),
            "PAYPAL-CERT-URL": CERT_URL,
            "PAYPAL-AUTH-ALGO": "SHA256withRSA",
        }
        return {**out, **{f"PAYPAL-{k.upper().replace('_', '-')}": v for k, v in changed.items()}}

    def add(slug, name, note, head, body=wire, expect=OK, **more):
        rows.add(slug, name, note, head, body, expect, **more)
        rows.rows[-1]["params"] = {"webhook_id": WEBHOOK}

    good = headers()
    sent = good["PAYPAL-TRANSMISSION-SIG"]
    add("genuine", "genuine delivery", "RSA-SHA256 over {id}|{time}|{webhook id}|{crc32 of the body}.", good)
    add("header-names-lower", "header names in lower case", "HTTP/2 sends lower-case names.", {k.lower(): v for k, v in good.items()})
    add("rotation", "two certificates, the second fits", "All are tried.", good, secrets=[strange_pem, pem])
    add("wrong-certificate", "another certificate", "Signed by somebody else.", good, expect=BAD_SIG, secret=strange_pem)
    add("body-changed", "one letter changed", "The checksum of the body is signed.", good, wire.replace(b"completed", b"reversed!"), BAD_SIG)
    add("body-newline", "a newline appended", "The checksum is of the raw bytes.", good, wire + b"\n", BAD_SIG)
    add("other-webhook", "signed for another webhook", "The webhook's id is signed and given by the receiver.", headers(webhook="0AB12345CD678901E"), expect=BAD_SIG)
    add("other-id", "another transmission id", "The id is signed.", headers(transmission_id="other", transmission_sig=sent), expect=BAD_SIG)
    add("other-time", "another transmission time", "The time is signed.", headers(transmission_time="2026-06-18T00:00:01Z", transmission_sig=sent), expect=BAD_SIG)
    add("time-unreadable", "a time that is none", "Not RFC 3339.", headers(transmission_time="soon", transmission_sig=sent), expect=BAD_TIME)
    add("algorithm-sha1", "SHA1withRSA announced", "The sender does not choose the algorithm.", headers(auth_algo="SHA1withRSA"), expect=UNSUPPORTED)
    add("algorithm-none", "no algorithm announced", "The sender does not choose the algorithm.", headers(auth_algo="none"), expect=UNSUPPORTED)
    add("rsa-sha1", "RSA-SHA1 under the name of SHA256withRSA", "Another digest.", headers(digest="-sha1"), expect=BAD_SIG)
    for slug, url in [
        ("foreign", "https://attacker.example/cert"),
        ("ends-like", "https://notpaypal.com/v1/notifications/certs/CERT-1"),
        ("begins-like", "https://api.paypal.com.attacker.example/cert"),
        ("user", "https://api.paypal.com@attacker.example/cert"),
        ("http", CERT_URL.replace("https", "http")),
    ]:
        add(f"cert-url-{slug}", f"certificate at {url}", "Only PayPal's own hosts, over HTTPS.", headers(cert_url=url), expect=UNTRUSTED)
    for name in good:
        add(f"missing-{name.lower()}", f"{name} absent", "A proxy dropped the header.", {k: v for k, v in good.items() if k != name}, expect=MISSING)
    add("sig-changed", "first character changed", "Another signature.", headers(transmission_sig=("B" if sent[0] != "B" else "C") + sent[1:]), expect=BAD_SIG)
    add("sig-truncated", "last characters lost", "A proper prefix of the right signature.", headers(transmission_sig=sent[:-2]), expect=MALFORMED)
    add("secret-empty", "empty certificate", "Configuration.", good, expect=BAD_SECRET, secret="")
    return rows


def plaid():
    with tempfile.TemporaryDirectory() as folder:
        return plaid_in(folder)


def url64(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def raw_signature(der):
    """r and s of a DER signature, 32 bytes each."""
    numbers, at = [], 2
    for _ in range(2):
        length = der[at + 1]
        numbers.append(int.from_bytes(der[at + 2 : at + 2 + length], "big").to_bytes(32, "big"))
        at += 2 + length
    return b"".join(numbers)


def plaid_in(folder):
    def pair(kid):
        key = os.path.join(folder, kid)
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key)
        point = openssl("pkey", "-in", key, "-pubout", "-outform", "DER")[-64:]
        jwk = {"alg": "ES256", "created_at": T0, "crv": "P-256", "expired_at": None, "kid": kid, "kty": "EC", "use": "sig", "x": url64(point[:32]), "y": url64(point[32:])}
        return key, json.dumps(jwk)

    kid, other_kid = "bfbd5111-8e33-4643-8ced-b2e642a72f3c", "0f4d2a6e-6a53-4c1f-9d0e-3b8f5c1a7e42"
    key, jwk = pair(kid)
    strange, strange_jwk = pair(other_kid)
    wire = render({"webhook_type": "TRANSACTIONS", "webhook_code": "SYNC_UPDATES_AVAILABLE", "item_id": "wz666MBjYWTp2PDzzggYhM6oWWmBb"})
    rows = Rows("plaid", "jwt-es256", "jwk", jwk)

    def token(body=wire, key=key, at=T0, header=None, claims=None):
        header = {"alg": "ES256", "kid": kid, "typ": "JWT", **(header or {})}
        said = {"iat": at, "request_body_sha256": hashlib.sha256(body).hexdigest(), **(claims or {})}
        said = {k: v for k, v in said.items() if v is not None}
        signed = ".".join(url64(json.dumps(part, separators=(",", ":")).encode()) for part in (header, said))
        return f"{signed}.{url64(raw_signature(openssl('dgst', '-sha256', '-sign', key, data=signed.encode())))}"

    def add(slug, name, note, text, body=wire, expect=OK, **more):
        rows.add(slug, name, note, {"Plaid-Verification": text}, body, expect, **more)

    good = token()
    head, said, sent = good.split(".")
    add("genuine", "genuine delivery", "ES256 over header and claims; the claims hold the body's SHA-256.", good)
    add("rotation", "two keys, the second is named", "The kid chooses among the given keys.", good, secrets=[strange_jwk, jwk])
    add("wrong-key", "another key under its own kid", "No given key is named.", good, expect=BAD_SIG, secret=strange_jwk)
    add("forged-kid", "another key under our kid", "Signed by somebody else.", token(key=strange), expect=BAD_SIG)
    add("body-changed", "one letter changed", "The hash of the body is signed.", good, wire.replace(b"SYNC", b"SINK"), BAD_SIG)
    add("body-newline", "a newline appended", "The hash is of the raw bytes.", good, wire + b"\n", BAD_SIG)
    add("hash-missing", "no hash of the body", "A token that binds no body is refused.", token(claims={"request_body_sha256": None}), expect=BAD_SIG)
    add("alg-none", "alg none and no signature", "The header never chooses.", f"{url64(json.dumps({'alg': 'none', 'kid': kid}).encode())}.{said}.", expect=UNSUPPORTED)
    hmac_head = url64(json.dumps({"alg": "HS256", "kid": kid, "typ": "JWT"}).encode())
    forged = url64(mac(jwk, f"{hmac_head}.{said}"))
    add("alg-hs256", "HS256 with the public key as secret", "The classic confusion of keys.", f"{hmac_head}.{said}.{forged}", expect=UNSUPPORTED)
    add("alg-changed", "ES384 announced", "The header never chooses.", token(header={"alg": "ES384"}), expect=UNSUPPORTED)
    add("sig-changed", "first character changed", "Another signature.", f"{head}.{said}.{('B' if sent[0] != 'B' else 'C') + sent[1:]}", expect=BAD_SIG)
    add("claims-changed", "claims of another token", "The claims are signed.", f"{head}.{token(at=T0 + 1).split('.')[1]}.{sent}", expect=BAD_SIG)
    add("sig-truncated", "last characters lost", "A proper prefix of the right signature.", good[:-4], expect=MALFORMED)
    add("two-parts", "no signature part", "A token has three parts.", f"{head}.{said}", expect=MALFORMED)
    add("not-a-token", "no token", "Something else.", "asdf", expect=MALFORMED)
    rows.add("missing-header", "Plaid-Verification absent", "A proxy dropped the header.", {}, wire, MISSING)
    add("past-limit", "exactly 300 s old", "The documented limit passes.", good, now=T0 + 300)
    add("past-limit-1s", "301 s old", "One second over the limit.", good, expect=SKEW, now=T0 + 301)
    add("future-limit-1s", "301 s ahead", "One second over the limit.", good, expect=SKEW, now=T0 - 301)
    add("secret-empty", "empty key", "Configuration.", good, expect=BAD_SECRET, secret="")
    return rows
