# For the `run` scripts beside this: the dgov of this checkout, an anvil, and a project deployed on it. To be sourced by
# bash after `cd` into the folder of the script, with `set -euo pipefail`.

root=$(cd ../../.. && pwd)
work=$(mktemp -d)
anvil_pid=
cleanup() {
    [ -z "$anvil_pid" ] || kill "$anvil_pid" 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT

say() { printf '  %s\n' "$*"; }

# What the lock file says, once for each of its states. Not `npm ci`: it wants entries for native parts of other platforms,
# which npm leaves out of a lock file where the registry does not have them.
node_parts() {
    local lock
    lock=$(sha256sum package-lock.json)
    if [ "$(cat node_modules/.dgov-interop 2>/dev/null || true)" != "$lock" ]; then
        npm install --no-save --ignore-scripts --no-audit --no-fund --loglevel error > /dev/null
        printf '%s\n' "$lock" > node_modules/.dgov-interop
    fi
}

# Builds dgov as the tests do: another selection would be a long rebuild.
build_dgov() {
    (cd "$root" && cargo test --locked --quiet --test cli --no-run)
    dgov=${CARGO_TARGET_DIR:-$root/target}/debug/dgov
}

# An anvil on a free port of this machine; $rpc is its address.
start_anvil() {
    local anvil=${ANVIL:-$root/contracts/node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil} port
    port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
    rpc=http://127.0.0.1:$port
    "$anvil" --host 127.0.0.1 --port "$port" --silent &
    anvil_pid=$!
    for _ in $(seq 200); do
        if curl --silent --fail --noproxy '*' --output /dev/null --header 'content-type: application/json' \
            --data '{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]}' "$rpc"; then
            say "$("$anvil" --version | head -n 1)"
            return
        fi
        sleep 0.1
    done
    echo "anvil did not start" >&2
    return 1
}

# A project with one dataset in $work, deployed on the anvil and pushed there.
make_project() {
    mkdir -p "$work/data/notes"
    printf 'one\n' > "$work/data/notes/1.txt"
    printf 'two\n' > "$work/data/notes/2.txt"
    printf 'account,shares\n0x70997970C51812dc3A010C7d01b50e0d17dc79C8,1\n' > "$work/contributors.csv"
    cat > "$work/dgov.toml" <<EOF
[project]
name = "interop"
[networks.anvil]
rpc-url = "$rpc"
chain-id = 31337
[storage]
targets = ["local"]
[governance.token]
name = "Interop"
symbol = "INT"
supply = "1000000"
[licenses.open]
spdx = "MIT"
allow = ["evaluate"]
price = "0.01 ETH"
duration = "365d"
[datasets.notes]
path = "data/notes"
license = "open"
contributors = "contributors.csv"
EOF
    export HOME=$work DGOV_HOME=$work/home
    run_dgov deploy --quiet > /dev/null
    run_dgov data push --quiet > /dev/null
    say "$("$dgov" --version), project deployed on chain 31337"
}

run_dgov() { (cd "$work" && "$dgov" "$@"); }
