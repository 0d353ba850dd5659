"""TLS tunnels that talk, and newcomers, while certificates are exchanged under them as Kubernetes mounts them: nobody loses
anything, newcomers see the new one at once, and what is no certificate is refused."""

import collections
import dataclasses
import os
import shutil
import socket
import ssl
import statistics
import time

import certificates
import processes
import reloads

NAME = "chat.test"
LIMIT = 1.0  # seconds from a swap until every handshake shows the new certificate
PATIENCE = 30  # seconds
LOOKS = 10  # handshakes in a row that must: each worker has some of them


@dataclasses.dataclass(frozen=True)
class Size:
    tunnels: dict  # by version of TLS
    interval: int  # milliseconds from one message of a tunnel to its next
    rotations: int  # to a good pair
    spacing: float  # seconds from one rotation to the next, at least
    bad_after: int  # so many good ones a bad one comes
    newcomers: int  # in a second, half with each version


WHOLE = Size(tunnels={"1.3": 1500, "1.2": 500}, interval=1000, rotations=100, spacing=0.5, bad_after=8, newcomers=50)
QUICK = Size(tunnels={"1.3": 225, "1.2": 75}, interval=500, rotations=12, spacing=0.1, bad_after=3, newcomers=20)


class Mount:
    """tls.crt and tls.key as the kubelet mounts a Secret: links through `..data`, itself a link, which is swapped."""

    def __init__(self, directory):
        self.directory = directory
        self.versions = 0
        self.paths = {name: directory / name for name in ("tls.crt", "tls.key")}
        directory.mkdir()
        for name, path in self.paths.items():
            path.symlink_to(f"..data/{name}")

    def swap(self, files):
        """`files`: content by name. What was there before is gone afterwards."""
        before = self.directory / f"..{self.versions}"
        self.versions += 1
        version = self.directory / f"..{self.versions}"
        version.mkdir()
        for name, content in files.items():
            (version / name).write_bytes(content)
        link = self.directory / "..data_tmp"
        link.symlink_to(version.name)
        os.replace(link, self.directory / "..data")
        shutil.rmtree(before, ignore_errors=True)


class Issuer:
    """One pair after the other, ECDSA and RSA in turn."""

    def __init__(self, directory):
        self.authority = certificates.Authority(directory)
        self.issued = 0

    def next(self):
        self.issued += 1
        name = f"pair-{self.issued}"
        self.authority.issue(name, f"DNS:{NAME}", certificates.RSA if self.issued % 2 else certificates.EC)
        key, certificate = self.authority.pair(name)
        return {"tls.crt": certificate, "tls.key": key}


class Onlooker:
    """Shakes hands, verifies what it is shown, and goes away."""

    def __init__(self, port, authorities):
        self.port = port
        self.contexts = [ssl.create_default_context(cafile=authorities) for _ in range(2)]
        self.contexts[0].maximum_version = ssl.TLSVersion.TLSv1_2
        self.contexts[1].minimum_version = ssl.TLSVersion.TLSv1_3
        self.turn = 0

    def look(self, binary=True):
        """The certificate that is shown, with TLS 1.2 and 1.3 in turn."""
        self.turn += 1
        context = self.contexts[self.turn % 2]
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE) as connection:
            with context.wrap_socket(connection, server_hostname=NAME) as secured:
                return secured.getpeercert(binary)

    def look_when_it_ends(self):
        """In seconds since the epoch."""
        return ssl.cert_time_to_seconds(self.look(binary=False)["notAfter"])


def spoilt(number, good, last):
    """A pair that must be refused; `last` is the one before."""
    return [
        {"tls.crt": good["tls.crt"], "tls.key": last["tls.key"]},
        {"tls.crt": b"rubbish\n", "tls.key": good["tls.key"]},
        {"tls.crt": good["tls.crt"]},
        {"tls.crt": good["tls.crt"], "tls.key": good["tls.key"][:60]},
        {"tls.crt": b"", "tls.key": b""},
    ][number % 5]


def reloaded(proxy, result):
    return proxy.metric("fairlead_certificate_reloads_total", result=result) or 0


class Rotations:
    """What became of them."""

    def __init__(self, stage, proxy, mount, issuer, onlooker, pair):
        self.stage = stage
        self.proxy = proxy
        self.mount = mount
        self.issuer = issuer
        self.onlooker = onlooker
        self.pair = pair  # that is shown
        self.seconds = []  # from each swap until every handshake showed it
        self.refused = 0
        self.wrong = 0  # handshakes that showed something else than the old one when the new was bad

    def run(self, size):
        for turn in range(size.rotations):
            began = time.monotonic()
            if turn % size.bad_after == size.bad_after - 1:
                self.refuse()
            self.exchange()
            time.sleep(max(0.0, began + size.spacing - time.monotonic()))

    def exchange(self):
        self.pair = self.issuer.next()
        wanted = ssl.PEM_cert_to_DER_cert(self.pair["tls.crt"].decode())
        self.mount.swap(self.pair)
        began = seen = time.monotonic()
        in_a_row = 0
        while in_a_row < LOOKS and time.monotonic() < began + PATIENCE:
            shows = self.onlooker.look() == wanted
            seen = seen if shows and in_a_row else time.monotonic()
            in_a_row = in_a_row + 1 if shows else 0
        self.seconds.append(seen - began)

    def refuse(self):
        refused = reloaded(self.proxy, "refused")
        self.mount.swap(spoilt(self.refused, self.issuer.next(), self.pair))
        self.refused += 1
        self.stage.eventually(lambda: reloaded(self.proxy, "refused"), refused + 1)
        shown = ssl.PEM_cert_to_DER_cert(self.pair["tls.crt"].decode())
        self.wrong += sum(self.onlooker.look() != shown for _ in range(LOOKS))


