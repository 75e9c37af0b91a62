"""Rows of 155.io (headers say Marbles), signed by openssl with two fresh key pairs."""
import hashlib
import os
import tempfile

from making import *
from words import *


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
