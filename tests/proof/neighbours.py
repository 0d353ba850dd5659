"""How nginx and HAProxy send away the tunnels of a backend that is to go. One worker each, as tests/bench has them."""

import pathlib
import signal
import socket
import tempfile
import time

import peers
import processes
import stayers


class Neighbour:
    """`title` says who, and by which means; `configure` gives the text of its configuration and `send_away` uses the
    means."""

    def __init__(self, title, program, start, send_away):
        self.title = title
        self.program = program
        self.start = start
        self.send_away = send_away

    def __call__(self, stage, tunnels, seconds):
        """Returns the Timeline of the tunnels that had ended after so many seconds, and when it was begun."""
        directory = pathlib.Path(tempfile.mkdtemp(dir=stage.directory))
        port, backends = processes.free_port(), [stage.revivable_backend() for _ in range(2)]
        log = directory / "log"
        program = peers.find(self.program)
        if program is None:
            raise processes.BenchError(f"{self.program} is not installed")
        process = processes.start(self.start(program, directory, port, backends[0].port), None, log)
        stage.stack.callback(processes.stop, process)
        processes.await_listening(process, port, log)
        clients = stayers.Stayers(stage, port, tunnels)
        time.sleep(1)
        began = time.time()
        self.send_away(process, directory, port, backends[1].port)
        time.sleep(seconds)
        _, ends = clients.finish()
        processes.stop(process)
        return ends, began


def reload_nginx(process, directory, port, backend):
    """The other backend in the place of the first, and a reload."""
    peers.nginx(None, directory, port, backend, None)
    process.send_signal(signal.SIGHUP)


def patient_nginx(program, directory, port, backend):
    return peers.nginx(program, directory, port, backend, None)


def impatient_nginx(program, directory, port, backend):
    command = peers.nginx(program, directory, port, backend, None)
    return [*command, "-g", "worker_shutdown_timeout 10s;"]


def haproxy(program, directory, port, backend):
    command = peers.haproxy(program, directory, port, backend, None)
    file = pathlib.Path(command[-1])
    file.write_text(file.read_text().replace("global\n", f"global\n  stats socket {directory}/admin level admin\n"))
    return command


def shutdown_sessions(_process, directory, _port, _backend):
    with socket.socket(socket.AF_UNIX) as admin:
        admin.connect(str(directory / "admin"))
        admin.sendall(b"set server echo/echo state drain; shutdown sessions server echo/echo\n")
        while admin.recv(4096):
            pass


ALL = [
    Neighbour("nginx reload", "nginx", patient_nginx, reload_nginx),
    Neighbour("nginx reload, shutdown timeout 10s", "nginx", impatient_nginx, reload_nginx),
    Neighbour("HAProxy shutdown sessions server", "haproxy", haproxy, shutdown_sessions),
]