def configuration(port, mount, backend, access_log):
    pair = {"cert_file": str(mount.paths["tls.crt"]), "key_file": str(mount.paths["tls.key"])}
    return {
        "telemetry": {"address": "127.0.0.1:0"},
        "admin": {"address": "127.0.0.1:0"},
        "access_log": {"path": str(access_log)},
        "workers": 2,
        "drain": {"delay": "0s", "window": "0s"},
        "listeners": [{"name": "web", "address": f"127.0.0.1:{port}", "tls": {"certificates": [pair]}}],
        "virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [
            {"name": "all", "match": {"prefix": "/"}, "cluster": "echo"}]}],
        "clusters": [{"name": "echo", "endpoints": [{"id": "echo-0", "address": backend}]}],
    }


def prove(stage, size, verdict):
    access_log = stage.directory / "access.log"
    port = processes.free_port()
    mount = Mount(stage.directory / "mount")
    issuer = Issuer(stage.directory / "authority")
    pair = issuer.next()
    mount.swap(pair)
    proxy = stage.proxy(configuration(port, mount, stage.backend(), access_log))

    chats = [stage.load(port, "--tls", version, "chat", "--tunnels", tunnels, "--interval", size.interval)
             for version, tunnels in size.tunnels.items()]
    newcomers = [stage.load(port, "--tls", version, "visit", "--rate", size.newcomers // 2) for version in size.tunnels]
    rotations = Rotations(stage, proxy, mount, issuer, Onlooker(port, issuer.authority.file("ca.pem")), pair)
    for load in chats + newcomers:
        load.begin()
    rotations.run(size)
    visits = collections.Counter()
    for load in newcomers:
        visits.update(load.finish())
    talks = [load.finish() for load in chats]

    report_tunnels(verdict, size, talks, visits)
    report_rotations(verdict, proxy, size, rotations)
    tunnels = sum(size.tunnels.values())
    verdict.require("the proxy's count of open tunnels", stage.eventually(
        lambda: proxy.metric("fairlead_open_tunnels"), tunnels), tunnels)
    for records, version in (("compact", "1.3"), ("openssl", "1.2")):
        verdict.require(f"of them {records}", stage.eventually(
            lambda: proxy.metric("fairlead_tls_open_connections", records=records), size.tunnels[version]), size.tunnels[version])
    for load in chats:
        processes.stop(load.process)
    stage.end(proxy, verdict)
    ends = {"101 client_closed": visits["visits"], "101 client_truncated": tunnels}
    verdict.require("the ends in its access log", reloads.ends_in(access_log), ends)


def report_tunnels(verdict, size, talks, visits):
    figures = collections.Counter()
    for talk in talks:
        figures.update(talk)
    verdict.note("TLS tunnels at once", ", ".join(f"{count} of {version}" for version, count in size.tunnels.items()))
    verdict.require("tunnels lost", figures["lost_tunnels"], 0)
    verdict.note("messages sent", figures["sent"])
    verdict.require("messages lost", figures["sent"] - figures["echoed"], 0)
    verdict.note("new upgrades", visits["visits"])
    verdict.require("new upgrades without a 101", visits["without_101"], 0)
    verdict.require("new upgrades without their echo", visits["unanswered"], 0)
    verdict.require("new upgrades without an end in order", visits["cut"], 0)


def report_rotations(verdict, proxy, size, rotations):
    verdict.note("ms until all handshakes saw the new one: median, slowest",
                 f"{statistics.median(rotations.seconds) * 1000:.0f} {max(rotations.seconds) * 1000:.0f}")
    late = sum(seconds > LIMIT for seconds in rotations.seconds)
    verdict.require(f"rotations seen later than after {LIMIT:.0f} s", late, 0)
    verdict.require("rotations applied", reloaded(proxy, "applied"), size.rotations)
    verdict.require("bad pairs refused", reloaded(proxy, "refused"), rotations.refused)
    verdict.require("handshakes that showed anything of a bad pair", rotations.wrong, 0)
    expiry = proxy.metric("fairlead_certificate_expiry_timestamp_seconds")
    verdict.require("the time when the certificate ends, by its metric", expiry, rotations.onlooker.look_when_it_ends())
