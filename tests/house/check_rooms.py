#!/usr/bin/python3
"""Holds the code to its rooms.

Reads the fairlead_room(...) declarations of pkg/CMakeLists.txt and every #include of pkg/ and cmd/, and says where
the two disagree. pkg/room.cmake explains the declarations; the tables below are the rest of the rules.
"""

import pathlib
import re
import sys

# From the ground up: a room may use those on its own floor, declared before it, and those below.
FLOORS = ["ground", "parts", "meaning", "change", "services", "top"]
# Rooms on this floor never include one another: the top joins them.
APART = "services"
# What a command may include: its flags, and the rooms that do what it says.
COMMAND_ROOMS = {"app", "ctl"}

# A library with a big surface lives where it is named and nowhere else. The first pattern that fits a header decides.
FENCES = [
    (r"uv\.h|uv/.*", {"loop"}),
    (r"openssl/(sha|evp)\.h", {"tls", "websocket", "sticky", "config", "apply"}),
    (r"openssl/.*", {"tls"}),
    (r"grpc(pp)?/.*", {"control", "ctl"}),
    (r".*\.grpc\.pb\.h", {"control", "ctl"}),
    (r".*\.pb\.h|google/protobuf/.*", {"config", "control", "ctl"}),
    (r"prometheus/.*", {"telemetry"}),
    (r"boost/.*", {"http1"}),
    (r"re2/.*", {"route", "config"}),
    (r"yaml-cpp/.*", {"config"}),
    (r"ares(_.*)?\.h", {"dns"}),
    (r"spdlog/.*", {"telemetry"}),
    (r"xxhash\.h", {"balancer"}),
    (r"curl/.*", {"kube"}),
    (r"CLI/.*", {"cmd"}),
]

ROOM = re.compile(r"^fairlead_room\(\s*(?P<name>\w+)(?P<rest>[^)]*)\)", re.MULTILINE)
# The sentence of a README.md that names what the room may include.
DEPENDS = re.compile(r"Depends on .*?\.(?=\s)", re.DOTALL)
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')
SOURCES = {".h", ".cc"}


class Room:
    """One declaration: `order` counts from the first in the file."""

    def __init__(self, name, rest, order):
        self.name = name
        self.order = order
        words = {"FLOOR": [], "DEPS": [], "LIBS": []}
        current = []
        for word in rest.split():
            if word in words:
                current = words[word]
            else:
                current.append(word)
        self.floor = words["FLOOR"][0] if words["FLOOR"] else ""
        self.deps = words["DEPS"]


def declared_rooms(cmake_text):
    """The rooms by name, in the order of the file."""
    plain = re.sub(r"#.*", "", cmake_text)
    rooms = [Room(match["name"], match["rest"], order) for order, match in enumerate(ROOM.finditer(plain))]
    return {room.name: room for room in rooms}


def check_declaration(room, rooms):
    """What is wrong with a room's own line."""
    if room.floor not in FLOORS:
        yield f"room {room.name} is on floor '{room.floor}'; the floors are {', '.join(FLOORS)}"
        return
    for name in room.deps:
        dep = rooms.get(name)
        if dep is None:
            yield f"room {room.name} depends on {name}, which is not declared"
        elif dep.floor == room.floor == APART:
            yield f"room {room.name} depends on {name}: rooms on floor {APART} never know one another"
        elif dep.floor in FLOORS and FLOORS.index(dep.floor) > FLOORS.index(room.floor):
            yield f"room {room.name} ({room.floor}) depends on {name} ({dep.floor}): arrows never point up"
        elif dep.order >= room.order:
            yield f"room {room.name} depends on {name}, which is declared after it"


def check_folders(root, rooms):
    """Folders without a declaration, declarations without a folder, rooms without a README.md."""
    folders = {folder.name for folder in (root / "pkg").iterdir()
               if folder.is_dir() and any(folder.rglob("*.*"))}
    for name in sorted(folders - rooms.keys()):
        yield f"pkg/{name} is not declared: pkg/CMakeLists.txt wants a fairlead_room({name} FLOOR …)"
    for name in sorted(rooms.keys() - folders):
        yield f"room {name} is declared, but pkg/{name} is empty"
    for name in sorted(folders & rooms.keys()):
        if not (root / "pkg" / name / "README.md").is_file():
            yield f"pkg/{name} has no README.md: its job, what it may depend on, where to start reading"


def check_readme(root, room, rooms):
    """Where a room's README.md names other rooms than its declaration; one that names none says it in words."""
    readme = root / "pkg" / room.name / "README.md"
    said = DEPENDS.search(readme.read_text(encoding="utf-8")) if readme.is_file() else None
    named = set(re.findall(r"`(\w+)`", said[0])) & rooms.keys() if said else set()
    if not named:
        return
    for name in sorted(set(room.deps) - named):
        yield f"pkg/{room.name}/README.md does not say that it depends on {name}"
    for name in sorted(named - set(room.deps)):
        yield f"pkg/{room.name}/README.md says that it depends on {name}, and it does not"


def check_fence(owner, path):
    """What is wrong with `owner`, a room or "cmd", including `path`; "" when nothing is."""
    for pattern, allowed in FENCES:
        if re.fullmatch(pattern, path):
            return "" if owner in allowed else f'"{path}" stays in {", ".join(sorted(allowed))}'
    return ""


def check_include(owner, may_use, source, path):
    """As check_fence, with the rules about our own headers."""
    is_test = source.stem.endswith(("_test", "_benchmark"))
    top, _, rest = path.partition("/")
    if top == "pkg":
        target = rest.partition("/")[0]
        return "" if target in may_use else f'"{path}": {owner} does not declare {target} among its DEPS'
    if top == "cmd":
        return "" if owner == "cmd" else f'"{path}": commands are included by nobody'
    if top == "tests":
        return "" if is_test else f'"{path}": only a *_test.cc or *_benchmark.cc includes what tests share'
    if (source.parent / path).is_file():
        return f'"{path}": our includes start at the root (pkg/…)'
    return check_fence(owner, path)


def check_files(root, folder, owner, may_use):
    """What is wrong with the includes of the sources in a folder."""
    for source in sorted(file for file in folder.rglob("*") if file.suffix in SOURCES):
        for number, line in enumerate(source.read_text(encoding="utf-8").splitlines(), start=1):
            match = INCLUDE.match(line)
            wrong = check_include(owner, may_use, source, match[1]) if match else ""
            if wrong:
                yield f"{source.relative_to(root)}:{number}: {wrong}"


def check(root):
    """Everything that is wrong with the tree below `root`, one line each."""
    rooms = declared_rooms((root / "pkg/CMakeLists.txt").read_text(encoding="utf-8"))
    wrong = list(check_folders(root, rooms))
    for room in rooms.values():
        wrong += check_declaration(room, rooms)
        wrong += check_readme(root, room, rooms)
        wrong += check_files(root, root / "pkg" / room.name, room.name, {room.name, *room.deps})
    wrong += check_files(root, root / "cmd", "cmd", COMMAND_ROOMS)
    return wrong


def main():
    wrong = check(pathlib.Path(__file__).resolve().parents[2])
    for line in wrong:
        print(line)
    print(f"rooms: {len(wrong)} wrong" if wrong else "rooms: in order")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
