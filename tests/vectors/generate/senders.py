"""Rows of the providers that publish no known answer: how each signs, and what must come of it.

One `Sender` per scheme, written from the provider's documentation. `write` makes the
signature headers of a body: a plain expression over `hmac`, which is all that the rows need
to be independent of the crate and of the judge in model.py.
"""
import base64
import hashlib
import hmac
import json
from datetime import datetime, timezone

from making import *
from words import *

SECRET = "a-secret-of-the-vectors-for-tests-only"
OTHER = "another-secret-of-the-vectors-in-clear"
MESSAGE = "msg_2vectorOfTests"
YEARS = 400 * 86_400
HOUR = 3600
URL = "https://receiver.example/hooks/7?a=1"


def tag(key, hash_name, *parts):
    return hmac.new(key, b"".join(p.encode() if isinstance(p, str) else p for p in parts), hash_name)


def sha256_hex(secret, *parts):
    return tag(secret.encode(), "sha256", *parts).hexdigest()


def sha256_b64(secret, *parts):
    return b64(tag(secret.encode(), "sha256", *parts).digest())


def sha1_hex(secret, *parts):
    return tag(secret.encode(), "sha1", *parts).hexdigest()


def sha1_b64(secret, *parts):
    return b64(tag(secret.encode(), "sha1", *parts).digest())


def sha512_hex(secret, *parts):
    return tag(secret.encode(), "sha512", *parts).hexdigest()


def hash_hex(secret, *parts):
    """HubSpot's old signature: a hash with the secret in front, no HMAC."""
    return hashlib.sha256(b"".join(p.encode() if isinstance(p, str) else p for p in (secret, *parts))).hexdigest()


def token(secret, *parts):
    return secret


def iso(seconds):
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class Sender:
    """How one scheme signs. `put` turns (signature, time) into headers."""

    def __init__(self, scheme, body, put, sign, content=None, algorithm="hmac-sha256", **more):
        self.scheme, self.body, self.put, self.sign, self.algorithm = scheme, body, put, sign, algorithm
        self.content = content or (lambda time, body: [body])
        self.provider = more.pop("provider", scheme)
        self.secret_encoding = more.pop("secret_encoding", "utf8")
        self.secret, self.other = more.pop("secret", SECRET), more.pop("other", OTHER)
        self.headers = more.pop("headers", {"Content-Type": "application/json"})  # outside the signature
        self.time = more.pop("time", None)  # from Unix seconds to the text that is signed
        self.past = more.pop("past", None)  # documented, else judged by the retries only
        self.future = more.pop("future", 300)
        self.event_id = more.pop("event_id", None)
        self.method, self.url = more.pop("method", None), more.pop("url", None)
        self.prefix = more.pop("prefix", None)  # before a bare signature
        assert not more, more

    def wire(self):
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body, ensure_ascii=False, separators=(",", ":")).encode()

    def write(self, body=None, secret=None, at=T0, text=None, signature=None, change=None):
        body = self.wire() if body is None else body
        text = text or (self.time(at) if self.time else None)
        signature = signature or self.sign(secret or self.secret, *self.content(text, body))
        return {**self.headers, **self.put(change(signature) if change else signature, text)}

    def signed_headers(self):
        return [name for name in self.put("s", "t") if name not in self.headers]


def bare(name, prefix=""):
    return lambda signature, time: {name: prefix + signature}


def with_time(name, time_name, prefix=""):
    return lambda signature, time: {name: prefix + signature, time_name: time}


def listed(name, time_key, key):
    return lambda signature, time: {name: f"{time_key}={time},{key}={signature}"}


def family(prefix):
    return lambda signature, time: {f"{prefix}-id": MESSAGE, f"{prefix}-timestamp": time, f"{prefix}-signature": "v1," + signature}


def standard(secret, *parts):
    return b64(tag(base64.b64decode(secret.removeprefix("whsec_")), "sha256", *parts).digest())


def decoded(secret, *parts):
    return tag(base64.b64decode(secret), "sha256", *parts).hexdigest()


DOT = lambda time, body: [time, ".", body]
FORM = {"Content-Type": "application/x-www-form-urlencoded"}



