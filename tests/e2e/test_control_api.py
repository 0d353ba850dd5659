"""The control API as clients in another language meet it: stubs made by their own protoc, or none but reflection."""

import asyncio
import re
import signal
import time
import uuid

import fairlead
import grpc
import programs
import pytest
import websockets
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory


@pytest.fixture
def proxy(start_fairlead, control_section, node_websocket_server):
    return start_fairlead(fairlead.config(node_websocket_server.address, control=control_section("PUSH")))


@pytest.fixture
def api(proxy, connect):
    return connect()


class Reflection:
    """What grpcurl does: asks the server for its services, and builds requests from what it says of them."""

    def __init__(self, api):
        self.stubs = api.stubs
        self.channel = api.channel
        self.ask = api.channel.stream_stream(
            "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
            request_serializer=self.stubs.reflection.ServerReflectionRequest.SerializeToString,
            response_deserializer=self.stubs.reflection.ServerReflectionResponse.FromString)
        self.pool = descriptor_pool.DescriptorPool()
        self.known = set()

    def _ask(self, **question):
        request = self.stubs.reflection.ServerReflectionRequest(**question)
        return next(self.ask(iter([request]), timeout=programs.DEADLINE))

    def services(self):
        return {service.name for service in self._ask(list_services="").list_services_response.service}

    def describe(self, service):
        """The service's descriptor, with all files that it needs in our pool."""
        self._learn(self._ask(file_containing_symbol=service))
        return self.pool.FindServiceByName(service)

    def _learn(self, response):
        files = [descriptor_pb2.FileDescriptorProto.FromString(data)
                 for data in response.file_descriptor_response.file_descriptor_proto]
        for file in files:
            for name in file.dependency:
                if name not in self.known and name not in {other.name for other in files}:
                    self._learn(self._ask(file_by_filename=name))
        for file in files:
            self._add(file, {other.name: other for other in files})

    def _add(self, file, batch):
        if file.name in self.known:
            return
        self.known.add(file.name)
        for name in file.dependency:
            if name in batch:
                self._add(batch[name], batch)
        self.pool.Add(file)

    def call(self, service, method, **fields):
        described = self.describe(service).methods_by_name[method]
        factory = message_factory.MessageFactory(self.pool)
        request, response = map(factory.GetPrototype, (described.input_type, described.output_type))
        call = self.channel.unary_unary(f"/{service}/{method}", request_serializer=request.SerializeToString,
                                        response_deserializer=response.FromString)
        return call(request(**fields), timeout=programs.DEADLINE)


def test_a_generic_client_finds_its_way_by_reflection(api):
    reflection = Reflection(api)
    ours = {f"fairlead.control.v1.{name}" for name in ("ConfigService", "TunnelService", "StatusService")}
    assert reflection.services() >= ours | {"grpc.health.v1.Health"}
    config = reflection.describe("fairlead.control.v1.ConfigService")
    assert {"GetConfig", "ApplyConfig", "PatchEndpoints"} <= set(config.methods_by_name)
    assert reflection.call("fairlead.control.v1.StatusService", "GetStatus").status.owner == "PUSH"
    answer = reflection.call("fairlead.control.v1.ConfigService", "PatchEndpoints", cluster="backend",
                             upsert=[{"id": "new", "address": "127.0.0.1:1"}])
    assert answer.result.revision == 2


def test_health_is_served(api):
    check = api.channel.unary_unary("/grpc.health.v1.Health/Check",
                                    request_serializer=api.stubs.health.HealthCheckRequest.SerializeToString,
                                    response_deserializer=api.stubs.health.HealthCheckResponse.FromString)
    answer = check(api.stubs.health.HealthCheckRequest(), timeout=programs.DEADLINE)
    assert answer.status == api.stubs.health.HealthCheckResponse.SERVING


def test_what_is_applied_is_in_force_for_the_next_tunnel(
        api, proxy, chat, python_websocket_server):
    config = api.get().config
    config.clusters[0].endpoints[0].address = python_websocket_server.address
    since = python_websocket_server.mark()
    with chat(proxy):
        result = api.apply(config, request_id=str(uuid.uuid4()))
        assert result.revision == 2
        assert [cluster.cluster for cluster in result.impact.clusters] == ["backend"]
        api.watch(lambda status: status.installed_revision == 2)
        with chat(proxy):
            python_websocket_server.await_line("opened /chat", since)
    proxy.await_line(r"control: ApplyConfig by push:uid=\d+: revision 2, ")


