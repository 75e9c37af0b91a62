"""What the modules share: codes, constants, and three small helpers."""
import base64
import calendar
import os
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.dirname(HERE)  # where the vector files are

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
UNTRUSTED = "UNTRUSTED_CERT_URL"


def b64(data):
    return base64.b64encode(data).decode()


def openssl(*args, data=None):
    return subprocess.run(["openssl", *args], input=data, check=True, capture_output=True).stdout


def path_of(provider):
    return os.path.join(FOLDER, f"{provider}.json")
