"""fairleadctl against a proxy that runs: each command, its output for people and for programs, its exit code."""

import json
import os
import pty
import re
import subprocess

import certificates
import fairlead
import fairleadctl
import programs
import pytest
from fairleadctl import REFUSED, UNREACHABLE, USAGE

BACKENDS = [{"id": "a", "address": "127.0.0.1:9001"}, {"id": "b", "address": "127.0.0.1:9002"}]


def configuration(socket, endpoints=None, owner="PUSH", **more):
    chat = {"name": "backend", "endpoints": BACKENDS if endpoints is None else endpoints,
            "load_balancing": {"policy": "MAGLEV"}}
    return fairlead.config(clusters=[chat], control={"owner": owner, "address": socket},
                           node={"id": "gateway-0"}, **more)


@pytest.fixture
def socket(tmp_path):
    return f"unix:{tmp_path}/run/control.sock"


@pytest.fixture
def proxy(start_fairlead, socket):
    return start_fairlead(configuration(socket))


@pytest.fixture
def ctl(proxy, socket):
    return fairleadctl.Ctl(socket)


def write(file, content):
    file.write_text(json.dumps(content))
    return file


def rows(text):
    """A table without its titles, split at its gaps."""
    return [re.split(r" {2,}", line.strip()) for line in text.splitlines()[1:]]


def test_what_get_shows_is_what_apply_takes(ctl, tmp_path):
    shown = ctl("get")
    assert shown.startswith("# revision 1, etag ")
    file = tmp_path / "shown.yaml"
    file.write_text(shown)
    assert ctl("diff", "-f", file) == "dry run against revision 1: nothing changes\n"
    assert ctl.json("get")["config"]["clusters"][0]["endpoints"][1]["id"] == "b"


def test_a_dry_run_says_what_would_change_and_changes_nothing(ctl, socket, tmp_path):
    wanted = write(tmp_path / "wanted.json", configuration(socket, endpoints=BACKENDS[:1]))
    before = ctl("get")
    told = ctl("apply", "-f", wanted, "--dry-run")
    assert told == ctl("diff", "-f", wanted)
    assert told.splitlines()[:2] == ["dry run against revision 1: 1 change", "  clusters[backend].endpoints[b]"]
    moved = re.search(r"^backend +0 +1 +(\S+)% +0$", told, re.MULTILINE)
    assert 40 < float(moved[1]) < 60
    assert "\n  - backend/b\n" in told
    assert ctl("get") == before


def test_apply_revisions_and_rollback(ctl, socket, tmp_path):
    wanted = write(tmp_path / "wanted.json", configuration(socket, endpoints=BACKENDS[:1]))
    applied = ctl.json("apply", "-f", wanted)
    assert applied["revision"] == "2"
    assert applied["impact"]["clusters"][0]["endpoints_removed"] == ["b"]
    assert [row[0] for row in rows(ctl("revisions"))] == ["2", "1"]
    assert [revision["revision"] for revision in ctl.json("revisions", "--limit", "1")["revisions"]] == ["2"]
    assert ctl("rollback", "1").startswith("in force: revision 3, etag ")
    assert len(rows(ctl("endpoints", "list"))) == 2
    assert "revision 99 is not kept" in ctl.refused("rollback", "99")


def test_apply_reads_standard_input(ctl, socket):
    assert "revision 2" in ctl("apply", "-f", "-", stdin=json.dumps(configuration(socket, endpoints=[])))


def test_endpoints(ctl):
    ctl("endpoints", "add", "backend", "127.0.0.1:9003,id=c,weight=2")
    assert rows(ctl("endpoints", "list", "backend"))[-1][:5] == ["backend", "c", "127.0.0.1:9003", "2", "ACTIVE"]
    ctl("endpoints", "drain", "backend", "c")
    assert rows(ctl("endpoints", "list"))[-1][:5] == ["backend", "c", "127.0.0.1:9003", "2", "DRAINING"]
    ctl("endpoints", "activate", "backend", "c")
    ctl("endpoints", "remove", "backend", "a", "b")
    (*told, etag), = rows(ctl("endpoints", "list"))
    assert told == ["backend", "c", "127.0.0.1:9003", "2", "ACTIVE"]
    ctl("endpoints", "add", "backend", "127.0.0.1:9003,id=c", "--etag", etag)
    assert "etag" in ctl.refused("endpoints", "add", "backend", "127.0.0.1:9003,id=c,weight=2", "--etag", etag)
    ctl("endpoints", "set", "backend", "127.0.0.1:9004", "127.0.0.1:9005,hash_id=x")
    listed = ctl.json("endpoints", "list")["clusters"][0]["endpoints"]
    assert [endpoint["address"] for endpoint in listed] == ["127.0.0.1:9004", "127.0.0.1:9005"]
    assert listed[1]["hash_id"] == "x"
    for command in "drain", "remove":
        assert 'cluster "backend" has no endpoint "z"' in ctl.refused("endpoints", command, "backend", "z")
    ctl("endpoints", "set", "backend", "--none")
    assert rows(ctl("endpoints", "list")) == []
    assert 'there is no cluster "nowhere"' in ctl.refused("endpoints", "add", "nowhere", "127.0.0.1:1")


