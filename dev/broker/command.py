"""`python -m dev broker`: serves the queues of development in the foreground; keeps nothing when it ends."""

import asyncio
import signal
from argparse import ArgumentParser, Namespace
from pathlib import Path

from dev.broker.server import BrokerServer

CONFIG = Path(__file__).resolve().parents[1] / "servicebus" / "Config.json"


def configure(parser: ArgumentParser) -> None:
    """Declares the arguments of the command."""
    parser.add_argument("--port", type=int, default=5672, help="port to listen on, 0 for a free one (default: 5672)")
    parser.add_argument(
        "--config", type=Path, default=CONFIG, help="file that names the queues (default: dev/servicebus/Config.json)"
    )


def run(arguments: Namespace) -> int:
    """The command: serves until Ctrl-C or SIGTERM."""
    asyncio.run(_serve(BrokerServer(arguments.config, port=arguments.port)))
    return 0


async def _serve(server: BrokerServer) -> None:
    ending = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, ending.set)
    async with server:
        print(f"Service Bus broker, all in memory. ServiceBusConnection={server.connection_string}", flush=True)
        await ending.wait()
