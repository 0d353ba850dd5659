"""TLS as `openssl s_client` and curl see it: sessions, names, protocols, certificates of clients."""

import json
import os
import re
import socket
import ssl
import subprocess

import certificates
import fairlead
import programs
import pytest

VERSIONS = ["1.2", "1.3"]
REQUEST = b"GET /inspect HTTP/1.1\r\nHost: web.test\r\nConnection: close\r\n\r\n"


class Pairs(certificates.Authority):
    """Certificates, and a listener that shows them."""

    def listener(self, *names, **tls):
        shown = [certificates.settings(self, name) for name in names]
        return {"name": "web", "address": "127.0.0.1:0", "tls": {"certificates": shown, **tls}}


@pytest.fixture
def pairs(tmp_path):
    made = Pairs(tmp_path / "authority")
    made.issue("web", "DNS:web.test")
    return made


@pytest.fixture
def serve(pairs, node_http_server, start_fairlead):
    """Starts a proxy with one TLS listener."""
    def start(*names, workers=2, **tls):
        return start_fairlead(fairlead.config(node_http_server.address, workers=workers,
                                              listeners=[pairs.listener(*(names or ["web"]), **tls)]))
    return start


def s_client(proxy, *words, name="web.test", request=REQUEST):
    """What openssl s_client says of a connection, and of the answer to a request."""
    asked = ["-servername", name] if name else ["-noservername"]
    done = subprocess.run(["openssl", "s_client", "-connect", proxy.address(), *asked, "-ign_eof", *words], check=False,
                          input=request, capture_output=True, timeout=programs.DEADLINE)
    return (done.stdout + done.stderr).decode(errors="replace")


def version_flag(version):
    return f"-tls{version.replace('.', '_')}"


def curl(proxy, pairs, *words, name="web.test", times=1):
    """Runs curl on /inspect of a name that is made to lead here; returns its exit code, what comes and what it says."""
    port = proxy.address().rpartition(":")[2]
    done = subprocess.run(
        ["curl", "-sSv", "--max-time", str(programs.DEADLINE), "--cacert", pairs.file("ca.pem"), "--resolve",
         f"{name}:{port}:127.0.0.1", *words, *[f"https://{name}:{port}/inspect"] * times], check=False, capture_output=True)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def headers_seen(proxy, pairs, *words):
    """The header fields that the backend saw."""
    code, body, said = curl(proxy, pairs, *words)
    assert code == 0, said
    return json.loads(body)["headers"]


def is_resumed(said):
    found = re.search(r"^(New|Reused), TLSv1\.[23], Cipher is ", said, re.MULTILINE)
    assert found and "HTTP/1.1 200 OK" in said, said
    return found[1] == "Reused"


def subject(said):
    return re.search(r"^subject=CN = (.*)$", said, re.MULTILINE)[1]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_session_is_resumed_by_whichever_worker(serve, tmp_path, version):
    proxy = serve(workers=4)
    session = tmp_path / "session.pem"
    assert not is_resumed(s_client(proxy, version_flag(version), "-sess_out", session))
    # The kernel spreads them over the workers.
    assert all(is_resumed(s_client(proxy, version_flag(version), "-sess_in", session)) for _ in range(12))


@pytest.mark.parametrize("version", VERSIONS)
def test_a_session_outlives_its_certificate(serve, pairs, tmp_path, version):
    pairs.issue("next", "DNS:web.test")
    proxy = serve()
    session = tmp_path / "session.pem"
    assert not is_resumed(s_client(proxy, version_flag(version), "-sess_out", session))
    for kind in ("key", "pem"):
        os.replace(pairs.file(f"next.{kind}"), pairs.file(f"web.{kind}"))
    proxy.await_line("its certificates have changed, and are in use")
    assert subject(s_client(proxy, version_flag(version))) == "next"
    assert is_resumed(s_client(proxy, version_flag(version), "-sess_in", session))


def test_curl_resumes_its_session(serve, pairs):
    # With TLS 1.3: for 1.2 it takes no tickets.
    code, _, said = curl(serve(), pairs, "-H", "Connection: close", times=3)
    assert code == 0
    assert said.count("SSL re-using session ID") == 2


@pytest.mark.parametrize("name, shown", [
    ("web.test", "web"), ("other.test", "other"), ("OTHER.test", "other"), ("a.wild.test", "wild"),
    ("a.b.wild.test", "web"), ("wild.test", "web"), ("stranger.test", "web"), (None, "web")])
def test_shows_the_certificate_of_the_name(serve, pairs, name, shown):
    pairs.issue("other", "DNS:other.test")
    pairs.issue("wild", "DNS:*.wild.test")
    assert subject(s_client(serve("web", "other", "wild"), name=name)) == shown


def test_curl_believes_each_name_and_no_other(serve, pairs):
    pairs.issue("wild", "DNS:*.wild.test")
    proxy = serve("web", "wild")
    codes = {name: curl(proxy, pairs, name=name)[0] for name in ("web.test", "a.wild.test", "stranger.test")}
    assert codes == {"web.test": 0, "a.wild.test": 0, "stranger.test": 60}


@pytest.mark.parametrize("version", VERSIONS)
def test_shows_rsa_or_ecdsa_as_the_client_can(serve, pairs, version):
    pairs.issue("rsa", "DNS:web.test", certificates.RSA)
    proxy = serve("web", "rsa")
    for algorithms, shown in (("RSA-PSS+SHA256:RSA+SHA256", "rsa"), ("ECDSA+SHA256", "web"),
                              ("RSA-PSS+SHA256:ECDSA+SHA256", "web")):
        assert subject(s_client(proxy, version_flag(version), "-sigalgs", algorithms)) == shown


