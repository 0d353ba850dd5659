"""`fairleadctl serve`, a control plane, with proxies that subscribe to it."""

import json
import os
import signal
import socket as sockets

import certificates
import fairlead
import fairleadctl
import programs
import pytest


def pushed(endpoint, **more):
    """What the plane is to push."""
    return fairlead.config(clusters=[fairlead.cluster(endpoint)], **more)


def sidecar(name, plane, tmp_path, **tls):
    """The file that a sidecar starts with."""
    return fairlead.config("127.0.0.1:1", node={"id": name},
                           control={"owner": "FLEET", "address": f"unix:{tmp_path}/{name}/c.sock",
                                    "fleet": {"address": plane, **tls}})


def replace(file, content):
    """Atomically, as an editor or a deployment does it."""
    fresh = file.with_suffix(".new")
    fresh.write_text(content if isinstance(content, str) else json.dumps(content))
    os.replace(fresh, file)


class Plane:
    def __init__(self, file, *flags):
        self.program = programs.Program(fairleadctl.BINARY, "serve", "-f", file, "--listen", "127.0.0.1:0", *flags)
        self.address = self.program.await_line(r"^fleet: listening on (\S+)$").group(1)
        self.await_line = self.program.await_line
        self.mark = self.program.mark

    def stop(self):
        self.program.signal(signal.SIGTERM)
        return self.program.await_exit()


@pytest.fixture
def start_plane():
    planes = []

    def start(file, *flags):
        planes.append(Plane(file, *flags))
        return planes[-1]

    yield start
    for plane in planes:
        plane.program.kill()


def endpoint_of(name, tmp_path):
    config = fairleadctl.Ctl(f"unix:{tmp_path}/{name}/c.sock").json("get")["config"]
    return config["clusters"][0]["endpoints"][0]["address"]


def test_pushes_the_file_and_every_change_of_it_to_all(start_plane, start_fairlead, tmp_path):
    real, file = tmp_path / "first.yaml", tmp_path / "fleet.yaml"
    replace(real, pushed("127.0.0.1:9001"))
    file.symlink_to(real)
    plane = start_plane(file)
    names = ["pod-1", "pod-2"]
    for name in names:
        start_fairlead(sidecar(name, plane.address, tmp_path))
    for name in names:
        plane.await_line(rf"  acked +{name}  revision 1$")
        assert endpoint_of(name, tmp_path) == "127.0.0.1:9001"

    replace(real, pushed("127.0.0.1:9002"))
    for name in names:
        plane.await_line(rf"  acked +{name}  revision 2$")
        assert endpoint_of(name, tmp_path) == "127.0.0.1:9002"

    replace(real, "clusters: [{name: 7}]\nlisten: []\n")
    plane.await_line(r"  rejected .*fleet.yaml$")
    plane.await_line(r"^  listen: .*\(line 2\)$")
    assert endpoint_of("pod-1", tmp_path) == "127.0.0.1:9002"

    # As a mounted ConfigMap changes: the link is pointed elsewhere.
    other, link = tmp_path / "second.yaml", tmp_path / "link"
    replace(other, pushed("127.0.0.1:9003"))
    link.symlink_to(other)
    os.replace(link, file)
    for name in names:
        plane.await_line(rf"  acked +{name}  revision 3$")

    with sockets.create_server(("127.0.0.1", 0)) as taken:
        address = "127.0.0.1:%d" % taken.getsockname()[1]
        replace(other, pushed("127.0.0.1:9004", listeners=[{"name": "web", "address": address}]))
        for name in names:
            plane.await_line(rf"  nacked +{name}  revision 4$")
        plane.await_line(r"^  config\.listeners\[0\]\.address: ")
    assert endpoint_of("pod-2", tmp_path) == "127.0.0.1:9003"
    status = fairleadctl.Ctl(f"unix:{tmp_path}/pod-1/c.sock").json("status")
    assert status["fleet"]["connected"] is True
    assert "listeners[0].address" in status["last_rejection"]
    assert plane.stop() == 0
    plane.await_line(r"  gone +pod-1$")


def test_with_mutual_tls_and_for_programs(start_plane, start_fairlead, tmp_path):
    authority = certificates.Authority(tmp_path / "certificates")
    authority.issue("plane", "IP:127.0.0.1")
    authority.issue("sidecar", "URI:spiffe://example.org/pod-1")
    file = tmp_path / "fleet.json"
    replace(file, pushed("127.0.0.1:9001"))
    plane = start_plane(file, "-o", "json", *certificates.flags(authority, "plane"))
    start_fairlead(sidecar("pod-1", plane.address, tmp_path, ca_file=authority.file("ca.pem"),
                           **certificates.settings(authority, "sidecar")))
    acked = json.loads(plane.await_line(r'^.*"event":"acked".*$').group(0))
    assert (acked["node"], acked["revision"]) == ("pod-1", 1)
    plane.stop()


def test_does_not_begin_with_a_file_that_is_not_valid(tmp_path):
    file = tmp_path / "fleet.yaml"
    file.write_text("listen: []\n")
    ctl = fairleadctl.Ctl("unix:/none")
    assert "listen: " in ctl.refused("serve", "-f", file, "--listen", "127.0.0.1:0")
    replace(file, pushed("127.0.0.1:9001"))
    assert "asks for certificates" in ctl.refused("serve", "-f", file, "--listen", "0.0.0.0:0", code=fairleadctl.USAGE)
