"""Makes and checks the test vectors in the folder above, without using the crate.

  python3 tests/vectors/generate                  writes every file that is made here without keys (same bytes every time)
  python3 tests/vectors/generate --keys           also writes those that need fresh key pairs: 155io, paypal, plaid
  python3 tests/vectors/generate --official FILE  also copies the official rows out of the catalogue's vectors.jsonl
  python3 tests/vectors/generate --check          changes nothing; judges every row of every file

One half makes rows: founders.py (four systems in depth), marbles.py (155.io), certified.py
(PayPal, Plaid), senders.py (a table of all others who publish no known answer), official.py. The other half judges them:
judging.py (the five systems), model.py (a reader of schemes.json), outsiders.py (schemes that
are no data). The halves share only constants. Private keys live in a temporary folder while
--keys runs and nowhere else.
"""
import base64
import json
import os
import sys

import certified
import founders
import marbles
import model
import official
import outsiders
import senders
from judging import JUDGES, Rejected
from words import *

KEYED = {"155io": marbles.marbles, "paypal": certified.paypal, "plaid": certified.plaid}


def made():
    """What this script makes without keys, by provider."""
    documents = {name: make().document() for name, make in founders.MAKERS.items()}
    return {**documents, **senders.documents()}


def judge(row, body):
    """The code, and the event id where a judge reads one."""
    try:
        name = row["scheme"]
        if name in JUDGES:
            return OK, JUDGES[name](row, body)
        (outsiders.JUDGES.get(name) or model.judge)(row, body)
        return OK, None
    except Rejected as rejected:
        return str(rejected), None


def check():
    with open(path_of("exceptions"), encoding="utf-8") as file:
        exceptions = {row["id"]: row for row in json.load(file)}
    documents, faults, ids, codes = made(), [], set(), {}
    names = sorted(f.removesuffix(".json") for f in os.listdir(FOLDER) if f.endswith(".json") and f != "exceptions.json")
    faults += [f"{name}.json: missing" for name in documents if name not in names]
    for name in names:
        with open(path_of(name), encoding="utf-8") as file:
            document = json.load(file)
        if name in documents and text_of(documents[name]) != text_of(document):
            faults.append(f"{name}.json: differs from what this script makes")
        for row in document["vectors"]:
            if row["id"] in ids:
                faults.append(f"{row['id']}: twice")
            ids.add(row["id"])
            got, event_id = judge(row, base64.b64decode(row["body_b64"], validate=True))
            codes[got] = codes.get(got, 0) + 1
            wanted = [row["expect"], *row.get("expect_alt", [])]
            if row["id"] in exceptions:
                wanted.append(exceptions[row["id"]]["actual"])
            if got not in wanted:
                faults.append(f"{row['id']}: expect {' or '.join(wanted)}, judged {got}")
            elif row["scheme"] in JUDGES and event_id != row.get("expect_event_id"):
                faults.append(f"{row['id']}: expect id {row.get('expect_event_id')}, judged {event_id}")
    for fault in faults:
        print(fault)
    told = ", ".join(f"{code} {count}" for code, count in sorted(codes.items()))
    print(f"{len(ids)} rows of {len(names)} files judged ({told}); {len(faults)} disagreements")
    return 1 if faults else 0


def text_of(document):
    """A file's text. It says how many rows it has, so that a file that was cut is noticed."""
    rows = document["vectors"]
    document = {**{k: v for k, v in document.items() if k != "vectors"}, "count": len(rows), "vectors": rows}
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def write(document):
    with open(path_of(document["provider"]), "w", encoding="utf-8") as file:
        file.write(text_of(document))
    print(f"{document['provider']}.json: {len(document['vectors'])} rows")


def main(args):
    if args == ["--check"]:
        return check()
    with_keys = "--keys" in args  # which replaces every row of these files
    rest = [arg for arg in args if arg != "--keys"]
    if rest and (len(rest) != 2 or rest[0] != "--official"):
        print(__doc__)
        return 2
    for document in made().values():
        write(document)
    if with_keys:
        for make in KEYED.values():
            write(make().document())
    if rest:
        for document in official.documents(rest[1]).values():
            write(document)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
