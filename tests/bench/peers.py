"""Who is measured: how each proxy is configured and started. One worker each, access log off."""

import dataclasses
import pathlib
import shutil
import subprocess
from typing import Callable

import processes

# Every tunnel takes two descriptors, and the proxies need some for themselves.
MAX_CONNECTIONS = processes.DESCRIPTORS - 100

NGINX = """\
worker_processes 1;
worker_rlimit_nofile {descriptors};
daemon off;
pid {directory}/nginx.pid;
error_log {directory}/nginx.log warn;
events {{ worker_connections {connections}; }}
http {{
  access_log off;
  client_body_temp_path {directory}/body;
  proxy_temp_path {directory}/proxy;
  fastcgi_temp_path {directory}/fastcgi;
  uwsgi_temp_path {directory}/uwsgi;
  scgi_temp_path {directory}/scgi;
  map $http_upgrade $connection_upgrade {{ default upgrade; "" close; }}
  server {{
    listen 127.0.0.1:{port} backlog=4096{tls};
    location / {{
      proxy_pass http://127.0.0.1:{backend};
      proxy_http_version 1.1;
      proxy_set_header Host $host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_read_timeout 1h;
      proxy_send_timeout 1h;
    }}
  }}
}}
"""

HAPROXY = """\
global
  nbthread 1
  maxconn {tunnels}
defaults
  mode http
  no log
  maxconn {tunnels}
  option forwardfor
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  timeout tunnel 1h
frontend web
  bind 127.0.0.1:{port} backlog 4096{tls}
  default_backend echo
backend echo
  server echo 127.0.0.1:{backend}
"""

FAIRLEAD = """\
telemetry: {{address: "127.0.0.1:{telemetry}"}}
admin: {{address: "127.0.0.1:{admin}"}}
workers: 1
access_log: {{mode: DISABLED}}
drain: {{delay: 0s, window: 0s}}
listeners:
- name: web
  address: "127.0.0.1:{port}"{tls}
virtual_hosts:
- name: all
  domains: ["*"]
  routes:
  - name: all
    match: {{prefix: /}}
    cluster: echo
clusters:
- name: echo
  endpoints: [{{address: "127.0.0.1:{backend}"}}]
"""


@dataclasses.dataclass(frozen=True)
class Pair:
    """A certificate for TLS: its file, its key's, and a file with both."""

    certificate: str
    key: str
    both: str


def make_pair(directory):
    """RSA, 2,048 bits."""
    pair = Pair(*(f"{directory}/{name}" for name in ("tls.crt", "tls.key", "tls.pem")))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=bench",
                    "-addext", "subjectAltName=DNS:bench", "-keyout", pair.key, "-out", pair.certificate],
                   check=True, capture_output=True)
    pathlib.Path(pair.both).write_text(pathlib.Path(pair.certificate).read_text() + pathlib.Path(pair.key).read_text())
    return pair


@dataclasses.dataclass(frozen=True)
class Peer:
    name: str
    program: str
    version_flag: str | None
    command: Callable  # (program, directory, port, backend port, pair or None) -> argument list
    speaks_tls: bool = True

    def version(self):
        if not self.version_flag:
            return ""
        said = subprocess.run([self.program, self.version_flag], capture_output=True, text=True, check=True)
        return (said.stdout or said.stderr).splitlines()[0]


def written(directory, name, template, **values):
    path = pathlib.Path(directory) / name
    path.write_text(template.format(directory=directory, **values))
    return path


def floor(program, directory, port, backend, pair):
    return [program, port, backend]


def nginx(program, directory, port, backend, pair):
    # TLS 1.3 is not among the versions that it speaks by default.
    tls = (f" ssl;\n    ssl_protocols TLSv1.2 TLSv1.3;\n    ssl_certificate {pair.certificate};\n"
           f"    ssl_certificate_key {pair.key}" if pair else "")
    limits = {"connections": MAX_CONNECTIONS, "descriptors": processes.DESCRIPTORS}
    config = written(directory, "nginx.conf", NGINX, port=port, backend=backend, tls=tls, **limits)
    return [program, "-e", f"{directory}/nginx.log", "-p", directory, "-c", config]


def haproxy(program, directory, port, backend, pair):
    tls = f" ssl crt {pair.both}" if pair else ""
    config = written(directory, "haproxy.cfg", HAPROXY, port=port, backend=backend, tls=tls,
                     tunnels=MAX_CONNECTIONS // 2)
    return [program, "-db", "-f", config]


def fairlead(program, directory, port, backend, pair):
    files = f"{{cert_file: {pair.certificate}, key_file: {pair.key}}}" if pair else ""
    tls = f"\n  tls: {{certificates: [{files}]}}" if pair else ""
    ports = {"telemetry": processes.free_port(), "admin": processes.free_port()}
    config = written(directory, "fairlead.yaml", FAIRLEAD, port=port, backend=backend, tls=tls, **ports)
    return [program, "run", "-c", config]


def find(name):
    """A program of the distribution, or None. /usr/sbin is not in everybody's PATH."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")


def all_peers(build_dir):
    """The peers in the order of the table. A `program` is None or absent where it is not installed."""
    build_dir = pathlib.Path(build_dir)
    return [
        Peer("floor", str(build_dir / "tests/bench/bench_floor"), None, floor, speaks_tls=False),
        Peer("nginx", find("nginx"), "-v", nginx),
        Peer("HAProxy", find("haproxy"), "-v", haproxy),
        Peer("Fairlead", str(build_dir / "cmd/fairlead/fairlead"), "--version", fairlead),
    ]
