"""What the closing line of a test run counts."""

import pytest
import tally

GTEST = """<testsuites><testsuite name="Tunnel">
<testcase name="Relays" status="run" classname="Tunnel"/>
<testcase name="Ends" status="run" classname="Tunnel">{outcome}</testcase>
</testsuite></testsuites>"""


@pytest.fixture
def results(tmp_path):
    """Writes a folder of results: ctest's word on each program, and the reports that programs wrote."""

    def write(programs, reports):
        cases = "".join(f'<testcase name="{name}" status="{status}"/>' for name, status in programs.items())
        (tmp_path / "ctest.junit").write_text(f"<testsuite>{cases}</testsuite>")
        for name, text in reports.items():
            (tmp_path / f"{name}.xml").write_text(text)
        return tally.tally(tmp_path)

    return write


def test_counts_the_cases_of_a_program_instead_of_the_program(results):
    total = results({"tunnel_test": "run"}, {"tunnel_test": GTEST.format(outcome="")})
    assert (total.passed, total.failed) == (2, [])


def test_counts_a_program_without_a_report_as_one_case(results):
    total = results({"bench_quick": "run", "rooms": "fail"}, {})
    assert (total.passed, total.failed) == (1, ["rooms"])


def test_names_the_case_that_failed(results):
    total = results({"tunnel_test": "fail"}, {"tunnel_test": GTEST.format(outcome='<failure message="no"/>')})
    assert (total.passed, total.failed) == (1, ["tunnel_test: Tunnel.Ends"])


def test_counts_a_crash_that_left_no_report_as_failed(results):
    total = results({"tunnel_test": "fail"}, {})
    assert (total.passed, total.failed) == (0, ["tunnel_test"])


def test_counts_a_program_that_could_not_be_run_as_failed(results):
    total = results({"tunnel_test": "notrun"}, {})
    assert (total.passed, total.failed) == (0, ["tunnel_test"])


def test_counts_a_report_cut_short_as_failed(results):
    total = results({"tunnel_test": "fail"}, {"tunnel_test": "<testsuites><testsuite"})
    assert (total.passed, total.failed) == (0, ["tunnel_test"])


def test_counts_a_bad_end_after_good_cases_as_failed(results):
    total = results({"tunnel_test": "fail"}, {"tunnel_test": GTEST.format(outcome="")})
    assert (total.passed, total.failed) == (2, ["tunnel_test"])


def test_leaves_skipped_cases_out_of_both_counts(results):
    total = results({"tunnel_test": "run"}, {"tunnel_test": GTEST.format(outcome="<skipped/>")})
    assert (total.passed, total.failed, total.skipped) == (1, [], ["tunnel_test: Tunnel.Ends"])


def test_says_why_a_case_was_left_out(results):
    left_out = '<skipped message="NOT RUN: there is no Go"/>'
    total = results({"tunnel_test": "run"}, {"tunnel_test": GTEST.format(outcome=left_out)})
    assert total.skipped == ["tunnel_test: Tunnel.Ends: NOT RUN: there is no Go"]


def test_fails_when_nothing_ran(tmp_path):
    assert tally.tally(tmp_path).failed == ["ctest: it ran nothing"]
