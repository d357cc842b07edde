#!/usr/bin/env python3
"""Mutation run: changes the contracts in a copy, one small thing at a time, and asks whether a test notices.

    mutate.py [--contract NAME]... [--limit N] [--seed N] [--list] [--mutant ID]

Prints a row for each contract and exits with 1 if fewer than 90 % of a contract's mutants are killed. Survivors are
written to .deep/mutation/survivors.md; those that change nothing have their reason in survivors.json, and don't count.
"""

import argparse
import glob
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

import mutants
import sparse

HERE = os.path.dirname(os.path.abspath(__file__))
CONTRACTS = os.path.dirname(os.path.dirname(HERE))
WORK = os.environ.get("DGOV_MUTATION_DIR") or os.path.join(CONTRACTS, ".deep", "mutation")
COPY = os.path.join(WORK, "copy")
FORGE = os.environ.get("FORGE") or os.path.join(CONTRACTS, "node_modules/@foundry-rs/forge-linux-amd64/bin/forge")
SOLC = os.path.join(CONTRACTS, "bin", "solc")
RATE = 90
SECONDS = 300

# Tests of a contract are those whose names begin with its own; these have others, or more. The first one runs alone.
TESTS = {
    "CodeHolder": ["CodeHolder", "SuiteFactory"],
    "Consents": ["DatasetRegistryConsent", "Registries.invariant"],
    "CourtCases": ["DisputeCourt"],
    "CourtLocks": ["DisputeCourt"],
    "CourtMoney": ["DisputeCourtMoney", "DisputeCourt"],
    "DataAccessManager": ["SuiteFactory", "Rights.invariant"],
    "DataGovernor": ["DataGovernor", "SuiteFactory"],
    "DataTimelock": ["DataGovernor.t", "SuiteFactory"],
    "DatasetRegistry": ["DatasetRegistry", "RegistryVectors", "SuiteIntegration", "Registries.invariant"],
    "Eip712": ["ModuleVectors", "MoneyVectors", "RegistryVectors", "DatasetRegistrySigned", "UsageLedgerReport"],
    "LicenseRegistry": ["LicenseRegistry", "SuiteIntegration", "Registries.invariant"],
    "LinearCurve": ["LinearCurve", "AccessPassPrices"],
    "Managed": ["RoyaltyVault.t", "LicenseRegistry.t", "SuiteIntegration"],
    "Module": ["ValidatorStake.t", "RecordToken", "SuiteModules", "DisputeCourt.t"],
    "PoolId": ["MoneyVectors", "RoyaltyVault.t", "AccessPass.t"],
    "Signers": ["DatasetRegistrySigned", "DatasetRegistryConsent", "RegistryVectors"],
    "SoulboundPass": ["AccessPass"],
    "SuiteFactory": ["SuiteFactory", "SuiteIntegration", "Rights.invariant"],
    "SuiteModules": ["SuiteModules", "SuiteFactory", "Rights.invariant"],
    "SumTree": ["SumTree", "RewardRounds.t", "ModuleVectors"],
    "UsageReports": ["UsageLedgerReport", "UsageLedger"],
    "Versions": ["DatasetRegistry", "Registries.invariant"],
}

