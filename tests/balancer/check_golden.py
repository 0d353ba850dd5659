"""Checks the written picks of the hashing policies against the second implementation, on 10,000 keys each.

    check_golden.py FILE           every list of picks in FILE is what the reference picks
    check_golden.py FILE --write   puts them there
"""

import sys
from pathlib import Path

import reference
from xxh3 import M64, xxh3_64

KEYS = 10000
SHOWN = 48


def fnv1a(text):
    digest = 0xCBF29CE484222325
    for byte in text.encode():
        digest = (digest ^ byte) * 0x100000001B3 & M64
    return digest


def host_of(words):
    settings = {}
    for word in words[2:]:
        name, _, value = word.partition("=")
        settings[name] = int(value) if value else True
    return reference.Host(words[0], int(words[1]), **settings)


def picks_of(stanza):
    settings = {"table_size": 65537, "bounded_load_permille": 0, "prefer_same_zone": 0, "failover_percent": 70,
                "panic_percent": 0}
    hosts, policy = [], None
    for line in stanza:
        name, *words = line.split()
        if name == "policy":
            policy = words[0]
        elif name == "host":
            hosts.append(host_of(words))
        elif name in settings:
            settings[name] = int(words[0])
    selector = reference.Selector(policy, hosts, **settings)
    picks = [selector.pick(xxh3_64(f"key-{i}".encode())) for i in range(KEYS)]
    shown = " ".join(str(pick) for pick in picks[:SHOWN])
    digest = fnv1a(" ".join(str(pick) for pick in picks))
    return [f"picks {shown}", f"digest {digest:016x}"]


def main():
    path = Path(sys.argv[1])
    write = "--write" in sys.argv[2:]
    comment, *stanzas = path.read_text().split("\n\n")
    written, wrong = [comment], 0
    for stanza in stanzas:
        lines = stanza.strip().split("\n")
        given = [line for line in lines if not line.startswith(("picks ", "digest "))]
        expected = given + picks_of(given)
        if expected != lines and not write:
            wrong += 1
            print(f"{lines[0]}: differs from the reference, which has\n  " + "\n  ".join(expected[-2:]))
        written.append("\n".join(expected))
    if write:
        path.write_text("\n\n".join(written) + "\n")
    print(f"{len(stanzas)} lists of {KEYS} picks, {wrong} differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