def test_agrees_on_http_1_1_and_on_nothing_else(serve, pairs):
    proxy = serve()
    assert "ALPN: server accepted http/1.1" in curl(proxy, pairs, "--http2")[2]
    assert "ALPN protocol: http/1.1" in s_client(proxy, "-alpn", "h2,http/1.1")
    assert "No ALPN negotiated" in s_client(proxy)
    assert "no application protocol" in s_client(proxy, "-alpn", "h2")


@pytest.mark.parametrize("version, ciphers", [
    ("1", "ALL"), ("1.1", "ALL"), ("1.2", "AES128-GCM-SHA256"), ("1.2", "ECDHE-ECDSA-AES128-SHA"), ("1.2", "aNULL")])
def test_speaks_nothing_weak(serve, version, ciphers):
    said = s_client(serve(), version_flag(version), "-cipher", f"{ciphers}:@SECLEVEL=0")
    assert re.search("alert (protocol version|handshake failure)", said), said


@pytest.fixture
def clients(pairs):
    """A certificate that is good, one that is revoked, and one that a stranger has issued."""
    for name in ("client", "revoked"):
        pairs.issue(name, f"DNS:{name}.test,URI:spiffe://test/{name}")
    pairs.revoke("revoked")
    strangers = certificates.Authority(pairs.directory / "strangers")
    strangers.issue("client", "DNS:client.test")

    def flags(authority, name):
        return ["--cert", authority.file(f"{name}.pem"), "--key", authority.file(f"{name}.key")]

    return {"good": flags(pairs, "client"), "revoked": flags(pairs, "revoked"), "strange": flags(strangers, "client"),
            "none": []}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("asked, welcome", [("REQUIRED", {"good"}), ("OPTIONAL", {"good", "none"})])
def test_lets_in_whose_certificate_is_good(serve, pairs, clients, version, asked, welcome):
    proxy = serve(client_ca_file=pairs.file("ca.pem"), client_crl_file=pairs.file("crl.pem"), client_certificates=asked)
    codes = {kind: curl(proxy, pairs, "--tls-max", version, *flags)[0] for kind, flags in clients.items()}
    assert {kind for kind, code in codes.items() if code == 0} == welcome
    refused = len(clients) - len(welcome)
    assert proxy.metric("fairlead_connections_rejected_total", reason="tls_unverified") == refused


def test_backends_learn_who_a_client_is_from_nobody_else(serve, pairs, clients):
    proxy = serve(client_ca_file=pairs.file("ca.pem"), client_certificates="OPTIONAL")
    forged = ["-H", "X-Forwarded-Client-Cert: Hash=00"]
    assert "x-forwarded-client-cert" not in headers_seen(proxy, pairs, *forged)
    shown = headers_seen(proxy, pairs, *forged, *clients["good"])["x-forwarded-client-cert"]
    fingerprint = subprocess.run(["openssl", "x509", "-in", pairs.file("client.pem"), "-noout", "-fingerprint", "-sha256"],
                                 check=True, capture_output=True, text=True).stdout.rpartition("=")[2].strip()
    fingerprint = fingerprint.replace(":", "").lower()
    assert shown == f'Hash={fingerprint};Subject="CN=client";URI=spiffe://test/client;DNS=client.test'


def test_a_session_from_before_does_not_spare_a_certificate(serve, pairs, node_http_server, tmp_path):
    session = tmp_path / "session.pem"
    proxy = serve()
    assert not is_resumed(s_client(proxy, "-sess_out", session))
    assert is_resumed(s_client(proxy, "-sess_in", session))
    asking = pairs.listener("web", client_ca_file=pairs.file("ca.pem"))
    proxy.reload(fairlead.config(node_http_server.address, listeners=[asking]), "configuration applied")
    assert "HTTP/1.1" not in s_client(proxy, "-sess_in", session)


class Handshake:
    """A TLS client that goes no further than it is told."""

    def __init__(self, proxy, version):
        host, port = proxy.address().rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=programs.DEADLINE)
        context = ssl._create_unverified_context()
        context.minimum_version = context.maximum_version = version
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname="web.test")
        assert not self.attempt(self.tls.do_handshake)

    def attempt(self, action, *arguments):
        try:
            return action(*arguments) or True
        except ssl.SSLWantReadError:
            return None

    def exchange(self, action, *arguments):
        """Sends and receives until the action is done."""
        while True:
            done = self.attempt(action, *arguments)
            self.socket.sendall(self.outgoing.read())
            if done:
                return done
            self.incoming.write(self.socket.recv(65536))


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_handshake_under_way_outlives_the_settings_it_began_with(serve, pairs, node_http_server, version):
    pairs.issue("next", "DNS:web.test")
    proxy = serve()
    under_way = Handshake(proxy, version)
    under_way.socket.sendall(under_way.outgoing.read())
    under_way.incoming.write(under_way.socket.recv(65536))
    listener = pairs.listener("next", client_ca_file=pairs.file("ca.pem"), min_version="TLS_1_3")
    proxy.reload(fairlead.config(node_http_server.address, listeners=[listener]), "configuration applied")
    under_way.exchange(under_way.tls.do_handshake)
    under_way.exchange(under_way.tls.write, REQUEST)
    assert under_way.exchange(under_way.tls.read, 65536).startswith(b"HTTP/1.1 200 ")
    assert subject(s_client(proxy)) == "next"
    assert "HTTP/1.1" not in s_client(proxy)
