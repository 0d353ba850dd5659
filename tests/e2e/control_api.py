"""The control API of a proxy, as a client sees it that knows nothing of Fairlead but its proto files."""

import grpc
import programs


class ControlApi:
    """A connection to a unix socket. `stubs` is what control_stubs.generate returned."""

    def __init__(self, stubs, path):
        self.stubs = stubs
        self.channel = grpc.insecure_channel(f"unix:{path}", options=[("grpc.use_local_subchannel_pool", 1)])
        self.configs = stubs.configs_rpc.ConfigServiceStub(self.channel)
        self.status_service = stubs.status_rpc.StatusServiceStub(self.channel)
        self.tunnels = stubs.tunnels_rpc.TunnelServiceStub(self.channel)

    def close(self):
        self.channel.close()

    def get(self):
        return self.configs.GetConfig(self.stubs.configs.GetConfigRequest(), timeout=programs.DEADLINE)

    def status(self):
        request = self.stubs.status.GetStatusRequest()
        return self.status_service.GetStatus(request, timeout=programs.DEADLINE).status

    def watch(self, until):
        """The first status for which `until` is true, now or later."""
        request = self.stubs.status.WatchStatusRequest()
        call = self.status_service.WatchStatus(request, timeout=programs.DEADLINE)
        seen = None
        try:
            for response in call:
                seen = response.status
                if until(seen):
                    return seen
        except grpc.RpcError as error:
            raise AssertionError(f"it never came to that; the last was\n{seen}") from error
        finally:
            call.cancel()
        raise AssertionError("the proxy has ended the call")

    def apply(self, config, **options):
        """Replaces the configuration; returns the ChangeResult."""
        request = self.stubs.configs.ApplyConfigRequest(config=config, options=self.options(options))
        return self.configs.ApplyConfig(request, timeout=programs.DEADLINE).result

    def patch(self, cluster, upsert=(), remove=(), **options):
        request = self.stubs.configs.PatchEndpointsRequest(cluster=cluster, remove_ids=remove,
                                                           options=self.options(options))
        request.upsert.extend(self.stubs.config.Endpoint(**endpoint) for endpoint in upsert)
        return self.configs.PatchEndpoints(request, timeout=programs.DEADLINE).result

    def set_endpoints(self, cluster, endpoints, **options):
        request = self.stubs.configs.SetEndpointsRequest(cluster=cluster, options=self.options(options))
        request.endpoints.extend(self.stubs.config.Endpoint(**endpoint) for endpoint in endpoints)
        return self.configs.SetEndpoints(request, timeout=programs.DEADLINE).result

    def update_cluster(self, cluster, mask, **options):
        request = self.stubs.configs.UpdateClusterRequest(cluster=cluster, options=self.options(options))
        request.update_mask.paths.extend(mask)
        return self.configs.UpdateCluster(request, timeout=programs.DEADLINE).result

    def options(self, options):
        return self.stubs.configs.ChangeOptions(**options)

    def violations(self, error):
        """What a refusal carries: the reason of its ErrorInfo, and its field violations as a dict."""
        packed = dict(error.trailing_metadata())["grpc-status-details-bin"]
        reason, fields = None, {}
        for detail in self.stubs.rpc_status.Status.FromString(packed).details:
            info, bad = self.stubs.error_details.ErrorInfo(), self.stubs.error_details.BadRequest()
            if detail.Unpack(info):
                reason = info.reason
            elif detail.Unpack(bad):
                fields = {violation.field: violation.description for violation in bad.field_violations}
        return reason, fields
