"""The Autobahn test suite: where it is, and how it is put there.

    autobahn.py install    puts it into build/autobahn, where there is a CPython 2.7 and PyPI can be reached

It needs a CPython 2.7: `python2.7`, or one of pyenv's. Who has neither is told so, and goes without.
"""

import functools
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
HOME = HERE.parents[2] / "build" / "autobahn"
REQUIREMENTS = HERE / "requirements.txt"


@functools.cache
def python():
    """A CPython 2.7, or None."""
    candidates = [shutil.which("python2.7")]
    if shutil.which("pyenv"):
        root = subprocess.run(["pyenv", "root"], capture_output=True, text=True, check=True).stdout.strip()
        candidates += sorted(pathlib.Path(root).glob("versions/2.7.*/bin/python2.7"))
    # One of pyenv's stand-ins is there although what it stands for is not.
    for candidate in filter(None, candidates):
        if subprocess.run([candidate, "-c", ""], capture_output=True, check=False).returncode == 0:
            return os.fspath(candidate)
    return None


def installed():
    """Whether the suite is there, as the requirements have it."""
    mark = HOME / "installed.txt"
    return python() is not None and mark.exists() and mark.read_text() == REQUIREMENTS.read_text()


def install():
    if installed():
        return
    interpreter = python()
    if interpreter is None:
        sys.exit("there is no CPython 2.7 (python2.7, or pyenv install 2.7.18)")
    shutil.rmtree(HOME, ignore_errors=True)
    HOME.mkdir(parents=True)
    pip = [interpreter, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    subprocess.run([*pip, "--no-deps", "--target", HOME / "site", "-r", REQUIREMENTS], check=True)
    shutil.copy(REQUIREMENTS, HOME / "installed.txt")


if __name__ == "__main__":
    if sys.argv[1:] != ["install"]:
        sys.exit(__doc__)
    try:
        install()
    except (subprocess.CalledProcessError, OSError) as error:
        sys.exit(f"it cannot be installed: {error}")
