"""Counts the tests of Surefire's reports and prints one line for each that was skipped or failed.

    summary.py FOLDER

Exit status 1 if a test failed, or if there was none at all.
"""

import pathlib
import sys
import xml.etree.ElementTree


def first_line(element):
    """The reason a report gives, in one line."""
    text = element.get("message") or element.text or "no reason given"
    return text.strip().splitlines()[0]


def main(folder):
    passed, skipped, failed = 0, [], []
    for report in sorted(pathlib.Path(folder).rglob("TEST-*.xml")):
        for case in xml.etree.ElementTree.parse(report).getroot().iter("testcase"):
            name = case.get("classname", "").rpartition(".")[2] + "." + case.get("name", "")
            broken = case.find("failure") if case.find("failure") is not None else case.find("error")
            if broken is not None:
                failed.append(f"FAILED  {name}: {first_line(broken)}")
            elif case.find("skipped") is not None:
                skipped.append(f"SKIPPED {name}: {first_line(case.find('skipped'))}")
            else:
                passed += 1
    print("\n".join(["", *skipped, *failed]))
    print(f"{passed} tests passed, {len(failed)} failed, {len(skipped)} skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