def standard_webhooks(scheme, prefix, body, **more):
    """A provider that signs as Standard Webhooks says, under one of the two families of names."""
    content = lambda time, body: [MESSAGE + ".", time, ".", body]
    keys = {"secret": "whsec_" + b64(b"vectors of a signing token 00001"), "other": "whsec_" + b64(b"vectors of a signing token 00002")}
    return Sender(scheme, body, family(prefix), standard, content, time=str, past=300, event_id=MESSAGE, secret_encoding="base64", **keys, **more)


SENDERS = [
    Sender(
        "airtable", {"base": {"id": "appVector0001"}, "webhook": {"id": "achVector0001"}, "timestamp": "2026-06-18T00:00:00.000Z"},
        bare("X-Airtable-Content-MAC", "hmac-sha256="), decoded, prefix="hmac-sha256=", secret_encoding="base64",
        secret=b64(b"airtable vectors mac secret 0001"), other=b64(b"airtable vectors mac secret 0002"),
    ),
    Sender("asana", {"events": [{"action": "changed", "resource": {"gid": "1337"}}]}, bare("X-Hook-Signature"), sha256_hex),
    Sender(
        "bitbucket", {"repository": {"full_name": "team/repo"}, "push": {"changes": []}}, bare("X-Hub-Signature", "sha256="), sha256_hex, prefix="sha256=",
        headers={"Content-Type": "application/json", "X-Event-Key": "repo:push", "X-Request-UUID": "5f2c9a7e-0001", "X-Hook-UUID": "hook-1"},
    ),
    Sender(
        "buildkite", {"event": "build.finished", "build": {"id": "f62a1b4d-10f9", "state": "passed"}},
        listed("X-Buildkite-Signature", "timestamp", "signature"), sha256_hex, DOT, time=str, headers={"X-Buildkite-Event": "build.finished"},
    ),
    Sender("cal_com", {"triggerEvent": "BOOKING_CREATED", "createdAt": "2026-06-18T00:00:00.000Z", "payload": {"uid": "bk_1"}}, bare("X-Cal-Signature-256"), sha256_hex),
    Sender(
        "calendly", {"event": "invitee.created", "created_at": "2026-06-18T00:00:00.000000Z", "payload": {"uri": "https://api.example/invitees/1"}},
        listed("Calendly-Webhook-Signature", "t", "v1"), sha256_hex, DOT, time=str, past=180,
    ),
    Sender(
        "cloudflare_stream", {"uid": "dd5d531a12de0c724bd1275a3b2bc9c6", "readyToStream": True, "status": {"state": "ready"}},
        listed("Webhook-Signature", "time", "sig1"), sha256_hex, DOT, time=str,
    ),
    Sender("docusign", {"event": "envelope-completed", "generatedDateTime": "2026-06-18T00:00:00.000Z", "data": {"envelopeId": "e-1"}}, bare("X-DocuSign-Signature-1"), sha256_b64),
    Sender("dropbox", {"list_folder": {"accounts": ["dbid:AAH4f99T0taONIb"]}, "delta": {"users": [12345678]}}, bare("X-Dropbox-Signature"), sha256_hex),
    Sender("flutterwave_v3", {"event": "charge.completed", "data": {"id": 285959875, "status": "successful"}}, bare("verif-hash"), token, algorithm="equals", provider="flutterwave"),
    Sender(
        "flutterwave_v4", {"webhook_id": "wbk_1", "id": "evt_1", "type": "charge.completed", "data": {"id": "chg_1", "status": "succeeded"}},
        bare("flutterwave-signature"), sha256_b64, provider="flutterwave",
    ),
    Sender("github_legacy_sha512", {"zen": "Keep it logically awesome."}, bare("X-Hub-Signature", "sha512="), sha512_hex, algorithm="hmac-sha512", prefix="sha512=", provider="github_legacy"),
    Sender("github_sha1", {"zen": "Keep it logically awesome."}, bare("X-Hub-Signature", "sha1="), sha1_hex, algorithm="hmac-sha1", prefix="sha1=", provider="github_legacy"),
    standard_webhooks("gitlab_signing", "webhook", {"object_kind": "push", "ref": "refs/heads/main"}, provider="gitlab", headers={"X-Gitlab-Event": "Push Hook"}),
    Sender(
        "gitlab_token", {"object_kind": "push", "ref": "refs/heads/main"}, bare("X-Gitlab-Token"), token, algorithm="equals", provider="gitlab",
        headers={"X-Gitlab-Event": "Push Hook", "X-Gitlab-Event-UUID": "uuid-1"},
    ),
    Sender(
        "hubspot_v1", [{"eventId": 1, "subscriptionType": "contact.creation", "occurredAt": 1781740800000}], bare("X-HubSpot-Signature"), hash_hex,
        algorithm="hash-sha256", provider="hubspot_legacy", headers={"X-HubSpot-Signature-Version": "v1"},
    ),
    Sender(
        "hubspot_v2", [{"eventId": 1, "subscriptionType": "contact.creation", "occurredAt": 1781740800000}], bare("X-HubSpot-Signature"), hash_hex,
        lambda time, body: ["POST", URL, body], algorithm="hash-sha256", provider="hubspot_legacy", method="POST", url=URL,
        headers={"X-HubSpot-Signature-Version": "v2"},
    ),
    Sender(
        "intercom", {"type": "notification_event", "id": "notif_ccd8a4d0-f965-11e3-a367", "topic": "user.created", "data": {}},
        bare("X-Hub-Signature", "sha1="), sha1_hex, algorithm="hmac-sha1", prefix="sha1=", event_id="notif_ccd8a4d0-f965-11e3-a367",
    ),
    Sender("lemonsqueezy", {"meta": {"event_name": "order_created"}, "data": {"type": "orders", "id": "1"}}, bare("X-Signature"), sha256_hex, headers={"X-Event-Name": "order_created"}),
    Sender(
        "meta", b'{"object":"page","entry":[{"id":"1","time":1781740800,"messaging":[{"message":{"text":"Z\\u00fcrich"}}]}]}',
        bare("X-Hub-Signature-256", "sha256="), sha256_hex, prefix="sha256=",
    ),
    standard_webhooks("anthropic", "webhook", {"type": "event", "id": "event_1", "data": {}}, provider="standard_webhooks_users"),
    standard_webhooks("clerk", "svix", {"type": "user.created", "data": {"id": "user_1"}}, provider="standard_webhooks_users"),
    standard_webhooks("openai", "webhook", {"type": "response.completed", "id": "evt_1", "data": {"id": "resp_1"}}, provider="standard_webhooks_users"),
    standard_webhooks("replicate", "webhook", {"id": "ufawqhfynnddngldkgtslldrkq", "status": "succeeded"}, provider="standard_webhooks_users"),
    standard_webhooks("resend", "svix", {"type": "email.sent", "data": {"email_id": "e-1"}}, provider="standard_webhooks_users"),
    standard_webhooks("svix", "svix", {"type": "invoice.paid", "data": {}}, provider="standard_webhooks_users"),
    Sender(
        "mux", {"type": "video.asset.ready", "id": "3a56ac3d-33da-4366-855b-f592d898409d", "data": {"id": "0201p02fGKPE7MrbC269XRD7LpcHhrmbu0002"}},
        listed("Mux-Signature", "t", "v1"), sha256_hex, DOT, time=str, past=300, event_id="3a56ac3d-33da-4366-855b-f592d898409d",
    ),
    Sender(
        "okta", {"eventType": "com.okta.event_hook", "eventId": "b5a188b9-5ece-4636-b041-482ffda96311", "data": {"events": [{"uuid": "u-1"}]}},
        bare("Authorization"), token, algorithm="equals",
    ),
    Sender("paystack", {"event": "charge.success", "data": {"id": 302961, "reference": "qTPrJoy9Bx"}}, bare("x-paystack-signature"), sha512_hex, algorithm="hmac-sha512", secret="sk_test_vectors_of_tests_0001", other="sk_test_vectors_of_tests_0002"),
    Sender(
        "sentry", {"action": "created", "data": {"issue": {"id": "1170820242"}}}, bare("Sentry-Hook-Signature"), sha256_hex,
        headers={"Sentry-Hook-Resource": "issue", "Sentry-Hook-Timestamp": "1781740800", "Request-ID": "4f2c9a7e0001"},
    ),
    Sender("telegram", {"update_id": 10000, "message": {"text": "/start"}}, bare("X-Telegram-Bot-Api-Secret-Token"), token, algorithm="equals"),
    Sender(
        "trello", {"action": {"id": "51f9424bcd6e040f3c002412", "type": "updateCard"}, "model": {"id": "4d5ea62fd76aa1136000000c"}},
        bare("X-Trello-Webhook"), sha1_b64, lambda time, body: [body, URL], algorithm="hmac-sha1", method="POST", url=URL,
        event_id="51f9424bcd6e040f3c002412",
    ),
    Sender(
        "typeform", {"event_id": "LtWXD3crgy", "event_type": "form_response", "form_response": {"token": "a3a12ec67a1365927098a606107fac15"}},
        bare("Typeform-Signature", "sha256="), sha256_b64, prefix="sha256=", event_id="LtWXD3crgy",
    ),
    Sender("vercel", {"type": "deployment.created", "id": "evt_vector1", "createdAt": 1781740800000, "payload": {}}, bare("x-vercel-signature"), sha1_hex, algorithm="hmac-sha1", event_id="evt_vector1"),
    Sender(
        "woocommerce", {"id": 1, "status": "processing"}, bare("X-WC-Webhook-Signature"), sha256_b64,
        headers={"X-WC-Webhook-Topic": "order.updated", "X-WC-Webhook-ID": "142", "X-WC-Webhook-Delivery-ID": "b2f4"},
    ),
    Sender("x_twitter", {"for_user_id": "2244994945", "tweet_create_events": [{"id_str": "1"}]}, bare("x-twitter-webhooks-signature", "sha256="), sha256_b64, prefix="sha256="),
    Sender("xero", {"events": [{"resourceId": "717f2bfc", "eventType": "UPDATE"}], "firstEventSequence": 1, "lastEventSequence": 1, "entropy": "S0m3r4nd0mt3xt"}, bare("x-xero-signature"), sha256_b64),
    Sender(
        "zendesk", {"id": "cbe4028c-7239-495d-b020-f22348516046", "type": "zen:event-type:user.created", "time": "2026-06-18T00:00:00Z"},
        with_time("X-Zendesk-Webhook-Signature", "X-Zendesk-Webhook-Signature-Timestamp"), sha256_b64, lambda time, body: [time, body], time=iso,
        secret=b64(b"looks like base64, is used as text"), headers={"X-Zendesk-Webhook-Invocation-Id": "01G1", "X-Zendesk-Webhook-Id": "01F1"},
    ),
    Sender(
        "zoom", {"event": "meeting.started", "event_ts": 1781740800000, "payload": {"account_id": "a", "object": {"uuid": "u"}}},
        with_time("x-zm-signature", "x-zm-request-timestamp", "v0="), sha256_hex, lambda time, body: ["v0:", time, ":", body], time=str, prefix="v0=",
    ),
]


