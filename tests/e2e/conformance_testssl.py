"""What testssl.sh says of a listener with the defaults, an RSA and an ECDSA certificate: nothing above LOW.

Two minutes; `./dev conformance` runs it."""

import json
import subprocess

import certificates
import fairlead

# Of the certificates of this test, not of the listener.
ABOUT_THE_CERTIFICATE = {
    "cert_expirationStatus": "they live for two days",
    "cert_notAfter": "they live for two days",
    "cert_revocation": "their authority publishes neither a CRL nor OCSP",
}
# Of the machine that looks.
ABOUT_THE_TOOL = {"engine_problem": "its OpenSSL has no GOST, which we do not speak either"}
HARMLESS = ("OK", "INFO", "LOW")
# What it must have looked at.
LOOKED_AT = {"SSLv2", "SSLv3", "TLS1", "TLS1_1", "TLS1_2", "TLS1_3", "cipherlist_NULL", "cipherlist_3DES_IDEA", "PFS",
             "heartbleed", "CCS", "ticketbleed", "ROBOT", "secure_renego", "secure_client_renego", "CRIME_TLS", "BREACH",
             "POODLE_SSL", "fallback_SCSV", "SWEET32", "FREAK", "DROWN", "LOGJAM", "BEAST", "LUCKY13", "RC4"}
# An application's own business, which testssl.sh looks at, too.
HEADERS = {"strict-transport-security": "max-age=31536000", "x-frame-options": "DENY", "x-content-type-options": "nosniff",
           "content-security-policy": "default-src 'self'"}


def test_finds_nothing_above_low(node_http_server, start_fairlead, tmp_path):
    authority = certificates.Authority(tmp_path / "authority")
    authority.issue("rsa", "DNS:localhost", certificates.RSA)
    authority.issue("ec", "DNS:localhost", certificates.EC)
    pairs = [certificates.settings(authority, name) for name in ("rsa", "ec")]
    proxy = start_fairlead(fairlead.config(
        node_http_server.address, routes=[fairlead.route(response_headers={"set": HEADERS})],
        listeners=[{"name": "web", "address": "127.0.0.1:0", "tls": {"certificates": pairs}}]))
    port = proxy.address().rpartition(":")[2]
    report = tmp_path / "report.json"
    said = subprocess.run(
        ["testssl", "--quiet", "--color", "0", "--warnings", "off", "--nodns", "none", "--ip", "127.0.0.1",
         "--add-ca", authority.file("ca.pem"), "--jsonfile", report, f"localhost:{port}/length"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=900)

    findings = json.loads(report.read_text())
    identified = {finding["id"]: finding["finding"] for finding in findings}
    assert LOOKED_AT <= identified.keys(), said.stdout + said.stderr
    assert identified["cert_numbers"] == "2"
    assert identified["HTTP_status_code"].startswith("200"), identified["HTTP_status_code"]
    excused = {**ABOUT_THE_CERTIFICATE, **ABOUT_THE_TOOL}
    harmful = [finding for finding in findings
               if finding["severity"] not in HARMLESS and finding["id"].split(" ")[0] not in excused]
    assert not harmful
