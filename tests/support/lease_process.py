"""A replica in a process of its own: it holds shards and fires without pause.

Its output has one line an event, each with the seconds since boot, which all processes
of a machine count alike::

    joined at 99.990
    acquired 0 4711 at 100.000
    fired at 100.005
    lost 0 at 113.500
"""

import argparse
import asyncio
import signal
from contextlib import suppress

from kubernetes.aio import config
from kubernetes.aio.client import Configuration

from crontask_operator.kube.client import KubeApi
from crontask_operator.kube.lease_store import keep_leases
from crontask_operator.ownership import Handover, LeaseKeeper, LeaseSettings, ShardEvents
from crontask_operator.process.clock import boot_seconds

FIRE_SECONDS = 0.002


def tell(what: str, at: float | None = None) -> None:
    print(f"{what} at {boot_seconds() if at is None else at:.6f}", flush=True)  # noqa: T201


def acquired(shard: int, handover: Handover) -> None:
    tell(f"acquired {shard} {handover.flushed_through or 'unknown'}")


async def fire(leases: LeaseKeeper) -> None:
    """Fire like a burst that never ends: ask before each time, and then do it."""
    while True:
        for _ in range(10):
            at = boot_seconds()
            if leases.owns(0):
                tell("fired", at)
        await asyncio.sleep(FIRE_SECONDS)


async def main(arguments: argparse.Namespace) -> None:
    configuration = Configuration()
    await config.load_kube_config(arguments.kubeconfig, client_configuration=configuration)
    settings = LeaseSettings.for_duration(arguments.lease_seconds)
    async with KubeApi(configuration, timeout_seconds=settings.request_timeout_seconds) as api:
        leases = keep_leases(
            api,
            arguments.namespace,
            replica=arguments.name,
            shards=1,
            settings=settings,
            events=ShardEvents(
                acquired,
                on_lost=lambda shard: tell(f"lost {shard}"),
                on_drain=lambda shard: tell(f"drain {shard}"),
            ),
            sees=lambda: True,
        )
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        tasks = [asyncio.create_task(leases.run()), asyncio.create_task(fire(leases))]
        await leases.ready.wait()
        tell("joined")
        await stop.wait()
        await leases.release_all("4711")
        tell("released")
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kubeconfig", required=True)
    parser.add_argument("--namespace", required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--lease-seconds", type=int, required=True)
    asyncio.run(main(parser.parse_args()))
