"""A proxy with compact TLS on both sides; its handle and the certificates are those of the end-to-end tests."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "e2e"))

import certificates  # noqa: E402
import fairlead  # noqa: E402
import stacks  # noqa: E402


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    made = certificates.Authority(tmp_path_factory.mktemp("authority"))
    made.issue("proxy", "DNS:interop.test")
    made.issue("backend", "DNS:backend.test")
    return made


@pytest.fixture(params=["fairlead", "impatient"])
def start_proxy(request, tmp_path, authority, monkeypatch):
    """Starts the proxy in front of a backend; the impatient one exchanges its keys all the time."""
    if request.param == "impatient":
        monkeypatch.setattr(fairlead, "BINARY", stacks.BINARIES / "interop_impatient_proxy")
        slow = "gnutls" in request.node.callspec.params.values()
        monkeypatch.setenv("INTEROP_RECORDS_PER_KEY", str(stacks.BYTES // 8192 // 2 if slow else 64))
    with fairlead.proxies(tmp_path) as start:
        yield lambda backend: start(configuration(authority, backend.address))


def configuration(authority, backend):
    tls = {"certificates": [certificates.settings(authority, "proxy")], "min_version": "TLS_1_3", "records": "COMPACT"}
    verify = {"server_name": "backend.test", "ca_file": authority.file("ca.pem"), "records": "COMPACT"}
    return fairlead.config(routes=[fairlead.route(upgrades=["*"])], clusters=[fairlead.cluster(backend, tls=verify)],
                           listeners=[{"name": "web", "address": "127.0.0.1:0", "tls": tls}], workers=1)
