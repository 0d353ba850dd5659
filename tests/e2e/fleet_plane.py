"""A control plane that a test speaks for, well or badly: a FleetService on Debian's grpcio."""

import concurrent.futures
import queue

import grpc
import programs

# A proxy asks every 10 s whether we are still there; by default gRPC's servers hang up on who asks so often.
OPTIONS = [("grpc.http2.min_recv_ping_interval_without_data_ms", 5000), ("grpc.so_reuseport", 0)]


class Stream:
    """One proxy's subscription."""

    def __init__(self, requests):
        self.requests = requests
        self.said = queue.Queue()
        self.to_send = queue.Queue()

    def listen(self):
        try:
            for request in self.requests:
                self.said.put(request)
        except grpc.RpcError:
            pass  # it has hung up
        self.to_send.put(None)

    def hear(self):
        """The next message of the proxy. Waits for it."""
        return self.said.get(timeout=programs.DEADLINE)

    def send(self, message):
        """A SyncConfigResponse, or any bytes in its place."""
        self.to_send.put(message)

    def ask(self, message):
        self.send(message)
        return self.hear()

    def hang_up(self):
        self.to_send.put(None)


class Plane:
    """Serves at `address`; streams come out of `accept`. With `credentials` over TLS."""

    def __init__(self, stubs, address, credentials=None):
        self.stubs = stubs
        self.credentials = credentials
        self.streams = queue.Queue()
        self.address = address
        self.start()

    def start(self):
        self.pool = concurrent.futures.ThreadPoolExecutor(max_workers=8)
        self.server = grpc.server(self.pool, options=OPTIONS)
        method = grpc.stream_stream_rpc_method_handler(
            self._sync, request_deserializer=self.stubs.fleet.SyncConfigRequest.FromString,
            response_serializer=lambda message: message if isinstance(message, bytes) else message.SerializeToString())
        self.server.add_generic_rpc_handlers(
            [grpc.method_handlers_generic_handler("fairlead.control.v1.FleetService", {"SyncConfig": method})])
        if self.credentials:
            port = self.server.add_secure_port(self.address, self.credentials)
        else:
            port = self.server.add_insecure_port(self.address)
        # Where it was the kernel's choice, it is ours when we start again.
        self.address = f"{self.address.rpartition(':')[0]}:{port}"
        self.server.start()

    def stop(self):
        self.server.stop(grace=0).wait()
        self.pool.shutdown()
        while not self.streams.empty():
            self.streams.get()

    def _sync(self, requests, context):
        stream = Stream(requests)
        self.metadata = dict(context.invocation_metadata())
        self.peer = context.auth_context().get("x509_subject_alternative_name", [None])[0]
        listener = self.pool.submit(stream.listen)
        self.streams.put(stream)
        yield from iter(stream.to_send.get, None)
        context.cancel()
        listener.result()

    def accept(self):
        """The next stream, whose Hello is still to be heard. Waits for it."""
        return self.streams.get(timeout=programs.DEADLINE)

    def whole(self, revision, config):
        """The update that brings a whole configuration."""
        return self.stubs.fleet.SyncConfigResponse(nonce=f"n{revision}", revision=revision, hash=f"h{revision}",
                                                   config=config)
