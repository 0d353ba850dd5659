"""Authorities and the certificates that they sign, as PEM files of a directory."""

import subprocess

NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]


class Authority:
    def __init__(self, directory, name):
        self.directory = directory
        self.name = name
        self.file = directory / f"{name}.pem"
        self.key = directory / f"{name}.key"
        openssl("req", "-x509", *NEW_KEY, "-keyout", self.key, "-out", self.file, "-subj", f"/CN={name}", "-days", "2")

    def sign(self, name, alternative):
        """A certificate with this subject alternative name; returns its files, and its authority's, as flags."""
        certificate, key, request, extension = (
            self.directory / f"{self.name}-{name}.{kind}" for kind in ("pem", "key", "csr", "ext"))
        extension.write_text(f"subjectAltName={alternative}\n")
        openssl("req", "-new", *NEW_KEY, "-keyout", key, "-out", request, "-subj", f"/CN={name}")
        openssl("x509", "-req", "-in", request, "-CA", self.file, "-CAkey", self.key, "-CAcreateserial", "-days", "2",
                "-extfile", extension, "-out", certificate)
        return {"cert_file": str(certificate), "key_file": str(key)}


def flags(authority, certificate):
    return ["--ca-file", authority.file, "--cert-file", certificate["cert_file"], "--key-file", certificate["key_file"]]


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)
