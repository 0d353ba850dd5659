"""The proxy's handle and the certificates are those of the end-to-end tests."""

import pathlib
import sys

TESTS = pathlib.Path(__file__).parents[2]
sys.path[:0] = [str(TESTS / "e2e"), str(TESTS / "bench")]
