"""docs/threat-model.md promises nothing that no test holds: every test and file that it names exists."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs/threat-model.md").read_text()
GTEST = re.compile(r"^TEST(?:_F|_P)?\((\w+), (\w+)\)", re.M)


def existing_tests():
    found = set()
    for folder in ("pkg", "tests"):
        for file in (ROOT / folder).rglob("*_test.cc"):
            found |= {f"{suite}.{test}" for suite, test in GTEST.findall(file.read_text())}
    for file in (ROOT / "tests/e2e").glob("test_*.py"):
        found |= {f"{file.name}::{test}" for test in re.findall(r"^def (test_\w+)", file.read_text(), re.M)}
    return found


def named():
    return re.findall(r"`([A-Z]\w+\.[A-Z]\w+|test_\w+\.py::test_\w+)`", TEXT)


def test_every_test_that_is_named_exists():
    assert len(named()) > 30
    assert sorted(set(named()) - existing_tests()) == []


def test_every_case_file_is_named_and_exists():
    files = {file.name for file in (ROOT / "tests/conformance/http1").iterdir()}
    mentioned = set(re.findall(r"`(\w+\.txt)`", TEXT))
    assert mentioned <= files
    assert files - mentioned <= {"expect.txt", "pipelining.txt"}
