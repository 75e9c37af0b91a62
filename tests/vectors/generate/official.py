"""Copying the official rows out of the catalogue's vectors.jsonl, as they are."""
import json

OFFICIAL_NOTE = (
    "Rows published by the provider or its SDKs, copied unchanged from the project's catalogue "
    "(vectors.jsonl); each names its source. Secrets are public test values."
)


def documents(path):
    found = {}
    with open(path, encoding="utf-8") as file:
        for line in filter(str.strip, file):
            row = json.loads(line)
            found.setdefault(row.pop("provider"), []).append(row)
    return {name: {"provider": name, "origin": "official", "note": OFFICIAL_NOTE, "vectors": rows} for name, rows in sorted(found.items())}
