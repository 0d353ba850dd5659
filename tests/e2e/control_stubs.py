"""The control API in Python: stubs that Debian's protoc and its gRPC plugin make of our proto files."""

import importlib
import os
import pathlib
import re
import subprocess
import sys
import types

PROTO = pathlib.Path(__file__).resolve().parents[2] / "proto"
# Debian's grpc-proto: what services that come with gRPC speak.
GRPC_PROTO = pathlib.Path("/usr/share/grpc-proto")
OURS = ["fairlead/config/v1/config.proto", "google/rpc/error_details.proto", "google/rpc/status.proto",
        *(f"fairlead/control/v1/{name}.proto" for name in ("drain", "impact", "config_service", "fleet_service",
                                                           "status_service", "tunnel_service"))]
THEIRS = ["grpc/reflection/v1alpha/reflection.proto", "grpc/health/v1/health.proto"]
PACKAGE = "generated"


def generate(directory):
    """Makes the stubs in `directory`, and returns them in one namespace: config, configs, drain, fleet, status, tunnels are
    ours, and beside them error_details, rpc_status, reflection, health. What ends in _rpc has stubs and servicers."""
    package = directory / PACKAGE
    package.mkdir()
    for root, files, plugin in ((PROTO, OURS, True), (GRPC_PROTO, THEIRS, False)):
        command = ["protoc", f"-I{root}", f"--python_out={package}", *files]
        if plugin:
            command += ["--plugin=protoc-gen-grpc=/usr/bin/grpc_python_plugin", f"--grpc_out={package}"]
        subprocess.run(command, check=True)
    # The names that they have by themselves are taken: by our module `fairlead`, by Debian's protobuf and grpc.
    for file in package.rglob("*.py"):
        file.write_text(re.sub(r"^from (fairlead|google\.rpc)", rf"from {PACKAGE}.\1", file.read_text(), flags=re.M))
    sys.path.insert(0, os.fspath(directory))

    def load(module):
        return importlib.import_module(f"{PACKAGE}.{module}")

    return types.SimpleNamespace(
        config=load("fairlead.config.v1.config_pb2"),
        configs=load("fairlead.control.v1.config_service_pb2"),
        configs_rpc=load("fairlead.control.v1.config_service_pb2_grpc"),
        drain=load("fairlead.control.v1.drain_pb2"),
        fleet=load("fairlead.control.v1.fleet_service_pb2"),
        status=load("fairlead.control.v1.status_service_pb2"),
        status_rpc=load("fairlead.control.v1.status_service_pb2_grpc"),
        tunnels=load("fairlead.control.v1.tunnel_service_pb2"),
        tunnels_rpc=load("fairlead.control.v1.tunnel_service_pb2_grpc"),
        error_details=load("google.rpc.error_details_pb2"),
        rpc_status=load("google.rpc.status_pb2"),
        reflection=load("grpc.reflection.v1alpha.reflection_pb2"),
        health=load("grpc.health.v1.health_pb2"))
