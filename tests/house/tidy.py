"""Runs clang-tidy over the sources that have changed since they last passed; tests are left out, they speak for
themselves when they run.

What a source has passed with is remembered in BUILD/lint as a hash of everything that it depends on: itself, our
headers that it includes, how it is compiled, the checks. A build must have run before: it knows the headers.
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
TIDY = "clang-tidy-14"
ROOMS = ("cmd", "pkg", "tests")


def headers_by_object(build):
    """What the compiler said each object was made from, as ninja remembers it, without the system's headers."""
    listing = subprocess.run(["ninja", "-C", build, "-t", "deps"], check=True, capture_output=True, text=True).stdout
    headers = {}
    current = []
    for line in listing.splitlines():
        if line.startswith("    "):
            path = (build / line.strip()).resolve()
            if path.is_relative_to(ROOT):
                current.append(path)
        elif line:
            current = headers.setdefault(line.partition(":")[0], [])
    return headers


def fingerprint(entry, headers, checks):
    """The hash of everything that what clang-tidy says of a source depends on."""
    state = hashlib.sha256(checks)
    state.update(entry["command"].encode())
    for path in sorted({pathlib.Path(entry["file"]), *headers}):
        state.update(str(path.relative_to(ROOT)).encode() + b"\0")
        state.update(path.read_bytes() if path.exists() else b"gone")
    return state.hexdigest()


def work_list(build):
    """The sources to look at: their paths, each with its fingerprint."""
    version = subprocess.run([TIDY, "--version"], check=True, capture_output=True).stdout
    checks = version + (ROOT / ".clang-tidy").read_bytes()
    headers = headers_by_object(build)
    work = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        source = pathlib.Path(entry["file"])
        ours = source.is_relative_to(ROOT) and source.relative_to(ROOT).parts[0] in ROOMS
        if ours and not source.stem.endswith("_test"):
            compiled = re.search(r" -o (\S+)", entry["command"])[1]
            work[source] = fingerprint(entry, headers.get(compiled, []), checks)
    return work


def look_at(build, source):
    """What clang-tidy says of a source; "" when it passes."""
    result = subprocess.run([TIDY, "--quiet", "-p", build, source], capture_output=True, text=True)
    return (result.stdout or result.stderr) if result.returncode else ""


def main(build):
    passed = build / "lint"
    passed.mkdir(exist_ok=True)
    work = {source: mark for source, mark in work_list(build).items() if not (passed / mark).exists()}
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        running = {pool.submit(look_at, build, source): (source, mark) for source, mark in work.items()}
        for future in concurrent.futures.as_completed(running):
            source, mark = running[future]
            said = future.result()
            if said:
                failed += 1
                print(said)
            else:
                (passed / mark).touch()
    print(f"clang-tidy: {len(work)} looked at, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve()))