def hexadecimal(signature):
    return len(signature) in (40, 64, 128) and all(c in "0123456789abcdef" for c in signature)


def other_digit(signature):
    """Another signature of the same form: its first character changed."""
    return ("0" if signature[0] != "0" else "1") + signature[1:] if hexadecimal(signature) else ("B" if signature[0] != "B" else "C") + signature[1:]


def other_encoding(signature):
    return b64(bytes.fromhex(signature)) if hexadecimal(signature) else base64.b64decode(signature).hex()


def rows_of(sender):
    rows = Rows(sender.scheme, sender.algorithm, sender.secret_encoding, sender.secret)
    wire, write = sender.wire(), sender.write
    common = {k: v for k, v in (("method", sender.method), ("url", sender.url)) if v}

    def add(slug, name, note, headers, body=wire, expect=OK, **more):
        if expect == OK and sender.event_id:
            more.setdefault("event_id", sender.event_id)
        rows.add(slug, name, note, headers, body, expect, **common, **more)

    is_token = sender.algorithm == "equals"
    names = sender.signed_headers()
    name = next(n for n in names if sender.put("SIGNATURE", "t")[n].endswith("SIGNATURE"))
    digest = sender.sign(sender.secret, *sender.content(sender.time(T0) if sender.time else None, wire))
    add("genuine", "genuine delivery", "As the provider's documentation says.", write())
    add("header-names-lower", "header names in lower case", "HTTP/2 sends lower-case names.", {k.lower(): v for k, v in write().items()})
    add("rotation-old-signs", "two secrets, the old one signed", "The receiver's list during a rotation.", write(), secrets=[sender.other, sender.secret])
    add("wrong-secret", "another secret", "Signed by somebody else.", write(secret=sender.other), expect=BAD_SIG)
    add("secret-empty", "empty secret", "Configuration: an empty key would let anyone sign.", write(), expect=BAD_SECRET, secret="")
    changed = wire.replace(wire[-3:], b"~" + wire[-2:]) if not wire.endswith(b"}}") else wire[:-2] + b" }}"
    spaced = wire.replace(b":", b": ", 1)
    if is_token:
        add("body-changed", "another body under the token", "A token covers nothing: what it stands for is that the sender knows it.", write(), spaced)
    else:
        for slug, title, body in [("changed", "a byte changed", changed), ("spaced", "printed again with a space", spaced), ("newline", "a newline appended", wire + b"\n"), ("truncated", "the last byte lost", wire[:-1]), ("empty", "lost", b"")]:
            add(f"body-{slug}", f"body: {title}", "The signature is genuine for other bytes.", write(), body, BAD_SIG)
    for header in names:
        rest = {k: v for k, v in write().items() if k != header}
        add(f"missing-{header.lower()}", f"{header} absent", "A proxy or framework dropped the header.", rest, expect=MISSING)
        add(f"blank-{header.lower()}", f"{header} blank", "A blank value counts as absent.", {**write(), header: " "}, expect=MISSING)
        twice = [write()[header], write(at=T0 + 1, change=other_digit)[header]]
        if twice[0] != twice[1]:
            add(f"ambiguous-{header.lower()}", f"{header} twice, different", "One of them is right; guessing which is the attack.", {**write(), header: twice}, expect=AMBIGUOUS)
    add("sig-changed", "first character of the signature changed", "Well formed, but another signature.", write(change=other_digit), expect=BAD_SIG)
    if is_token:
        add("sig-truncated", "last character of the token lost", "A token is compared whole.", write(change=lambda s: s[:-1]), expect=BAD_SIG)
        add("sig-longer", "token with one character more", "A token is compared whole.", write(change=lambda s: s + "x"), expect=BAD_SIG)
        add("sig-case", "token in upper case", "A token is compared byte by byte.", write(change=str.upper), expect=BAD_SIG)
        add("sig-hashed", "SHA-256 of the token", "The token itself is sent.", write(change=lambda s: hashlib.sha256(s.encode()).hexdigest()), expect=BAD_SIG)
    else:
        cut = lambda s: s[:-2]
        add("sig-truncated", "last characters of the signature lost", "A proper prefix of the right signature.", write(change=cut), expect=MALFORMED)
        add("sig-longer", "signature with bytes behind it", "The right signature and more.", write(change=lambda s: s + s), expect=MALFORMED)
        add("sig-other-encoding", "hexadecimal and Base64 mixed up", "The right bytes in another encoding.", write(change=other_encoding), expect=MALFORMED)
        weaker = lambda s: hmac.new(sender.secret.encode(), wire, "md5").hexdigest()
        add("sig-md5", "MD5 in the place of the signature", "A weaker algorithm; the sender does not choose.", write(change=weaker), expect=MALFORMED)
        if hexadecimal(digest):
            add("sig-hex-upper", "hex in upper case", "Hex in either case is the same signature.", write(change=str.upper))
        else:
            add("sig-unpadded", "padding lost", "Signature Base64 is padded.", write(change=lambda s: s.rstrip("=")), expect=MALFORMED)
    if sender.prefix:
        strip = lambda value: value.removeprefix(sender.prefix)
        add("prefix-missing", "prefix missing", "The prefix belongs to the signature.", {**write(), name: strip(write()[name])}, expect=MALFORMED)
        other = {"v0=": "v9=", "sha512=": "sha256="}.get(sender.prefix, "sha512=")
        add("prefix-other", "another version or algorithm announced", "The sender does not choose the algorithm.", {**write(), name: other + strip(write()[name])}, expect=UNSUPPORTED)
        add("prefix-only", "nothing after the prefix", "The empty prefix of the right signature.", {**write(), name: sender.prefix}, expect=MALFORMED)
    if sender.url:
        for slug, url in [("other-path", URL.replace("/7", "/8")), ("no-query", URL.split("?")[0]), ("other-host", URL.replace("receiver", "proxy"))]:
            rows.add(f"url-{slug}", f"registered at {url}", "The URL is signed as it was registered.", write(), wire, BAD_SIG, method=sender.method, url=url)
    if not sender.time:
        add("no-window-old", "ten years old", "No time is signed: only the dedupe store stops a replay.", write(), now=T0 + 10 * 365 * 86_400)
        return rows
    if sender.past is not None:
        add("past-limit", f"exactly {sender.past} s old", "The documented limit passes.", write(), now=T0 + sender.past)
        add("past-limit-1s", f"{sender.past + 1} s old", "One second over the limit.", write(), expect=SKEW, now=T0 + sender.past + 1)
    else:
        add("past-hour", "an hour old", "No limit is documented, and retries may carry the first time.", write(), now=T0 + HOUR)
    add("stale", "more than a year old", "A replay.", write(), expect=SKEW, now=T0 + YEARS)
    add("future-limit", f"exactly {sender.future} s ahead", "The receiver's clock may be behind.", write(), now=T0 - sender.future)
    add("future-limit-1s", f"{sender.future + 1} s ahead", "One second over the limit.", write(), expect=SKEW, now=T0 - sender.future - 1)
    late = write(at=T0 + HOUR)
    late_text, text = sender.time(T0 + HOUR), sender.time(T0)
    replay = {k: v.replace(text, late_text) if isinstance(v, str) else v for k, v in write().items() if k in names}
    assert replay != {k: v for k, v in write().items() if k in names} and replay != late
    add("replay-fresh-time", "old signature under a fresh time", "The time is signed.", {**write(), **replay}, expect=BAD_SIG, now=T0 + HOUR)
    for slug, bad in [("word", "soon"), ("fraction", f"{T0}.5"), ("negative", f"-{T0}"), ("suffix", f"{text}x"), ("other-unit", str(T0) if sender.time is iso else iso(T0))]:
        add(f"time-{slug}", f"time '{bad}'", "Not the documented form. The signature over this text is genuine.", write(text=bad), expect=BAD_TIME)
    add("order-time-before-signature", "unreadable time and a wrong secret", "Order: the time is parsed before the signature.", write(text="soon", secret=sender.other), expect=BAD_TIME)
    add("order-signature-before-window", "wrong secret and stale", "Order: the skew is about genuine deliveries only.", write(secret=sender.other), expect=BAD_SIG, now=T0 + YEARS)
    return rows


