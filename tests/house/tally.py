"""Counts the single cases of a test run and closes with one line: `N passed, N failed`.

A program that writes its cases to NAME.xml counts as those cases. One that does not, or that ends badly although
its cases passed (a crash, a leak found at exit, no file at all), counts as one case by itself: the word of ctest.
"""

import pathlib
import sys
import xml.etree.ElementTree as ElementTree


class Tally:
    """How many cases passed, and the names of those that failed or were left out."""

    def __init__(self):
        self.passed = 0
        self.failed = []
        self.skipped = []

    def add(self, name, case):
        """Counts one <testcase>, as gtest and pytest write it; why it was left out goes with its name."""
        if case.find("failure") is not None or case.find("error") is not None:
            self.failed.append(name)
        elif case.find("skipped") is not None or case.get("status") == "notrun":
            reason = case.find("skipped").get("message") if case.find("skipped") is not None else None
            self.skipped.append(f"{name}: {reason}" if reason else name)
        else:
            self.passed += 1


def cases_of(report):
    """The <testcase> elements of a report with their full names; none when it was cut short."""
    try:
        root = ElementTree.parse(report).getroot()
    except (OSError, ElementTree.ParseError):
        return []
    return [(f"{case.get('classname', '')}.{case.get('name')}", case) for case in root.iter("testcase")]


def tally(results):
    """The tally of a folder that holds ctest.junit and the programs' own reports."""
    total = Tally()
    programs = cases_of(results / "ctest.junit")
    if not programs:
        total.failed.append("ctest: it ran nothing")
    for _, program in programs:
        name = program.get("name")
        own = Tally()
        for case_name, case in cases_of(results / f"{name}.xml"):
            own.add(f"{name}: {case_name}", case)
        if program.get("status") != "run" and not own.failed:
            own.failed.append(name)
        elif not (own.passed or own.failed or own.skipped):
            own.passed = 1
        total.passed += own.passed
        total.failed += own.failed
        total.skipped += own.skipped
    return total


def main(results):
    total = tally(pathlib.Path(results))
    for name in total.skipped:
        print(f"skipped: {name}")
    for name in total.failed:
        print(f"failed: {name}")
    print(f"{total.passed} passed, {len(total.failed)} failed")
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
