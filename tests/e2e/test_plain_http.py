"""Plain HTTP between curl and Node's http."""

import hashlib
import json
import subprocess

import fairlead
import programs
import pytest


def curl(*words):
    """Runs curl; returns what it printed, and what it said on the side."""
    done = subprocess.run(["curl", "-sS", "--max-time", str(programs.DEADLINE), *map(str, words)], check=False,
                          capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode(), done.stderr.decode()


def status_and_body(*words):
    body, _, status = curl("-w", "\n%{http_code}", *words)[0].rpartition("\n")
    return int(status), body


@pytest.fixture
def proxy(node_http_server, start_fairlead):
    return start_fairlead(fairlead.config(node_http_server.address))


@pytest.fixture
def big(tmp_path):
    """A file of 4 MiB, and its hash."""
    file = tmp_path / "big"
    file.write_bytes(bytes(range(256)) * (4 << 12))
    return file, hashlib.sha256(file.read_bytes()).hexdigest()


@pytest.mark.parametrize("page", ["/length", "/chunked", "/until-close", "/hints", "/trailers"])
@pytest.mark.parametrize("version", ["--http1.1", "--http1.0"])
def test_relays_a_body_however_it_is_framed(proxy, page, version):
    assert status_and_body(version, proxy.url(page)) == (200, "hello")


def test_dechunks_for_an_http_1_0_client(proxy):
    head, _ = curl("--http1.0", "-o", "/dev/null", "-D", "-", proxy.url("/chunked"))
    assert "chunked" not in head.lower()


def test_keeps_trailers(proxy):
    head, _ = curl("-H", "TE: trailers", "-o", "/dev/null", "-D", "-", proxy.url("/trailers"))
    assert head.rstrip().lower().endswith("x-checksum: 42")


def test_forwards_early_hints_to_a_client_that_knows_them(proxy):
    head, _ = curl("-o", "/dev/null", "-D", "-", proxy.url("/hints"))
    assert head.startswith("HTTP/1.1 103 ")
    assert "HTTP/1.1 200 " in head
    head, _ = curl("--http1.0", "-o", "/dev/null", "-D", "-", proxy.url("/hints"))
    assert " 103 " not in head


@pytest.mark.parametrize(("page", "status"), [("/204", 204), ("/304", 304)])
def test_relays_an_answer_without_a_body(proxy, page, status):
    assert status_and_body(proxy.url(page)) == (status, "")


def test_answers_head_without_a_body_and_with_its_length(proxy):
    head, _ = curl("--head", proxy.url("/length"))
    assert head.startswith("HTTP/1.1 200 ")
    assert "content-length: 5" in head.lower()


@pytest.mark.parametrize("framing", [[], ["-H", "Transfer-Encoding: chunked"]], ids=["length", "chunked"])
@pytest.mark.parametrize("expect", [[], ["-H", "Expect:"]], ids=["expect", "at-once"])
def test_relays_a_large_body_both_ways(proxy, big, framing, expect):
    file, sha256 = big
    seen = json.loads(curl(*framing, *expect, "--data-binary", f"@{file}", proxy.url("/inspect"))[0])
    assert (seen["method"], seen["body"]) == ("POST", {"length": 4 << 20, "sha256": sha256})
    back = file.with_suffix(".back")
    curl(*framing, *expect, "--data-binary", f"@{file}", "-o", back, proxy.url("/echo"))
    assert hashlib.sha256(back.read_bytes()).hexdigest() == sha256


def test_passes_on_that_a_body_is_expected(proxy, big):
    _, said = curl("-v", "-H", "Expect: 100-continue", "--data-binary", f"@{big[0]}", "-o", "/dev/null",
                   proxy.url("/echo"))
    assert "< HTTP/1.1 100 Continue" in said
    assert "< HTTP/1.1 200 OK" in said


def test_passes_on_that_a_body_is_refused(proxy, big):
    assert status_and_body("-H", "Expect: 100-continue", "--data-binary", f"@{big[0]}",
                           proxy.url("/refuse")) == (413, "too much")


def test_keeps_a_connection_for_the_next_request(proxy):
    said, _ = curl("-w", "%{num_connects} ", "-o", "/dev/null", proxy.url("/length"), "-o", "/dev/null",
                   proxy.url("/chunked"), "-o", "/dev/null", proxy.url("/204"))
    assert said == "1 0 0 "


def test_closes_when_asked_to(proxy):
    said, _ = curl("-H", "Connection: close", "-w", "%{num_connects} ", "-o", "/dev/null", proxy.url("/length"),
                   "-o", "/dev/null", proxy.url("/length"))
    assert said == "1 1 "


def test_tells_the_backend_who_asked(proxy):
    headers = json.loads(curl("-H", "Host: Chat.Example.com:81", "-H", "X-Forwarded-For: 10.9.9.9",
                              proxy.url("/inspect?a=1"))[0])["headers"]
    assert headers["host"] == "Chat.Example.com:81"
    assert headers["x-forwarded-for"] == "127.0.0.1"  # nobody's word is believed by default
    assert headers["x-forwarded-proto"] == "http"
    assert headers["x-forwarded-host"] == "Chat.Example.com:81"
    assert headers["x-real-ip"] == "127.0.0.1"
    assert headers["x-request-id"]


def test_strips_what_is_meant_for_the_next_hop_only(proxy):
    headers = json.loads(curl("-H", "Connection: x-secret, keep-alive", "-H", "X-Secret: 1", "-H", "X-Open: 1",
                              "-H", "Upgrade: h2c", "-H", "Proxy-Connection: close", proxy.url("/inspect"))[0])["headers"]
    assert "x-open" in headers
    assert not {"x-secret", "upgrade", "proxy-connection"} & headers.keys()
    head, _ = curl("-o", "/dev/null", "-D", "-", proxy.url("/hop"))
    assert "x-public: 1" in head.lower()
    assert "x-private" not in head.lower()


@pytest.mark.parametrize("path", ["/a/../b", "/a/%2e%2e/b", "/."])
def test_refuses_dot_segments(proxy, path):
    assert status_and_body("--path-as-is", proxy.url(path))[0] == 400


def test_refuses_a_head_that_is_too_large(proxy):
    assert status_and_body("-H", "X-Large: " + "a" * 40000, proxy.url("/length"))[0] == 431


def test_answers_itself_where_nothing_can_be_asked(start_fairlead):
    proxy = start_fairlead(fairlead.config(
        routes=[fairlead.route("down", "down", "/down"), fairlead.route("empty", "empty", "/empty"),
                {"name": "moved", "match": {"prefix": "/moved"}, "redirect": {"scheme": "https"}}],
        clusters=[fairlead.cluster("127.0.0.1:1", name="down"), fairlead.cluster(name="empty")]))
    assert status_and_body(proxy.url("/nowhere"))[0] == 404
    assert status_and_body(proxy.url("/down"))[0] == 502
    head, _ = curl("-o", "/dev/null", "-D", "-", proxy.url("/empty"))
    assert head.startswith("HTTP/1.1 503 ")
    assert "retry-after:" in head.lower()
    head, _ = curl("-o", "/dev/null", "-D", "-", "-H", "Host: a.example", proxy.url("/moved/on?a=1"))
    assert head.startswith("HTTP/1.1 308 ")
    assert "location: https://a.example/moved/on?a=1" in head.lower()


def test_listens_on_a_unix_socket_and_on_ipv6(node_http_server, start_fairlead, tmp_path):
    proxy = start_fairlead(fairlead.config(node_http_server.address, listeners=[
        {"name": "local", "address": f"unix:{tmp_path}/web.sock"}, {"name": "six", "address": "[::1]:0"}]))
    assert status_and_body("--unix-socket", tmp_path / "web.sock", "http://any/length") == (200, "hello")
    assert status_and_body("-g", proxy.url("/length", listener="six")) == (200, "hello")


def test_reaches_a_backend_behind_a_unix_socket(node_http_server, start_fairlead, tmp_path):
    inner = start_fairlead(fairlead.config(node_http_server.address, listeners=[
        {"name": "local", "address": f"unix:{tmp_path}/inner.sock"}]))
    outer = start_fairlead(fairlead.config(f"unix:{tmp_path}/inner.sock"))
    assert status_and_body(outer.url("/length")) == (200, "hello")
    inner.access(path="/length")
