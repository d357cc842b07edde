#!/usr/bin/env python3
"""Answers one query for Halmos: asks two solvers at once, the first answer counts.

    solve.py SECONDS FILE

Yices is fast with bits. cvc5, told to read words as whole numbers, decides products and quotients by numbers that it knows,
with which Yices does not end.
"""

import os
import subprocess
import sys
import tempfile
import time

YICES = os.path.join(os.path.dirname(sys.executable), "yices-smt2")


def main():
    seconds, path = sys.argv[-2:]
    if sys.argv[1] == "--cvc5":
        return cvc5(int(seconds), path)
    commands = [
        [YICES, "--smt2-model-format", "--bvconst-in-decimal", "--timeout=" + seconds, path],
        [sys.executable, __file__, "--cvc5", seconds, path],
    ]
    # Into files: nobody reads while they write.
    running = []
    for command in commands:
        answer = tempfile.TemporaryFile("w+")
        running.append((subprocess.Popen(command, stdout=answer, stderr=subprocess.DEVNULL), answer))
    try:
        while running:
            for one in [one for one in running if one[0].poll() is not None]:
                running.remove(one)
                one[1].seek(0)
                text = one[1].read()
                if text.split("\n", 1)[0] in ("sat", "unsat"):
                    print(text, end="")
                    return 0
            time.sleep(0.01)
    finally:
        for process, _ in running:
            process.kill()
    print("unknown")
    return 0


def cvc5(seconds, path):
    import cvc5 as api

    terms = api.TermManager()
    solver = api.Solver(terms)
    for name, value in (("solve-bv-as-int", "sum"), ("produce-models", "true"), ("tlimit", str(1000 * seconds))):
        solver.setOption(name, value)
    parser = api.InputParser(solver)
    parser.setFileInput(api.InputLanguage.SMT_LIB_2_6, path)
    while not (command := parser.nextCommand()).isNull():
        print(command.invoke(solver, parser.getSymbolManager()), end="", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