def test_cluster_set_changes_single_fields(ctl):
    assert "clusters[backend].load_balancing" in ctl("cluster", "set", "backend", "load_balancing={policy: ROUND_ROBIN}")
    assert ctl.json("get")["config"]["clusters"][0]["load_balancing"]["policy"].endswith("ROUND_ROBIN")
    assert ctl.refused("cluster", "set", "backend", "load_balancing.polcy=MAGLEV", code=USAGE).startswith(
        "load_balancing.polcy: ")


def test_tunnels(node_websocket_server, start_fairlead, open_tunnel, socket):
    proxy = start_fairlead(configuration(socket, endpoints=[{"id": "node", "address": node_websocket_server.address}]))
    ctl = fairleadctl.Ctl(socket)
    assert ctl("tunnels", "list") == "no tunnel is open that fits\n"
    first, second = open_tunnel(proxy), open_tunnel(proxy)
    first.echo("hello"), second.echo("hello")
    listed = rows(ctl("tunnels", "list", "--order", "age"))
    assert [row[1:4] for row in listed] == [["all", "backend", "node"]] * 2
    assert "1 of 2 tunnels; --limit shows more" in ctl("tunnels", "list", "--limit", "1")
    assert ctl.json("tunnels", "list", "--cluster", "other")["tunnels"] == []
    assert len(ctl.json("tunnels", "list", "--endpoint", "node", "--limit", "0")["tunnels"]) == 2
    shown = ctl.json("tunnels", "list", "--order", "messages")["tunnels"][0]
    assert (shown["messages_received"], shown["messages_sent"]) == ("1", "1")
    assert shown["key"] == ctl.json("explain", "--client-ip", "127.0.0.1")["key"]
    assert len(rows(ctl("tunnels", "list", "--key", shown["key"], "--client", "127.0.0.1"))) == 2
    assert ctl("tunnels", "list", "--min-age", "1h") == "no tunnel is open that fits\n"
    assert "filter.client: is no IP address" in ctl.refused("tunnels", "list", "--client", "localhost")
    assert ctl("tunnels", "close", "--id", listed[0][0], "--code", "4001", "--reason", "moved") == "closing 1 tunnel as drain 1\n"
    assert (first.await_close(), first.socket.close_reason) == (4001, "moved")
    assert ctl("tunnels", "close", "--endpoint", "node", "--rate", "100") == (
        "closing 1 tunnel as drain 2 at 100 a second: about 10ms\n")
    assert second.await_close() == 1012
    assert "close_code: 1006 is none that a Close may have" in ctl.refused("tunnels", "close", "--route", "all", "--code", "1006")
    assert "say which" in ctl.refused("tunnels", "close", code=USAGE)


def test_explain(ctl):
    told = ctl("explain", "/chat?x=1", "--client-ip", "192.0.2.1", "-H", "x-user: ada")
    assert re.search(r"^route +all$", told, re.MULTILINE)
    assert re.search(r"^endpoint +[ab]$", told, re.MULTILINE)
    assert re.search(r"^because +comes in by listener web$", told, re.MULTILINE)
    assert len(ctl.json("explain", "--client-ip", "192.0.2.1")["key"]) == 16
    assert "client_ip" in ctl.refused("explain", "--client-ip", "here")


def test_status_and_its_stream(ctl, socket, tmp_path):
    told = ctl("status")
    assert re.search(r"^node +gateway-0$", told, re.MULTILINE)
    assert re.search(r"^revision +1, applied \S+ ago, run by every worker$", told, re.MULTILINE)
    assert ctl.json("status")["installed_revision"] == "1"
    watch = ctl.start("status", "--watch", "-o", "json")
    try:
        watch.await_line('"revision":"1"')
        ctl("apply", "-f", write(tmp_path / "wanted.json", configuration(socket, endpoints=[])))
        assert json.loads(watch.await_line('.*"installed_revision":"2".*').group(0))["ready"] is True
    finally:
        watch.kill()


