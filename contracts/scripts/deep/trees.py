#!/usr/bin/env python3
"""Checks behavior trees against the tests beside them: every leaf of `X.tree` has a test in `X.t.sol`, and every test there
belongs to a leaf. Which is whose is in trees.json; `File.test_name` there is a test of another file.

    trees.py            checks
    trees.py --suggest  adds what is missing to trees.json by order and words, for a person to read

Bulloak's own check wants one function for each leaf, named by it word for word; these trees are written for readers, and one
test may show several leaves.
"""

import glob
import json
import math
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TEST = os.path.join(os.path.dirname(os.path.dirname(HERE)), "test")
MAP = os.path.join(HERE, "trees.json")


def leaves_of(path):
    """Leaves in order, each as the words from the branch below the root down to it."""
    rows = []
    with open(path) as file:
        for line in file:
            found = re.match(r"^([│ ]*)[├└]── (.*)$", line.rstrip())
            if found:
                rows.append((len(found.group(1)) // 4, found.group(2).strip()))
    leaves, above = [], []
    for number, (depth, text) in enumerate(rows):
        above = above[:depth] + [text]
        if number + 1 == len(rows) or rows[number + 1][0] <= depth:
            leaves.append(" > ".join(above))
    return leaves


def tests_of(path):
    with open(path) as file:
        return re.findall(r"^    function ((?:test|invariant)\w*)\(", file.read(), flags=re.M)


def elsewhere(test):
    """Whether this names a test of another file: `File.test_name`."""
    file, _, name = test.partition(".")
    path = os.path.join(TEST, file + ".t.sol")
    return os.path.exists(path) and name in tests_of(path)


def main():
    suggest = "--suggest" in sys.argv
    with open(MAP) as file:
        known = json.load(file)
    wrong, leaf_count, test_count, trees = [], 0, 0, sorted(glob.glob(os.path.join(TEST, "*.tree")))
    for path in trees:
        name = os.path.basename(path)[: -len(".tree")]
        leaves, beside = leaves_of(path), path[: -len(".tree")] + ".t.sol"
        if not os.path.exists(beside):
            wrong.append(f"{name}.tree: there is no {name}.t.sol")
            continue
        tests = tests_of(beside)
        if suggest:
            known[name] = completed(known.get(name, {}), leaves, tests)
        entry = known.get(name, {})
        leaf_count, test_count = leaf_count + len(leaves), test_count + len(tests)
        wrong += [f"{name}.tree: twice: {leaf}" for leaf in set(leaves) if leaves.count(leaf) > 1]
        wrong += [f"{name}.tree: no test for: {leaf}" for leaf in leaves if not entry.get(leaf)]
        wrong += [f"{name}: trees.json has a leaf that is not in the tree: {leaf}" for leaf in entry if leaf not in leaves]
        named = {test for shown in entry.values() for test in shown}
        wrong += [f"{name}.t.sol: no leaf for: {test}" for test in tests if test not in named]
        wrong += [f"{name}: there is no {test}" for test in sorted(named - set(tests)) if not elsewhere(test)]
    wrong += [f"trees.json: there is no {name}.tree" for name in known if not os.path.exists(os.path.join(TEST, name + ".tree"))]
    if suggest:
        with open(MAP, "w") as file:
            json.dump(known, file, indent=1, ensure_ascii=False)
            file.write("\n")
    for line in wrong:
        print(line, file=sys.stderr)
    print(f"{len(trees)} trees, {leaf_count} leaves, {test_count} tests beside them")
    return 1 if wrong else 0


# ---- suggestions


def completed(entry, leaves, tests):
    """The old entry without what is gone, and a suggestion for every leaf and every test that is missing."""
    entry = {leaf: [test for test in entry.get(leaf, []) if test in tests or elsewhere(test)] for leaf in leaves}
    named = {test for shown in entry.values() for test in shown}
    for leaf, test in aligned(leaves, tests):
        if not entry[leaf] or test not in named:
            if test not in entry[leaf]:
                entry[leaf].append(test)
    return entry


def words_of(text):
    text = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", text)
    return {word[:5] for word in re.findall(r"[a-z0-9]+", text.lower())} - {"test", "testf", "it", "the", "a", "of", "shoul"}


def aligned(leaves, tests):
    """For each leaf the likeliest test, then for each test that is left the likeliest leaf."""
    if not leaves or not tests:
        return []
    left, right = [words_of(leaf) for leaf in leaves], [words_of(test) for test in tests]
    count = {}
    for words in right:
        for word in words:
            count[word] = count.get(word, 0) + 1
    weight = {word: math.log(1 + len(tests) / number) for word, number in count.items()}

    def score(i, j):
        """Words in common, less for a test that stands elsewhere in its list than the leaf does in its own."""
        away = abs((i + 0.5) / len(leaves) - (j + 0.5) / len(tests))
        return sum(weight[word] for word in left[i] & right[j]) - 6 * away

    pairs = [(leaf, max(range(len(tests)), key=lambda j: score(i, j))) for i, leaf in enumerate(leaves)]
    taken = {j for _, j in pairs}
    for j in range(len(tests)):
        if j not in taken:
            pairs.append((leaves[max(range(len(leaves)), key=lambda i: score(i, j))], j))
    return [(leaf, tests[j]) for leaf, j in pairs]


if __name__ == "__main__":
    sys.exit(main())