PROFILE = """
[profile.mutation]
# Foundry's own limits on code would refuse code with hundreds of mutants in it.
code_size_limit = 4000000

[profile.mutation.fuzz]
runs = 48

[profile.mutation.invariant]
runs = 8
depth = 64
fail_on_revert = false

[lint]
lint_on_build = false
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--contract", action="append", default=[], help="a contract or library; again for more")
    parser.add_argument("--limit", type=int, default=12, help="mutants of one contract at most; 0 for all")
    parser.add_argument("--seed", type=int, default=1, help="which ones, if there are more")
    parser.add_argument("--list", action="store_true", help="lists the mutants, runs none")
    parser.add_argument("--mutant", help="runs this one alone and shows the tests' output")
    options = parser.parse_args()
    run = Run(options)
    if options.list:
        for mutant in run.chosen:
            print(f"{mutant.id - mutants.FIRST_ID} {mutant.text()}")
        return 0
    return run.go()


class Run:
    def __init__(self, options):
        self.options = options
        self.started = time.time()
        self.copy()
        self.read()
        self.choose()

    def say(self, text):
        print(f"[{time.time() - self.started:5.0f}s] {text}", file=sys.stderr, flush=True)

    # ---- the copy

    def copy(self):
        """What is asked for, the tests of it, and what they import: nothing else is compiled."""
        os.makedirs(COPY, exist_ok=True)
        for folder in ("src", "test"):
            shutil.rmtree(os.path.join(COPY, folder), ignore_errors=True)
        names = self.options.contract
        sources = [path for path in listed("src") if not path.startswith(("src/interfaces", "src/types"))]
        if names:
            missing = set(names) - {stem(path) for path in sources}
            if missing:
                raise SystemExit(f"mutate.py: no contract of this name: {', '.join(sorted(missing))}")
            sources = [path for path in sources if stem(path) in names]
        tests = [test for path in sources for test in tests_of(stem(path), CONTRACTS, required=False)]
        for part in closure(sources + tests):
            if part.startswith(("src/", "test/")):
                os.makedirs(os.path.dirname(os.path.join(COPY, part)), exist_ok=True)
                shutil.copyfile(os.path.join(CONTRACTS, part), os.path.join(COPY, part))
        shutil.copytree(os.path.join(CONTRACTS, "test/vectors"), os.path.join(COPY, "test/vectors"))
        for part in ("node_modules/@openzeppelin", "lib/forge-std"):
            if not os.path.exists(os.path.join(COPY, part)):
                shutil.copytree(os.path.join(CONTRACTS, part), os.path.join(COPY, part))
        with open(os.path.join(CONTRACTS, "foundry.toml")) as file:
            text = file.read()
        text = text.replace('solc = "bin/solc"', f'solc = "{SOLC}"').replace("gas_snapshot_check = true\n", "")
        # Small code, compiled fast; no contract is too large here.
        text = text.replace("optimizer_runs = 20000", "optimizer_runs = 1")
        text = re.sub(r"(?m)^(additional_compiler_profiles|compilation_restrictions) = .*\n", "", text)
        mutants.write(COPY, "foundry.toml", (text + PROFILE).encode())
        # `pure` functions may not ask which mutant is on.
        for name in files("src") + files("test"):
            mutants.write(COPY, name, re.sub(rb"\bpure\b", b"view", mutants.read(COPY, name)))
        mutants.write(COPY, "src/Mutants.sol", mutants.LIBRARY.encode())

    def settings(self, output):
        return {
            "remappings": ["@openzeppelin/=node_modules/@openzeppelin/", "forge-std/=lib/forge-std/src/"],
            "evmVersion": "prague",
            "optimizer": {"enabled": True, "runs": 1},
            "outputSelection": output,
        }

    # ---- mutants

    def read(self):
        names = [name for name in files("src") if name != "src/Mutants.sol"]
        answer = self.compiled(names, {"*": {"": ["ast"]}})
        bad = errors(answer)
        if bad:
            raise SystemExit("the copy does not compile:\n" + bad[0]["formattedMessage"])
        trees = {name: answer["sources"][name]["ast"] for name in names}
        constants, immutables, found = set(), set(), []
        for tree in trees.values():
            for node in mutants.walk(tree):
                if node["nodeType"] == "VariableDeclaration" and node.get("mutability") == "constant":
                    constants.add(node["id"])
                if node["nodeType"] == "VariableDeclaration" and node.get("mutability") == "immutable":
                    immutables.add(node["id"])
                if node["nodeType"] == "ModifierDefinition" and not node["parameters"]["parameters"]:
                    found.append((node["name"], node))
        self.twins = {name: name.encode() + b"Unless_" for name, _ in found}
        self.files, first = [], 1
        for name in names:
            source = mutants.read(COPY, name)
            file = mutants.File(name, source, trees[name], constants, immutables, self.twins, first)
            first += len(file.mutants)
            self.files.append(file)

    def compiled(self, names, output):
        return mutants.solc(SOLC, COPY, names, self.settings(output))

    def choose(self):
        wanted = set(self.options.contract)
        self.chosen, self.by_contract = [], {}
        for file in self.files:
            contract = stem(file.name)
            if wanted and contract not in wanted:
                continue
            if not file.mutants or file.name.startswith(("src/interfaces", "src/types")):
                continue
            some = list(file.mutants)
            if self.options.limit and len(some) > self.options.limit:
                some = random.Random(f"{self.options.seed} {contract}").sample(some, self.options.limit)
                some.sort(key=lambda mutant: mutant.id)
            self.by_contract[contract] = (len(file.mutants), some)
            self.chosen += some
        if self.options.mutant:
            self.chosen = [one for one in self.chosen if one.id == mutants.FIRST_ID + int(self.options.mutant)]

    def write(self, wanted):
        for file in self.files:
            text = file.render_all(wanted) if any(one.id in wanted for one in file.mutants) else file.source
            mutants.write(COPY, file.name, self.with_twins(file, text))

    def with_twins(self, file, text):
        """Beside each modifier one that does nothing if a mutant is on."""

        def twin(match):
            name, body = match.group(1), match.group(2)
            before, after = body.split(b"_;", 1)
            return match.group(0) + b"\n    modifier %sUnless_(bool off) { if (!off) { %s } _; %s }" % (name, before, after)

        return re.sub(rb"modifier (\w+)\(?\)?(?: virtual)? \{(.*?\n)    \}", twin, text, flags=re.S)

    def build(self, pending):
        """Writes as many of the mutants as compile together; returns those that are in, left for later, and impossible."""
        wanted = {one.id for one in pending}
        impossible, later = set(), set()
        sources = [file.name for file in self.files]
        for _ in range(60):
            self.write(wanted)
            bad = errors(self.compiled(sources, {"*": {"": ["ast"]}}))
            if not bad:
                # Code of those only that have mutants, or inherit or use them.
                changed = {os.path.basename(file.name)[:-4] for file in self.files if any(one.id in wanted for one in file.mutants)}
                users = [file.name for file in self.files if changed & self.parts_of(file.name)]
                bad = errors(self.compiled(sources, {name: {"*": ["evm.bytecode.object"]} for name in users}))
            if not bad:
                break
            for error in bad:
                deep = "too deep" in error["formattedMessage"]
                hit = self.located(error, wanted)
                if not hit:
                    raise SystemExit("mutants do not compile:\n" + error["formattedMessage"])
                if deep and len(hit) > 1:
                    # Every other one: half of them may fit.
                    gone = set(sorted(hit)[::2])
                    later |= gone
                else:
                    gone = hit
                    impossible |= gone
                wanted -= gone
        else:
            raise SystemExit("mutants do not compile after 60 tries")
        return wanted, later, impossible

    def parts_of(self, name):
        """Names of all files that a file is made of."""
        todo, found = [name], set()
        while todo:
            path = todo.pop()
            part = os.path.basename(path)[:-4]
            if part in found or not path.startswith("src/"):
                continue
            found.add(part)
            text = mutants.read(COPY, path).decode()
            for other in re.findall(r'^\s*import\b[^;]*?"(\.[^"]+)"', text, flags=re.M | re.S):
                todo.append(os.path.normpath(os.path.join(os.path.dirname(path), other)))
        return found

    def located(self, error, wanted):
        """The mutants in the smallest part of the source that the error can be about."""
        place = error.get("sourceLocation")
        if not place:
            return set()
        text = mutants.read(COPY, place["file"])
        start, end = place["start"], place["end"]
        around = [(start, end)]
        line = (text.rfind(b";", 0, start) + 1, (text.find(b";", end) + 1) or len(text))
        function = (text.rfind(b"\n    function ", 0, start), text.find(b"\n    }\n", end))
        around += [line, function]
        for low, high in around:
            found = {int(number) for number in re.findall(rb"\b(\d{10})\b", text[max(low, 0) : high])} & wanted
            if found:
                return found
        return set()

    # ---- tests

    def go(self):
        state = {}
        pending = self.chosen
        self.say(f"{len(pending)} mutants of {len(self.by_contract)} contracts")
        wave = 0
        while pending and wave < 4:
            wave += 1
            inside, later, impossible = self.build(pending)
            self.say(f"wave {wave}: {len(inside)} mutants in one build, {len(later)} later, {len(impossible)} impossible")
            for one in impossible:
                state[one] = "uncompilable"
            if not inside:
                for one in later:
                    state[one] = "uncompilable"
                break
            self.forge_build()
            if wave == 1 or not hasattr(self, "broken"):
                self.baseline()
            self.run_all([one for one in pending if one.id in inside], state)
            pending = [one for one in pending if one.id in later]
        for one in pending:
            state.setdefault(one.id, "uncompilable")
        return self.report(state)

    def environment(self):
        environment = dict(os.environ, FOUNDRY_PROFILE="mutation")
        return environment

    def forge_build(self):
        self.say("forge build")
        done = subprocess.run([FORGE, "build"], cwd=COPY, env=self.environment(), capture_output=True, text=True)
        if done.returncode:
            raise SystemExit("forge build failed:\n" + done.stdout[-3000:] + done.stderr[-3000:])

    def baseline(self):
        """Without a mutant every test must pass; one that minds the size or the gas of its contract is left out."""
        self.broken = set()
        tests = sorted({test for contract in self.by_contract for test in tests_of(contract, COPY)})
        done = self.forge(tests, 0, fail_fast=False)
        for line in done.stdout.splitlines():
            found = re.match(r"\[FAIL.*\] (\w+)\(", line)
            if found:
                self.broken.add(found.group(1))
        if self.broken:
            self.say("left out, fail without a mutant: " + ", ".join(sorted(self.broken)))
        if self.broken or done.returncode:
            done = self.forge(tests, 0, fail_fast=False)
            if done.returncode:
                raise SystemExit("the tests fail without a mutant:\n" + done.stdout[-4000:] + done.stderr[-2000:])

    def forge(self, tests, identity, fail_fast=True):
        pattern = tests[0] if len(tests) == 1 else "{" + ",".join(tests) + "}"
        command = [FORGE, "test", "--match-path", pattern, "--fuzz-seed", "7"]
        command += ["--block-coinbase", "0x%040x" % identity]
        if fail_fast:
            command.append("--fail-fast")
        if self.broken:
            command += ["--no-match-test", "^(" + "|".join(sorted(self.broken)) + ")$"]
        # What one mutant's failure leaves behind must not be replayed against another.
        with tempfile.TemporaryDirectory() as scratch:
            environment = self.environment()
            environment["FOUNDRY_FUZZ_FAILURE_PERSIST_DIR"] = scratch
            environment["FOUNDRY_INVARIANT_FAILURE_PERSIST_DIR"] = scratch
            environment["FOUNDRY_TEST_FAILURES_FILE"] = os.path.join(scratch, "failures")
            limit = SECONDS if fail_fast else 3600
            try:
                return subprocess.run(command, cwd=COPY, env=environment, capture_output=True, text=True, timeout=limit)
            except subprocess.TimeoutExpired as late:
                return subprocess.CompletedProcess(command, 124, (late.stdout or b"").decode(), "timeout")

    def verdict(self, mutant):
        contract = stem(mutant.file)
        # The unit tests alone first: most mutants get no further.
        tests = tests_of(contract, COPY)
        for part in (tests[:1], tests[1:]):
            if not part:
                continue
            done = self.forge(part, mutant.id)
            if self.options.mutant:
                print(mutant.text(), done.stdout, done.stderr, sep="\n")
            if done.returncode == 124:
                return "timeout"
            if done.returncode:
                if "[FAIL" not in done.stdout:
                    raise SystemExit(f"forge failed without a failing test: {mutant.text()}\n{done.stdout}{done.stderr}")
                return "killed"
        return "survived"

    def run_all(self, pending, state):
        # One after the other: two Foundries at once spoil each other's cache, and from then on each compiles.
        for number, mutant in enumerate(pending, 1):
            state[mutant.id] = result = self.verdict(mutant)
            if result != "killed":
                self.say(f"{number}/{len(pending)} {result}: {mutant.text()}")
            elif number % 25 == 0:
                self.say(f"{number}/{len(pending)}")

    # ---- report

    def report(self, state):
        with open(os.path.join(HERE, "survivors.json")) as file:
            reasons = json.load(file)
        rows, survivors, failed = [], [], False
        total = dict.fromkeys(("all", "run", "killed", "survived", "explained", "uncompilable"), 0)
        for contract, (count, some) in self.by_contract.items():
            if self.options.mutant and not any(one in self.chosen for one in some):
                continue
            results = [state.get(one.id, "uncompilable") for one in some]
            alive = [one for one in some if state.get(one.id) == "survived"]
            row = {
                "all": count,
                "run": len(some),
                "killed": sum(result in ("killed", "timeout") for result in results),
                "survived": len(alive),
                "explained": sum(one.key in reasons for one in alive),
                "uncompilable": results.count("uncompilable"),
            }
            for key, value in row.items():
                total[key] += value
            survivors += alive
            failed |= rate(row) < RATE
            rows.append((contract, row))
        lines = ["| contract | mutants | run | killed | survived, of them explained | rate |", "| --- | --- | --- | --- | --- | --- |"]
        for contract, row in rows + [("all", total)]:
            lines.append(
                f"| {contract} | {row['all']} | {row['run'] - row['uncompilable']} | {row['killed']} | "
                f"{row['survived']}, {row['explained']} | {rate(row):.1f} % |"
            )
        print("\n".join(lines))
        with open(os.path.join(WORK, "survivors.md"), "w") as file:
            for one in survivors:
                file.write(f"- {one.text()}\n  key: {json.dumps(one.key)}\n  {reasons.get(one.key, 'NOT EXPLAINED')}\n")
        self.say(f"survivors are in {os.path.join(WORK, 'survivors.md')}")
        return 1 if failed else 0


def rate(row):
    decided = row["killed"] + row["survived"] - row["explained"]
    return 100 * row["killed"] / decided if decided else 100


def tests_of(contract, root, required=True):
    """Files with tests of a contract, those with invariants last: they take longest."""
    found = []
    for name in TESTS.get(contract, [contract]):
        pattern = name + ("*.t.sol" if "." not in name else ".sol" if name.endswith(".t") else ".t.sol")
        for path in sorted(glob.glob(os.path.join(root, "test", pattern))):
            relative = os.path.relpath(path, root)
            if relative not in found:
                found.append(relative)
    if required and not found:
        raise SystemExit(f"mutate.py: no tests of {contract}; name them in TESTS")
    return sorted(found, key=lambda path: ".invariant" in path)


def stem(path):
    return os.path.basename(path)[: -len(".sol")]


def listed(folder):
    found = glob.glob(os.path.join(CONTRACTS, folder, "**", "*.sol"), recursive=True)
    return sorted(os.path.relpath(path, CONTRACTS) for path in found)


def closure(todo):
    """These files and all that they import, or deploy by name."""
    todo, done = list(todo), set()
    while todo:
        name = todo.pop()
        if name in done:
            continue
        done.add(name)
        with open(os.path.join(CONTRACTS, name)) as file:
            text = file.read()
        for path in re.findall(r'^\s*import\b[^;]*?"([^"]+)"', text, flags=re.M | re.S):
            todo.append(sparse.resolve(name, path))
        for path in re.findall(r'(?:deployCode|getCode)\(\s*"([\w/.]+\.sol)', text):
            todo += [source for source in listed("src") if source.endswith("/" + os.path.basename(path))]
    return done


def files(folder):
    found = glob.glob(os.path.join(COPY, folder, "**", "*.sol"), recursive=True)
    return sorted(os.path.relpath(path, COPY) for path in found)


def errors(answer):
    return [error for error in answer.get("errors", []) if error["severity"] == "error"]


if __name__ == "__main__":
    sys.exit(main())