def test_what_is_being_closed_can_be_paused_and_cancelled(node_websocket_server, start_fairlead, open_tunnel, socket):
    proxy = start_fairlead(configuration(socket, [{"id": "node", "address": node_websocket_server.address}]))
    ctl = fairleadctl.Ctl(socket)
    assert ctl("drain") == "no drain is under way, or was\n"
    tunnels = [open_tunnel(proxy) for _ in range(3)]
    assert "closing 3 tunnels as drain 1 at 0.01 a second" in ctl("tunnels", "close", "--route", "all", "--rate", "0.01")
    assert rows(ctl("drain", "pause", "1"))[0][:5] == ["1", "requested", "-", "all", "PAUSED"]
    assert rows(ctl("drain", "resume", "1"))[0][4] == "RUNNING"
    assert rows(ctl("drain", "cancel", "1"))[0][4] == "CANCELLED"
    drain, = ctl.json("drain", "list")["drains"]
    assert (drain["total"], drain["told"], drain["close_code"]) == ("3", "1", 1012)
    assert "no drain 1 is under way" in ctl.refused("drain", "cancel", "1")
    assert len(tunnels) == 3, "two of them were never told"


def test_a_rebalance_says_how_many_would_move(node_websocket_server, start_fairlead, open_tunnel, socket):
    backends = [{"id": "node", "address": node_websocket_server.address}]
    more = {"id": "more", "address": "127.0.0.1:9", "weight": 0}
    cluster = {"name": "backend", "endpoints": backends + [more], "load_balancing": {"policy": "LEAST_CONNECTIONS"},
               "rebalance": {"min_age": "0s", "cooldown": "1h"}}
    proxy = start_fairlead(fairlead.config(clusters=[cluster], control={"owner": "PUSH", "address": socket}))
    ctl = fairleadctl.Ctl(socket)
    tunnels = [open_tunnel(proxy) for _ in range(10)]
    assert "no tunnel has to move" in ctl("rebalance", "backend", "--dry-run")
    assert 'cluster: "other" is the name of none' in ctl.refused("rebalance", "other")
    assert "target: 0.5 is out of range" in ctl.refused("rebalance", "backend", "--target", "0.5")
    assert len(tunnels) == 10


def test_drain_waits_until_nothing_is_open(node_websocket_server, start_fairlead, open_tunnel, socket):
    proxy = start_fairlead(configuration(socket, endpoints=[{"address": node_websocket_server.address}],
                                         drain={"delay": "0s", "window": "1s"}))
    ctl = fairleadctl.Ctl(socket)
    open_tunnel(proxy)
    assert ctl("drain", "start", "--wait") == "draining: 1 tunnel is open\ndrained: nothing is open any more\n"
    assert re.search(r"^draining +done, nothing is open$", ctl("status"), re.MULTILINE)
    hook = programs.Program(fairlead.BINARY, "drain", "--wait", "--address", socket)
    assert hook.await_exit() == 0, hook.output()
    assert proxy.process.poll() is None, "a drain never ends the process"


def test_a_drain_is_not_called_done_when_the_proxy_dies(node_websocket_server, start_fairlead, open_tunnel, socket):
    proxy = start_fairlead(configuration(socket, endpoints=[{"address": node_websocket_server.address}],
                                         drain={"delay": "1h", "window": "1h"}))
    open_tunnel(proxy)
    waiting = fairleadctl.Ctl(socket).start("drain", "start", "--wait")
    waiting.await_line("draining: 1 tunnel is open")
    proxy.kill()
    assert waiting.await_exit() == fairleadctl.UNREACHABLE
    assert "not known" in waiting.output()