def extras(rows, sender):
    """What only one scheme has."""
    wire, write = sender.wire(), sender.write
    if sender.scheme == "docusign":
        own, wrong = write()["X-DocuSign-Signature-1"], write(secret=OTHER)["X-DocuSign-Signature-1"]
        for number in (2, 100):
            rows.add(f"signature-{number}", f"the key is number {number}", "One header per active key; any may match.", {"X-DocuSign-Signature-1": wrong, f"X-DocuSign-Signature-{number}": own}, wire)
        rows.add("signature-101", "header number 101", "There are at most a hundred.", {"X-DocuSign-Signature-101": own}, wire, MISSING)
        rows.add("signature-0", "header number 0", "They begin with 1.", {"X-DocuSign-Signature-0": own}, wire, MISSING)
    if sender.sign is standard:
        id_header, _, name = sender.signed_headers()
        good, wrong = write()[name], write(secret=sender.other)[name]
        for slug, text, expect in [
            ("good-last", f"{wrong} {good}", OK),
            ("undecodable-skipped", f"v1,zz {good}", OK),
            ("v1a-skipped", f"v1a,{b64(bytes(64))} {good}", OK),
            ("none-good", f"{wrong} {wrong}", BAD_SIG),
            ("only-v1a", f"v1a,{b64(bytes(64))}", UNSUPPORTED),
            ("only-v2", good.replace("v1,", "v2,"), UNSUPPORTED),
            ("no-tag", good.removeprefix("v1,"), MALFORMED),
        ]:
            event = {"event_id": MESSAGE} if expect == OK else {}
            rows.add(f"list-{slug}", f"signature list: {slug}", "Entries 'tag,signature' with spaces between; any v1 may match.", {**write(), name: text}, wire, expect, **event)
        rows.add("other-id", "another id", "The id is signed.", {**write(), id_header: "msg_other"}, wire, BAD_SIG)
        other = "svix" if id_header.startswith("webhook") else "webhook"
        mixed = {**{k: v for k, v in write().items() if k != id_header}, f"{other}-id": MESSAGE}
        rows.add("family-mixed", "id under the other family's name", "A family is taken whole or not at all.", mixed, wire, MISSING)
    if sender.scheme in ("calendly", "mux"):
        name = sender.signed_headers()[0]
        good, wrong = write()[name], write(secret=sender.other)[name].split(",")[1]
        time, v1 = good.split(",")
        event = {"event_id": sender.event_id} if sender.event_id else {}
        rows.add("list-good-last", "two v1, the last matches", "Any v1 may match.", {**write(), name: f"{time},{wrong},{v1}"}, wire, **event)
        rows.add("list-time-twice", "t twice", "Which one was signed must not be guessed.", {**write(), name: f"{time},{time},{v1}"}, wire, MALFORMED)
        rows.add("list-only-v2", "only v2", "Announces only another version.", {**write(), name: f"{time},{v1.replace('v1=', 'v2=')}"}, wire, UNSUPPORTED)
        rows.add("list-no-time", "no t", "The time is part of what is signed.", {**write(), name: v1}, wire, MALFORMED)


