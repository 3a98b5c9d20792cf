"""Counts the tests of Surefire's reports; says which were skipped or failed, and why.

    summary.py FOLDER

Exit status 1 if a test failed, or if there was none at all.
"""

import pathlib
import sys
import xml.etree.ElementTree


MOST_LINES = 12  # of a failure's reason, from its beginning and from its end


def reason(element):
    """What a report gives as the reason, line by line."""
    text = element.get("message") or element.text or "no reason given"
    return [line[:200] for line in text.strip().splitlines()]


def shortened(lines):
    """Lists are long, and what is missing in one comes last."""
    left_out = len(lines) - 2 * MOST_LINES
    if left_out > 0:
        lines = [*lines[:MOST_LINES], f"({left_out} more lines)", *lines[-MOST_LINES:]]
    return "\n        ".join(lines)


def main(folder):
    passed, skipped, failed = 0, [], []
    for report in sorted(pathlib.Path(folder).rglob("TEST-*.xml")):
        for case in xml.etree.ElementTree.parse(report).getroot().iter("testcase"):
            name = case.get("classname", "").rpartition(".")[2] + "." + case.get("name", "")
            broken = case.find("failure") if case.find("failure") is not None else case.find("error")
            if broken is not None:
                failed.append(f"FAILED  {name}: {shortened(reason(broken))}")
            elif case.find("skipped") is not None:
                skipped.append(f"SKIPPED {name}: {reason(case.find('skipped'))[0]}")
            else:
                passed += 1
    print("\n".join(["", *skipped, *failed]))
    print(f"{passed} tests passed, {len(failed)} failed, {len(skipped)} skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