def test_output_that_nobody_can_read_is_no_success(ctl):
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([*ctl.argv, "get"], stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == fairleadctl.REFUSED
    assert b"standard output" in done.stderr


def test_violations_come_one_a_line_with_path_and_remedy(ctl, socket, tmp_path):
    bad = configuration(socket)
    bad["clusters"][0]["endpoints"] = [{"address": "nonsense"}]
    bad["listen"] = []
    lines = ctl.refused("apply", "-f", write(tmp_path / "bad.json", bad)).splitlines()
    assert {line.partition(": ")[0] for line in lines} == {"clusters[0].endpoints[0].address", "listen"}
    # One that only the proxy can see.
    taken = configuration(socket, listeners=[{"name": "web", "address": "192.0.2.1:80"}])
    assert ctl.refused("apply", "-f", write(tmp_path / "taken.json", taken)).startswith("config.listeners[0].address: ")
    assert "is not known" in ctl.refused("endpoints", "add", "backend", "127.0.0.1:1,state=GONE", code=USAGE)
    assert "cannot be read" in ctl.refused("apply", "-f", tmp_path / "none.yaml")


def test_an_owner_is_named_and_can_be_overridden(start_fairlead, socket, tmp_path):
    start_fairlead(configuration(socket, owner="FILE"))
    ctl = fairleadctl.Ctl(socket)
    wanted = write(tmp_path / "wanted.json", configuration(socket, endpoints=[]))
    told = ctl.refused("apply", "-f", wanted)
    assert told == ("the owner of the configuration is FILE; change it there, or take it over for a while with "
                    "--override-owner-for 10m\n")
    assert "revision 2" in ctl("apply", "-f", wanted, "--override-owner-for", "10m")
    assert "try again" in ctl.refused("apply", "-f", wanted, "--etag", "stale", "--override-owner-for", "10m")


def test_wrong_arguments_end_with_2(tmp_path):
    ctl = fairleadctl.Ctl(f"unix:{tmp_path}/none.sock")
    for arguments in [["frobnicate"], ["apply"], ["rollback", "first"], ["tunnels", "list", "--order", "size"],
                      ["apply", "-f", "x", "--override-owner-for", "soon"], ["explain", "-H", "nothing"],
                      ["endpoints", "add", "backend", "here"], ["endpoints", "set", "backend"],
                      ["endpoints", "set", "backend", "127.0.0.1:1", "--none"], ["rollback", "-1"],
                      ["revisions", "--limit", "-1"], ["tunnels", "close"], ["tunnels", "close", "--rate", "2"],
                      ["explain", "--key", "00000000000000ff"]]:
        assert ctl.run(*arguments, code=USAGE).stdout == "", arguments
    assert "give --ca-file" in fairleadctl.Ctl("127.0.0.1:1").refused("status", code=USAGE)


def test_says_what_to_do_about_a_proxy_that_it_cannot_reach(proxy, socket, tmp_path):
    none = fairleadctl.Ctl(f"unix:{tmp_path}/none.sock")
    assert "there is no such socket; is the proxy running" in none.refused("status", code=UNREACHABLE)
    if os.geteuid() == 0:  # who may become somebody else
        argv = [os.path.abspath(fairleadctl.BINARY), "--address", socket, "status"]
        done = subprocess.run(argv, user="nobody", group="nogroup", extra_groups=[], cwd="/", capture_output=True,
                              text=True, check=False)
        assert (done.returncode, "run this as that user" in done.stderr) == (UNREACHABLE, True), done.stderr
    proxy.terminate()
    assert "cannot reach" in fairleadctl.Ctl(socket).refused("status", code=UNREACHABLE)


def test_mutual_tls_with_roles(start_fairlead, tmp_path):
    ours, theirs = certificates.Authority(tmp_path / "ours"), certificates.Authority(tmp_path / "theirs")
    ours.issue("proxy", "IP:127.0.0.1,DNS:proxy.example")
    for authority in ours, theirs:
        authority.issue("reader", "URI:spiffe://example.org/reader")
    tls = {**certificates.settings(ours, "proxy"), "client_ca_file": ours.file("ca.pem"),
           "grants": [{"peer": "spiffe://example.org/reader", "roles": ["READER"]}]}
    proxy = start_fairlead(fairlead.config("127.0.0.1:1", control={"owner": "PUSH", "address": "127.0.0.1:0",
                                                                   "tls": tls}))
    address = proxy.addresses["control"]
    good = fairleadctl.Ctl(address, *certificates.flags(ours, "reader"))
    assert good.json("status")["ready"] is True
    assert "spiffe://example.org/reader has no role that allows this; control.tls.grants" in good.refused(
        "endpoints", "add", "backend", "127.0.0.1:1")
    mixed = ["--ca-file", ours.file("ca.pem"), *certificates.flags(theirs, "reader")[2:]]
    for wrong, advice in [([*certificates.flags(theirs, "reader")], "--ca-file did not sign its certificate"),
                          (mixed, "vouch"),
                          ([*certificates.flags(ours, "reader"), "--server-name", "other.example"], "--server-name")]:
        assert advice in fairleadctl.Ctl(address, *wrong).refused("status", code=UNREACHABLE)
    assert "cannot read" in fairleadctl.Ctl(address, "--ca-file", "/none", "--cert-file", "/none", "--key-file",
                                            "/none").refused("status", code=USAGE)


@pytest.mark.parametrize(("environment", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colours_are_for_terminals_that_want_them(ctl, environment, coloured):
    assert "\x1b" not in ctl("status")
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "rb", buffering=0) as screen:
        env = {"PATH": os.environ["PATH"], "TERM": "xterm", **environment}
        subprocess.run([*ctl.argv, "status"], stdout=theirs, env=env, check=True, timeout=programs.DEADLINE)
        os.close(theirs)
        assert (b"\x1b[32myes" in screen.read(65536)) == coloured
