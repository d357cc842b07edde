#!/bin/sh
# Installs what the contracts are built and tested with: the pinned Node parts (compiler, Foundry, OpenZeppelin) and
# forge-std. What is in place is left alone. Needs node, npm and tar; nothing but the Node registry is asked.
set -eu
cd "$(dirname "$0")/.."

# npm has no working package of forge-std's own; this one carries its sources. Packed, never installed: its
# dependencies are not wanted.
STD_PACKAGE='@chainlink/contracts@1.5.0'
STD_INTEGRITY='sha512-1fGJwjvivqAxvVOTqZUEXGR54CATtg0vjcXgSIk4Cfoad2nUhSG/qaWHXjLg1CkNTeOoteoxGQcpP/HiA5HsUA=='
STD_PATH='package/src/v0.8/vendor/forge-std/src'

# The digest of a file in the form of package-lock.json.
integrity() {
    node -e 'const { createHash } = require("crypto");
const bytes = require("fs").readFileSync(process.argv[1]);
console.log("sha512-" + createHash("sha512").update(bytes).digest("base64"));' "$1"
}

# Whether the stamp file holds this text, which is written last: an interrupted run is repeated.
stamped() {
    [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]
}

lock=$(integrity package-lock.json)
if ! stamped node_modules/.dgov-setup "$lock"; then
    npm ci --ignore-scripts --no-audit --no-fund
    printf '%s\n' "$lock" > node_modules/.dgov-setup
fi

if ! stamped lib/forge-std/.dgov-setup "$STD_INTEGRITY"; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    npm pack --silent --pack-destination "$work" "$STD_PACKAGE" > "$work/name"
    tarball="$work/$(cat "$work/name")"
    actual=$(integrity "$tarball")
    if [ "$actual" != "$STD_INTEGRITY" ]; then
        printf 'setup: %s: expected %s, got %s\n' "$STD_PACKAGE" "$STD_INTEGRITY" "$actual" >&2
        exit 1
    fi
    tar -xzf "$tarball" -C "$work" "$STD_PATH"
    rm -rf lib/forge-std
    mkdir -p lib/forge-std
    mv "$work/$STD_PATH" lib/forge-std/src
    printf '%s\n' "$STD_INTEGRITY" > lib/forge-std/.dgov-setup
fi
