"""Rows of the first four systems, in depth."""
import base64
import hashlib
import hmac

from making import *
from words import *


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


MAKERS = {"openpoly": openpoly, "mutopay": mutopay, "revtain": revtain, "debitura": debitura}
