"""What an operator does to a running proxy: reload, drain, stop; and to a file before that: check."""

import json
import os
import signal
import socket
import subprocess

import fairlead
import programs
import pytest


def test_a_reload_is_in_force_for_new_tunnels_and_leaves_open_ones_alone(
        node_websocket_server, python_websocket_server, start_fairlead, open_tunnel):
    proxy = start_fairlead(fairlead.config(node_websocket_server.address))
    old = open_tunnel(proxy)
    since = python_websocket_server.mark()
    proxy.reload(fairlead.config(python_websocket_server.address), "configuration applied")
    new = open_tunnel(proxy)
    python_websocket_server.await_line("opened /chat", since)
    assert (old.echo("old"), new.echo("new")) == ("old", "new")
    assert proxy.metric("fairlead_config_revision") == 2


def test_a_bad_file_is_refused_with_its_errors_and_changes_nothing(
        node_websocket_server, start_fairlead, open_tunnel):
    good = fairlead.config(node_websocket_server.address)
    proxy = start_fairlead(good)
    old = open_tunnel(proxy)
    bad = {**good, "virtual_hosts": [], "clusters": [fairlead.cluster("nonsense")], "listen": []}
    proxy.reload(bad, r"clusters\[0\]\.endpoints\[0\]\.address: ")
    proxy.await_line("listen: ")
    assert old.echo("old") == "old"
    assert open_tunnel(proxy).echo("new") == "new"
    assert proxy.metric("fairlead_config_revision") == 1
    assert proxy.metric("fairlead_config_rejected_total", source="file") == 1


def test_a_reload_opens_and_closes_listeners(node_websocket_server, start_fairlead, open_tunnel):
    one = fairlead.config(node_websocket_server.address)
    two = {**one, "listeners": [*one["listeners"], {"name": "more", "address": "127.0.0.2:0"}]}
    proxy = start_fairlead(one)
    proxy.addresses["listener more"] = proxy.reload(two, r"listener more: listening on (\S+)").group(1)
    tunnel = open_tunnel(proxy, "more")
    proxy.reload(one, "configuration applied")
    assert tunnel.echo("still here") == "still here"
    with pytest.raises(ConnectionRefusedError):
        open_tunnel(proxy, "more")
    assert open_tunnel(proxy).echo("web") == "web"


