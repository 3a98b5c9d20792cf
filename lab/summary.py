"""Counts the tests of Surefire's reports; says which were skipped or failed, and why.

    summary.py FOLDER           the summary; exit status 1 if a test failed, or if there was none
    summary.py --again FOLDER   the tests to run once more, as Surefire names them

FOLDER has one folder for each run. What a test did in the last of them counts.
"""

import collections
import pathlib
import re
import sys
import xml.etree.ElementTree


MOST_LINES = 12  # of a failure's reason, from its beginning and from its end
GUEST_LOST = "the guest's kernel crashed"  # LabExtension says so: nothing is known of the product
LAST_WORDS = "Suppressed: org.holdfast.lab.endtoend.LastWords: "


def reason(element):
    """What a report gives as the reason, line by line."""
    text = element.get("message") or element.text or "no reason given"
    return [line[:200] for line in text.strip().splitlines()]


def last_words(element):
    """What the hosts of the lab said before the failure, if its trace has that."""
    _, found, words = (element.text or "").partition(LAST_WORDS)
    lines = re.split(r"\n\s*(?:at |\.\.\. |Caused by: |Suppressed: )", words)[0].splitlines()
    return [line[:240] for line in lines] if found else []


def shortened(lines):
    """Lists are long, and what is missing in one comes last."""
    left_out = len(lines) - 2 * MOST_LINES
    if left_out > 0:
        lines = [*lines[:MOST_LINES], f"({left_out} more lines)", *lines[-MOST_LINES:]]
    return lines


def outcomes(folder):
    """The last outcome of each test: what its report says of a failure or of why it was skipped, or None.

    A test is its class, its name, and a number: one run may have several of the same name.
    """
    found = {}
    for run in sorted(pathlib.Path(folder).iterdir()):
        seen = collections.Counter()
        for report in sorted(run.rglob("TEST-*.xml")):
            for case in xml.etree.ElementTree.parse(report).getroot().iter("testcase"):
                name = case.get("classname", "").rpartition(".")[2], case.get("name", "")
                seen[name] += 1
                said = [case.find(kind) for kind in ("failure", "error", "skipped")]
                found[*name, seen[name]] = next((element for element in said if element is not None), None)
    return found


def again(found):
    """Tests whose guest was lost to the emulator: Class#method+method, one class after the other."""
    lost = {}
    for (test_class, name, _), element in found.items():
        if element is not None and element.tag == "skipped" and reason(element)[0].startswith(GUEST_LOST):
            lost.setdefault(test_class, {})[re.sub(r"\W.*", "", name)] = True
    return ",".join(f"{test_class}#{'+'.join(methods)}" for test_class, methods in lost.items())


def summarize(found):
    skipped, failed = [], []
    for (test_class, name, _), element in found.items():
        if element is None:
            continue
        if element.tag == "skipped":
            skipped.append(f"SKIPPED {test_class}.{name}: {reason(element)[0]}")
        else:
            lines = [*shortened(reason(element)), *last_words(element)]
            failed.append(f"FAILED  {test_class}.{name}: " + "\n        ".join(lines))
    passed = len(found) - len(skipped) - len(failed)
    print("\n".join(["", *skipped, *failed]))
    print(f"{passed} tests passed, {len(failed)} failed, {len(skipped)} skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    if sys.argv[1] == "--again":
        print(again(outcomes(sys.argv[2])))
    else:
        sys.exit(summarize(outcomes(sys.argv[1])))
