"""Certificates as an operator makes them: an authority, and what it issues."""

import os
import subprocess

import grpc


EC = ["ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
RSA = ["rsa:2048"]


class Authority:
    """Keeps NAME.pem and NAME.key of each certificate in a directory, and its own as ca.pem."""

    def __init__(self, directory):
        self.directory = directory
        directory.mkdir(exist_ok=True)
        self._openssl("req", "-x509", *self._new_key("ca"), "-out", self.file("ca.pem"), "-subj", "/CN=ca", "-days", "2")

    def issue(self, name, alternative, key=EC):
        """`alternative` is its subject alternative name: "DNS:plane.test"; `key` is EC or RSA."""
        (self.directory / "extensions").write_text(f"subjectAltName={alternative}\n")
        self._openssl("req", "-new", *self._new_key(name, key), "-out", self.file("request"), "-subj", f"/CN={name}")
        self._openssl("x509", "-req", "-in", self.file("request"), "-CA", self.file("ca.pem"), "-CAkey",
                      self.file("ca.key"), "-CAcreateserial", "-days", "2", "-extfile", self.file("extensions"),
                      "-out", self.file(f"{name}.pem"))

    def revoke(self, *names):
        """Writes crl.pem, a list of these and of all that were revoked before; returns its path."""
        index = self.directory / "index.txt"
        index.touch()
        (self.directory / "ca.conf").write_text(
            f"[ca]\ndefault_ca=this\n[this]\ndatabase={index}\ndefault_md=sha256\ndefault_crl_days=2\n")
        signer = ["-config", self.file("ca.conf"), "-cert", self.file("ca.pem"), "-keyfile", self.file("ca.key")]
        for name in names:
            self._openssl("ca", *signer, "-revoke", self.file(f"{name}.pem"))
        self._openssl("ca", *signer, "-gencrl", "-out", self.file("crl.pem"))
        return self.file("crl.pem")

    def file(self, name):
        return os.fspath(self.directory / name)

    def read(self, name):
        return (self.directory / name).read_bytes()

    def pair(self, name):
        """Private key and certificate, in PEM."""
        return self.read(f"{name}.key"), self.read(f"{name}.pem")

    def server_credentials(self, name):
        """For a server of gRPC's that asks its clients for a certificate of this authority."""
        return grpc.ssl_server_credentials([self.pair(name)], self.read("ca.pem"), require_client_auth=True)

    def _new_key(self, name, key=EC):
        return ["-newkey", *key, "-nodes", "-keyout", self.file(f"{name}.key")]

    @staticmethod
    def _openssl(*arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def flags(authority, name):
    """What fairleadctl needs to show that certificate."""
    return ["--ca-file", authority.file("ca.pem"), "--cert-file", authority.file(f"{name}.pem"),
            "--key-file", authority.file(f"{name}.key")]


def settings(authority, name):
    """The fields of a configuration that show that certificate."""
    return {"cert_file": authority.file(f"{name}.pem"), "key_file": authority.file(f"{name}.key")}
