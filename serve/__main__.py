"""``python -m serve``: the site and the figures over HTTP, until it is stopped."""

import argparse
import contextlib
import socket
import sys

from core.cli import main
from core.errors import UserError
from core.settings import Settings

# As many connections may wait to be taken.
BACKLOG = 2048


def command() -> int:
    """Serve until interrupted; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m serve", description=__doc__)
    parser.add_argument("--port", type=int, help="default: 8420; 0: any that is free")
    asked = parser.parse_args(sys.argv[1:])

    import uvicorn

    from core import log
    from serve.app import application
    from serve.config import Config
    from serve.connection import Connection, room_for
    from serve.release import clients_of

    settings, config = Settings.from_env(), Config.from_env(asked.port)
    log.configure(settings, command="serve")
    if (clients := clients_of(settings.release)) is not None:
        config.access.check(clients)
    Connection.most = room_for(config.connections)
    listening = _listen(config.host, config.port)
    address = f"[{config.host}]" if ":" in config.host else config.host
    who = "this machine, read only" if config.access.is_open else f"{len(config.access.visitors)} tokens"
    print(f"wholeday: http://{address}:{listening.getsockname()[1]}/ for {who}; Ctrl-C ends it", flush=True)
    server = uvicorn.Server(
        uvicorn.Config(
            application(settings, config),
            log_config=None,
            access_log=False,
            server_header=False,
            http=Connection,
            proxy_headers=bool(config.proxies),
            forwarded_allow_ips=list(config.proxies),
            backlog=BACKLOG,
            timeout_graceful_shutdown=5,
            timeout_keep_alive=30,
        )
    )
    # Ctrl-C is how it ends: what runs is finished by then.
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[listening])
    return 0


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        # From here on requests wait instead of being refused.
        listening.listen(BACKLOG)
    except OSError as problem:
        listening.close()
        raise UserError(
            f"cannot listen on {host} port {port} ({problem.strerror}): make serve PORT=0 takes a free one"
        ) from None
    return listening


if __name__ == "__main__":
    main(command)