def test_a_watcher_is_told_of_every_change(api, connect):
    other = connect()
    request = other.stubs.status.WatchStatusRequest()
    call = other.status_service.WatchStatus(request, timeout=programs.DEADLINE)
    responses = iter(call)
    assert next(responses).status.revision == 1
    api.patch("backend", [{"id": "more", "address": "127.0.0.1:1"}])
    seen = next(responses).status
    while seen.installed_revision != 2:
        seen = next(responses).status
    assert seen.revision == 2
    call.cancel()


def test_a_violation_names_its_field_and_leaves_everything_as_it_is(api, proxy):
    before = api.get().SerializeToString(deterministic=True)
    bad = api.get().config
    bad.clusters[0].endpoints[0].address = "nowhere"
    bad.virtual_hosts[0].routes[0].clusters[0].name = "none"
    with pytest.raises(grpc.RpcError) as refused:
        api.apply(bad)
    assert refused.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    reason, fields = api.violations(refused.value)
    assert reason == "INVALID"
    assert "config.clusters[0].endpoints[0].address" in fields
    assert "nowhere" in fields["config.clusters[0].endpoints[0].address"]
    assert api.get().SerializeToString(deterministic=True) == before
    assert re.match(r"push:uid=\d+: config\..* \(and 1 more\)", api.status().last_rejection)
    assert proxy.metric("fairlead_config_rejected_total", source="push") == 1


def refusals(stubs):
    """Pushes that must be refused, by name: what to do to a configuration, the options, the code."""
    codes = grpc.StatusCode

    def taken(config):
        config.listeners.add(name="taken", address=config.clusters[0].endpoints[0].address)

    def unknown(config):
        config.MergeFromString(b"\xf8\x3f\x01")  # field 1023

    def twice(config):
        config.virtual_hosts[0].routes.add().CopyFrom(config.virtual_hosts[0].routes[0])

    def nothing(config):
        config.drain.window.seconds += 1

    return {
        "an address that somebody else has": (taken, {}, codes.FAILED_PRECONDITION),
        "a field that it does not know": (unknown, {}, codes.INVALID_ARGUMENT),
        "a route twice": (twice, {}, codes.INVALID_ARGUMENT),
        "an etag of long ago": (nothing, {"etag": "old"}, codes.ABORTED),
        "a leader of long ago": (nothing, {"fencing_token": 1}, codes.ABORTED),
        "an override without end": (nothing, {"override_owner_for": {"seconds": 10**9}}, codes.INVALID_ARGUMENT),
        "only asking": (nothing, {"validate_only": True}, None),
    }


@pytest.mark.parametrize("name", refusals(None))
def test_what_is_refused_leaves_the_configuration_byte_for_byte(name, api):
    change, options, code = refusals(api.stubs)[name]
    api.patch("backend", [{"id": "more", "address": "127.0.0.1:1"}], fencing_token=7)
    before = api.get()
    config = api.get().config
    change(config)
    if code is None:
        api.apply(config, **options)
    else:
        with pytest.raises(grpc.RpcError) as refused:
            api.apply(config, **options)
        assert refused.value.code() == code, refused.value.details()
    assert api.get().SerializeToString(deterministic=True) == before.SerializeToString(deterministic=True)


def test_a_refused_file_leaves_a_pushed_configuration_byte_for_byte(api, proxy):
    api.patch("backend", [{"id": "more", "address": "127.0.0.1:1"}])
    before = api.get().SerializeToString(deterministic=True)
    proxy.signal(signal.SIGHUP)
    proxy.await_line("the owner of the configuration is PUSH")
    assert api.get().SerializeToString(deterministic=True) == before


def test_tunnels_are_closed_at_the_pace_that_was_asked_for(
        start_fairlead, control_section, connect, node_websocket_server):
    proxy = start_fairlead(fairlead.config(node_websocket_server.address, workers=1, control=control_section("PUSH")))
    api = connect()
    request = api.stubs.tunnels.CloseTunnelsRequest(selector={"cluster": "backend"}, rate=20)

    async def close_six():
        tunnels = [await websockets.connect(proxy.url("/chat", "ws"), ping_interval=None) for _ in range(6)]
        began = time.monotonic()
        assert api.tunnels.CloseTunnels(request, timeout=programs.DEADLINE).selected == len(tunnels)
        for tunnel in tunnels:
            await asyncio.wait_for(tunnel.wait_closed(), programs.DEADLINE)
        return time.monotonic() - began

    seconds = asyncio.run(close_six())
    assert seconds >= 5 / 20 * 0.9, "the last goes when five have gone before it"
    assert seconds < 5
    api.watch(lambda status: status.open_tunnels == 0)