def test_a_removed_listener_frees_its_address_while_its_last_request_is_served(node_http_server, start_fairlead):
    one = fairlead.config(node_http_server.address)
    proxy = start_fairlead({**one, "listeners": [*one["listeners"], {"name": "more", "address": "127.0.0.2:0"}]})
    host, _, port = proxy.address("more").rpartition(":")
    two = {**one, "listeners": [*one["listeners"], {"name": "more", "address": proxy.address("more")}]}
    with socket.create_connection((host, int(port)), programs.DEADLINE) as client:
        answer = client.makefile("rb")
        client.sendall(b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n")
        assert answer.readline() == b"HTTP/1.1 200 OK\r\n"
        proxy.reload(one, "configuration applied")
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((host, int(port)), programs.DEADLINE)
        assert proxy.reload(two, "configuration (applied|refused)").group(1) == "applied"
        socket.create_connection((host, int(port)), programs.DEADLINE).close()
        client.sendall(b"2\r\nlo\r\n0\r\n\r\n")
        assert answer.read().endswith(b"2\r\nlo\r\n0\r\n\r\n")


def test_sigterm_drains_and_exits_with_0(node_websocket_server, start_fairlead, open_tunnel):
    proxy = start_fairlead(fairlead.config(node_websocket_server.address, drain={"delay": "0s", "window": "1s"}))
    tunnels = [open_tunnel(proxy) for _ in range(5)]
    proxy.signal(signal.SIGTERM)
    for tunnel in tunnels:
        tunnel.await_close()
    assert proxy.await_exit() == 0


def test_is_not_ready_while_it_drains_but_still_opens_tunnels(node_websocket_server, start_fairlead, open_tunnel):
    proxy = start_fairlead(fairlead.config(node_websocket_server.address, drain={"delay": "1h", "window": "1h"}))
    assert proxy.get("telemetry", "/readyz")[0] == 200
    since = proxy.mark()
    proxy.signal(signal.SIGTERM)
    proxy.await_line("drain", since)
    assert proxy.get("telemetry", "/readyz")[0] == 503
    assert proxy.get("telemetry", "/livez")[0] == 200
    assert open_tunnel(proxy).echo("late") == "late"
    proxy.signal(signal.SIGTERM)
    proxy.await_exit()


def test_a_second_sigterm_exits_at_once(node_websocket_server, start_fairlead, open_tunnel):
    proxy = start_fairlead(fairlead.config(node_websocket_server.address, drain={"delay": "0s", "window": "1h"}))
    tunnel = open_tunnel(proxy)
    since = proxy.mark()
    proxy.signal(signal.SIGTERM)
    proxy.await_line("drain", since)
    proxy.signal(signal.SIGTERM)
    proxy.await_exit()
    tunnel.await_close()


def test_many_reloads_are_as_good_as_the_last(node_websocket_server, start_fairlead, open_tunnel):
    configuration = fairlead.config(node_websocket_server.address)
    proxy = start_fairlead(configuration)
    tunnel = open_tunnel(proxy)
    for number in range(200):
        configuration["virtual_hosts"][0]["name"] = f"host-{number}"
        proxy.write(configuration)
        proxy.signal(signal.SIGHUP)
    while "host-199" not in proxy.get("admin", "/config")[1]:
        pass
    assert tunnel.echo("still") == "still"
    proxy.signal(signal.SIGINT)
    assert proxy.await_exit() == 0


def test_a_reload_asked_for_before_anybody_listens_is_done(tmp_path):
    file = tmp_path / "fairlead.yaml"
    file.write_text(json.dumps(fairlead.config("127.0.0.1:1")))
    # The signal waits for the program, as one does that comes in its first moments.
    early = f"kill -HUP $$; exec {fairlead.BINARY} run -c {file}"
    proxy = programs.Program("/usr/bin/env", "--block-signal=HUP", "/bin/sh", "-c", early)
    proxy.await_line("configuration applied")
    proxy.signal(signal.SIGTERM)
    assert proxy.await_exit() == 0


def test_a_pipe_in_place_of_the_file_is_refused_and_waited_for_by_nobody(start_fairlead):
    configuration = fairlead.config("127.0.0.1:1")
    proxy = start_fairlead(configuration)
    proxy.file.unlink()
    os.mkfifo(proxy.file)
    since = proxy.mark()
    proxy.signal(signal.SIGHUP)
    proxy.await_line("it is no regular file", since)
    proxy.file.unlink()
    proxy.reload(configuration, "configuration applied")
    assert proxy.terminate() == 0


def test_leaves_although_nobody_reads_its_log(node_http_server, tmp_path):
    file = tmp_path / "fairlead.yaml"
    unix = tmp_path / "web.sock"
    file.write_text(json.dumps(fairlead.config(
        node_http_server.address, listeners=[{"name": "web", "address": f"unix:{unix}"}])))
    nobody, log = os.pipe()
    with subprocess.Popen([fairlead.BINARY, "run", "-c", file], stdout=log, stderr=subprocess.PIPE, text=True) as proxy:
        while "admin: listening" not in proxy.stderr.readline():
            pass
        for _ in range(300):
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(str(unix))
                client.sendall(b"GET /" + 500 * b"x" + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                client.makefile("rb").read()
        proxy.send_signal(signal.SIGINT)
        assert proxy.wait(programs.DEADLINE) == 0
    os.close(nobody)
    os.close(log)


def test_too_few_descriptors_are_said(tmp_path):
    file = tmp_path / "fairlead.yaml"
    file.write_text(json.dumps(fairlead.config("127.0.0.1:1")))
    few = programs.Program("/bin/sh", "-c", f"ulimit -n 60; exec {fairlead.BINARY} run -c {file}")
    assert few.await_exit() == 1
    assert "60 file descriptors are too few, raise the limit (ulimit -n) to 258 or more" in few.output()


def test_check_takes_a_good_file(tmp_path):
    file = tmp_path / "good.yaml"
    file.write_text(json.dumps(fairlead.config("127.0.0.1:1")))
    code, _ = fairlead.check(file)
    assert code == 0


def test_check_names_every_violation_of_a_bad_file(tmp_path):
    file = tmp_path / "bad.yaml"
    file.write_text("listeners: [{name: web, address: nowhere}]\nclusters: [{name: a, endpoints: [{address: b}]}]\n")
    code, said = fairlead.check(file)
    assert code == 1
    assert "listeners[0].address: " in said
    assert "clusters[0].endpoints[0].address: " in said


def test_check_reads_the_files_that_a_configuration_names(tmp_path):
    file = tmp_path / "tls.yaml"
    config = fairlead.config("127.0.0.1:1")
    config["listeners"][0]["tls"] = {"certificates": [{"cert_file": "/nowhere/tls.crt", "key_file": "/nowhere/tls.key"}]}
    file.write_text(json.dumps(config))
    code, said = fairlead.check(file)
    assert code == 1
    assert "listeners[0].tls.certificates[0].cert_file: /nowhere/tls.crt" in said


def test_check_fails_without_a_file(tmp_path):
    code, said = fairlead.check(tmp_path / "none.yaml")
    assert code == 1
    assert "none.yaml" in said
