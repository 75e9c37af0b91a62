# Sourced by the other scripts: says what runs, and gets what is missing.
# shellcheck shell=bash

# rustup may have been installed since this shell was opened.
command -v cargo >/dev/null || PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"

say() { printf '== %s\n' "$*"; }

# Prints a command, then runs it.
run() { say "$*" && "$@"; }

# Prints, one per line, what a Python expression takes from the package's description in Cargo's metadata.
package() {
    cargo metadata --no-deps --format-version 1 | python3 -c "
import json, sys
package = next(p for p in json.load(sys.stdin)['packages'] if p['name'] == 'countersign')
print(*sorted($1), sep='\n')"
}

# Prints the oldest supported toolchain, as rustup names it: Cargo.toml's 1.88 is the toolchain 1.88.0.
msrv() {
    package '[package["rust_version"]]' | sed -E 's/^([0-9]+\.[0-9]+)$/\1.0/'
}

need_target() {
    rustup target list --installed | grep -x "$1" >/dev/null || run rustup target add "$1"
}

need_toolchain() {
    rustup toolchain list | grep "^$1-[^0-9]" >/dev/null || run rustup toolchain install "$1" --profile minimal
}

need_tool() {
    command -v "$1" >/dev/null || run cargo install --locked "$1"
}
