"""Says which transitions of the migration's state machine no test has taken.

    transitions.py ARCHITECTURE.md FILE...

The diagram in ARCHITECTURE.md is the table itself (TransitionTableTest compares them). Each FILE has
lines of the form "FROM --EVENT--> TO". Exit status 1 if a transition is missing in all of them.
"""

import pathlib
import re
import sys

IN_DIAGRAM = re.compile(r"^\s*([A-Z_]+) --> ([A-Z_]+): ([A-Z_]+)$", re.MULTILINE)


def main(architecture, files):
    wanted = [
        f"{before} --{event}--> {after}"
        for before, after, event in IN_DIAGRAM.findall(pathlib.Path(architecture).read_text())
    ]
    taken = {line for file in files for line in pathlib.Path(file).read_text().splitlines()}
    missing = [transition for transition in wanted if transition not in taken]
    for transition in missing:
        print(f"NEVER TAKEN {transition}")
    print(f"{len(wanted) - len(missing)} of {len(wanted)} transitions taken")
    return 1 if missing or not wanted else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