def twilio_form():
    """The URL and the fields, sorted by name; by hand, since its body is a form."""
    body, url = b"To=%2B18005551212&CallSid=CA1234567890ABCDE&From=%2B14158675309&CallStatus=ringing&Digits=12+34", URL
    joined = url + "CallSidCA1234567890ABCDE" + "CallStatusringing" + "Digits12 34" + "From+14158675309" + "To+18005551212"
    rows = Rows("twilio_form", "hmac-sha1", "utf8", SECRET)
    sign = lambda secret=SECRET, text=joined: {**FORM, "X-Twilio-Signature": sha1_b64(secret, text)}
    at = {"method": "POST", "url": url}
    rows.add("genuine", "genuine delivery", "URL, then names and values sorted by name, decoded.", sign(), body, **at)
    pairs = body.split(b"&")
    rows.add("reordered", "fields in another order", "They are sorted before they are signed.", sign(), b"&".join(reversed(pairs)), **at)
    rows.add("percent-space", "a space written %20", "Fields are decoded before they are signed.", sign(), body.replace(b"+34", b"%2034"), **at)
    rows.add("wrong-secret", "another secret", "Signed by somebody else.", sign(OTHER), body, BAD_SIG, **at)
    rows.add("body-changed", "one digit changed", "A changed byte.", sign(), body.replace(b"1212", b"1213"), BAD_SIG, **at)
    rows.add("field-added", "a field added", "Every field is signed.", sign(), body + b"&Z=1", BAD_SIG, **at)
    rows.add("field-lost", "a field lost", "Every field is signed.", sign(), b"&".join(pairs[1:]), BAD_SIG, **at)
    rows.add("url-other", "registered at another URL", "The URL is signed as it was registered.", sign(), body, BAD_SIG, method="POST", url=url + "2")
    rows.add("missing-header", "X-Twilio-Signature absent", "A proxy dropped the header.", FORM, body, MISSING, **at)
    rows.add("sig-changed", "first character changed", "Another signature.", {**FORM, "X-Twilio-Signature": other_digit(sha1_b64(SECRET, joined))}, body, BAD_SIG, **at)
    rows.add("sig-truncated", "last characters lost", "A proper prefix of the right signature.", {**FORM, "X-Twilio-Signature": sha1_b64(SECRET, joined)[:-2]}, body, MALFORMED, **at)
    rows.add("sig-hex", "hexadecimal in place of Base64", "40 hex digits are also Base64, of 30 bytes.", {**FORM, "X-Twilio-Signature": sha1_hex(SECRET, joined)}, body, MALFORMED, **at)
    rows.add("sig-sha256", "SHA-256 in place of SHA-1", "32 bytes are no SHA-1.", {**FORM, "X-Twilio-Signature": sha256_b64(SECRET, joined)}, body, MALFORMED, **at)
    rows.add("secret-empty", "empty secret", "Configuration.", sign(), body, BAD_SECRET, secret="", **at)
    return rows


