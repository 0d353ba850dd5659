#!/usr/bin/python3
"""Proves one of these, aloud, in a few minutes; exits with 1 when it cannot.

reload   tunnels that talk and newcomers lose nothing while the configuration is changed 100 times
push     nor while membership and policy are pushed 1,000 times, and no message is late for it
rotate   nor while certificates are exchanged 100 times under TLS tunnels
kill     nor when backends die, or come, under load
drain    tunnels that have to go are told so, at the pace that was asked for, and lose nothing
scale    a fifth backend comes, and only what belongs to it moves there
ping     silent tunnels stay open, for next to nothing
list     9,000 tunnels are listed at once, and no message waits for it
cursor   to look at the frames of a WebSocket costs next to nothing
counts   the metrics count what is there, and no client can add a series to them
"""

import argparse
import contextlib
import pathlib
import signal
import sys
import tempfile

import stage  # first: it knows where the others' modules are
import counts
import cursors
import draining
import kills
import listings
import pings
import processes
import pushes
import reloads
import rotations
import scale_outs
import verdict

ROOT = pathlib.Path(__file__).resolve().parents[2]


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=PROOFS)
    parser.add_argument("--quick", action="store_true", help="the same, small")
    parser.add_argument("--build-dir", default=ROOT / "build/release", help="where the programs were built")
    return parser.parse_args()


def give_up(number, _frame):
    raise processes.BenchError(signal.Signals(number).name)


PROOFS = {"reload": reloads, "push": pushes, "rotate": rotations, "kill": kills, "drain": draining, "scale": scale_outs,
          "ping": pings, "list": listings, "cursor": cursors, "counts": counts}
TIME_LIMIT = 300  # seconds


def main():
    arguments = parse_arguments()
    signal.signal(signal.SIGTERM, give_up)
    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(TIME_LIMIT)
    processes.limit_descriptors(at_most_what_there_is=arguments.quick)
    proof = PROOFS[arguments.name]
    found = verdict.Verdict()
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="fairlead-proof-"))
        scene = stage.Stage(arguments.build_dir, directory, stack, TIME_LIMIT)
        stack.callback(lambda: sys.stderr.write(scene.complaints() if found.misses else ""))
        proof.prove(scene, proof.QUICK if arguments.quick else proof.WHOLE, found)
    print(f"{arguments.name}: {f'{found.misses} MISSED' if found.misses else 'proved'}")
    return 1 if found.misses else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (AssertionError, processes.BenchError, OSError) as error:
        sys.exit(f"proof: {error}")
