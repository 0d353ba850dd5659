"""Small trees, each with one thing wrong, and what is said about it."""

import pathlib

import check_rooms
import pytest

CMAKE = """
include(room.cmake)
# fairlead_room(commented FLOOR ground)
fairlead_room(base FLOOR ground LIBS absl::status)
fairlead_room(http1 FLOOR ground DEPS base)
fairlead_room(loop FLOOR parts DEPS base
              LIBS PkgConfig::UV)
fairlead_room(admin FLOOR services DEPS base loop)
fairlead_room(proxy FLOOR services DEPS base loop http1)
fairlead_room(app FLOOR top DEPS admin proxy)
"""


class Tree:
    """A tree that is in order until something is written into it."""

    def __init__(self, root):
        self.root = root
        self.cmake = CMAKE
        for room in ("base", "http1", "loop", "admin", "proxy", "app"):
            self.write(f"pkg/{room}/README.md", "What it is for.")
        self.write("pkg/loop/loop.cc", '#include <uv.h>\n#include <vector>\n#include "pkg/base/clock.h"\n')
        self.write("pkg/loop/loop.h", '#pragma once\n#include "absl/status/status.h"\n')
        self.write("cmd/fairlead/main.cc", '#include <CLI/CLI.hpp>\n#include "pkg/app/app.h"\n')

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def check(self):
        self.write("pkg/CMakeLists.txt", self.cmake)
        return check_rooms.check(self.root)


@pytest.fixture
def tree(tmp_path):
    return Tree(tmp_path)


def test_a_tree_in_order_is_silent(tree):
    assert tree.check() == []


def test_this_tree_is_in_order():
    wrong = check_rooms.check(pathlib.Path(__file__).resolve().parents[2])
    assert not wrong, "\n".join(wrong)


def test_says_where_a_readme_names_other_rooms(tree):
    tree.write("pkg/proxy/README.md", "A room. Depends on `base`, `loop` (`turns.h`)\nand `admin`. Start with `http1`.\n")
    assert tree.check() == ["pkg/proxy/README.md does not say that it depends on http1",
                            "pkg/proxy/README.md says that it depends on admin, and it does not"]
    tree.write("pkg/proxy/README.md", "A room. Depends on `base`, `loop` and `http1`.\n")
    assert tree.check() == []


@pytest.mark.parametrize(("path", "include", "said"), [
    ("pkg/http1/a.cc", '"pkg/loop/loop.h"', "http1 does not declare loop among its DEPS"),
    ("pkg/admin/a.h", '"pkg/proxy/worker.h"', "admin does not declare proxy among its DEPS"),
    ("pkg/http1/a_test.cc", '"pkg/loop/loop.h"', "http1 does not declare loop among its DEPS"),
    ("cmd/fairlead/a.cc", '"pkg/base/clock.h"', "cmd does not declare base among its DEPS"),
    ("pkg/base/a.cc", '"cmd/fairlead/flags.h"', "commands are included by nobody"),
    ("pkg/base/a.cc", '"tests/support/fake_clock.h"', "only a *_test.cc"),
    ("pkg/loop/a.cc", '"loop.h"', "our includes start at the root"),
    ("pkg/proxy/a.cc", "<uv.h>", '"uv.h" stays in loop'),
    ("pkg/base/a.cc", "<openssl/ssl.h>", '"openssl/ssl.h" stays in tls'),
    ("pkg/base/a.cc", "<openssl/sha.h>", "stays in apply, config, sticky, tls, websocket"),
    ("pkg/proxy/a.h", '"fairlead/config/v1/config.pb.h"', "stays in config, control, ctl"),
    ("pkg/base/a.cc", "<google/protobuf/message.h>", "stays in config, control"),
    ("pkg/proxy/a.cc", "<prometheus/counter.h>", "stays in telemetry"),
    ("pkg/proxy/a.cc", "<boost/asio.hpp>", "stays in http1"),
    ("pkg/proxy/a.cc", "<spdlog/spdlog.h>", "stays in telemetry"),
    ("pkg/app/a.cc", "<CLI/CLI.hpp>", "stays in cmd"),
])
def test_says_what_an_include_breaks(tree, path, include, said):
    tree.write(path, f"#pragma once\n  #  include {include}\n")
    (wrong,) = tree.check()
    assert wrong.startswith(f"{path}:2: ")
    assert said in wrong


@pytest.mark.parametrize(("path", "include"), [
    ("pkg/http1/a_test.cc", '"tests/support/fake_clock.h"'),
    ("pkg/http1/a.cc", "<boost/beast/http/basic_parser.hpp>"),
    ("pkg/http1/a.cc", '"pkg/http1/b.h"'),
    ("cmd/fairlead/a.cc", '"cmd/fairlead/flags.h"'),
])
def test_takes_an_include_that_is_allowed(tree, path, include):
    tree.write(path, f"#include {include}\n")
    assert tree.check() == []


@pytest.mark.parametrize(("line", "said"), [
    ("fairlead_room(extra FLOOR ground DEPS loop)", "room extra (ground) depends on loop (parts): arrows never point up"),
    ("fairlead_room(extra FLOOR services DEPS admin)", "rooms on floor services never know one another"),
    ("fairlead_room(extra FLOOR parts DEPS later)\nfairlead_room(later FLOOR parts)", "later, which is declared after it"),
    ("fairlead_room(extra FLOOR parts DEPS extra)", "extra, which is declared after it"),
    ("fairlead_room(extra FLOOR parts DEPS nobody)", "room extra depends on nobody, which is not declared"),
    ("fairlead_room(extra FLOOR attic)", "room extra is on floor 'attic'"),
    ("fairlead_room(extra DEPS base)", "room extra is on floor ''"),
])
def test_says_what_a_declaration_breaks(tree, line, said):
    tree.cmake += line + "\n"
    for room in ("extra", "later"):
        if f"fairlead_room({room} " in line:
            tree.write(f"pkg/{room}/README.md", "What it is for.")
    (wrong,) = tree.check()
    assert said in wrong


def test_says_that_a_folder_is_not_declared(tree):
    tree.write("pkg/attic/README.md", "What it is for.")
    assert tree.check() == ["pkg/attic is not declared: pkg/CMakeLists.txt wants a fairlead_room(attic FLOOR …)"]


def test_says_that_a_room_has_no_folder(tree):
    tree.cmake += "fairlead_room(attic FLOOR top)\n"
    assert tree.check() == ["room attic is declared, but pkg/attic is empty"]


def test_says_that_a_room_has_no_readme(tree):
    (tree.root / "pkg/http1/README.md").unlink()
    tree.write("pkg/http1/fields.h", "#pragma once\n")
    (wrong,) = tree.check()
    assert wrong.startswith("pkg/http1 has no README.md")