def mailgun_form():
    """Time and token of a form, which alone are signed."""
    stamp, token_text = str(T0), "5egbgr1vjgqxtrnp65xfznchgdccwh5d6i09vijqi3whgovmn6"
    rows = Rows("mailgun_form", "hmac-sha256", "utf8", SECRET)
    body = lambda sig=None, time=stamp, token=token_text, secret=SECRET, event="opened": "&".join(
        f"{k}={v}" for k, v in [("event", event), ("timestamp", time), ("token", token), ("signature", sig or sha256_hex(secret, time, token))] if v
    ).encode()
    good = sha256_hex(SECRET, stamp, token_text)

    def add(slug, name, note, body, expect=OK, **more):
        rows.add(slug, name, note, FORM, body, expect, **more)

    add("genuine", "genuine delivery", "HMAC over time and token, joined.", body())
    add("event-changed", "another event beside them", "Nothing but time and token is signed.", body(event="clicked"))
    add("sig-hex-upper", "hex in upper case", "Hex in either case is the same signature.", body(sig=good.upper()))
    add("wrong-secret", "another secret", "Signed by somebody else.", body(secret=OTHER), BAD_SIG)
    add("token-changed", "another token", "The token is signed.", body(sig=good, token="6" + token_text[1:]), BAD_SIG)
    add("time-changed", "another time", "The time is signed.", body(sig=good, time=str(T0 + 1)), BAD_SIG)
    add("bytes-moved", "a digit moved from the time to the token", "The same joined text, so that the signature fits: the time must have ten digits.", body(sig=good, time=stamp[:9], token=stamp[9:] + token_text), BAD_ID)
    add("sig-changed", "first digit changed", "Another signature.", body(sig=other_digit(good)), BAD_SIG)
    add("sig-truncated", "last digits lost", "A proper prefix of the right signature.", body(sig=good[:-2]), MALFORMED)
    add("missing-signature", "no signature", "The field is absent.", unsigned(body()), MISSING)
    add("stale", "more than a year old", "A replay.", body(), SKEW, now=T0 + YEARS)
    add("future-limit-1s", "301 s ahead", "One second over the limit.", body(), SKEW, now=T0 - 301)
    add("secret-empty", "empty secret", "Configuration.", body(), BAD_SECRET, secret="")
    return rows


def unsigned(body):
    return b"&".join(pair for pair in body.split(b"&") if not pair.startswith(b"signature="))


def documents():
    """A document per provider, in the order of the names."""
    by_provider = {}
    for sender in SENDERS:
        rows = rows_of(sender)
        extras(rows, sender)
        by_provider.setdefault(sender.provider, []).extend(rows.rows)
    by_provider["mailgun_form"] = mailgun_form().rows
    by_provider["twilio_form"] = twilio_form().rows
    return {name: {"provider": name, "origin": "own", "note": OWN_NOTE, "vectors": rows} for name, rows in sorted(by_provider.items())}
