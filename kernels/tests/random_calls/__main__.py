"""Makes many random calls and prints a table: ``python -m random_calls 10000``."""

from __future__ import annotations

import sys

from random_calls.running import ENTRIES, known_instructions, rounds


def say(line):
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(count, *entries):
    say("| entry | instructions | calls | refused | slowest | largest error |")
    say("|---|---|---|---|---|---|")
    wrong = []
    for entry in entries or ENTRIES:
        for name, one in rounds(entry, int(count), known_instructions()).items():
            wrong += one.wrong
            slowest = f"{1000 * one.slowest:.0f} ms"
            cells = (entry, name, f"{one.calls:,}", f"{one.refused:,}", slowest, f"{one.error:.1e}")
            say(f"| {' | '.join(cells)} |")
            for said in one.wrong[:5]:
                say(f"  {said}")
    say(f"\n{len(wrong)} wrong")
    return len(wrong) > 0


sys.exit(main(*sys.argv[1:] or ["200"]))
