"""A container of a rendered Deployment as a process of this machine.

It has the command, the arguments and the environment that the pod would have, and the
rights of its ServiceAccount by a token of the real API server. Three things differ, as
they must: it listens on loopback and free ports, it finds the API server by a kubeconfig,
and what the pod would mount is in a folder.
"""

import base64
import itertools
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dev.control_plane import ControlPlane
from dev.ports import LOOPBACK, free_port
from dev.processes import Child
from dev.programs import Program
from tests.chart.helm import Manifest

ANY_ADDRESS = "0.0.0.0"
PROBES_PORT = 8080
PORT_VARIABLES = ("CRONTASK_METRICS_PORT", "CRONTASK_API_PORT")
MOUNTED_VARIABLES = ("CRONTASK_API_TOKENS_PATH", "CRONTASK_API_CONSOLE_KEY_PATH")

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class LocalPod(Program):
    """A running container."""

    @property
    def log(self) -> str:
        """What it has logged so far."""
        return self.child.log.read_text(errors="replace")


@contextmanager
def run_container(
    control_plane: ControlPlane, deployment: Manifest, folder: Path
) -> Iterator[LocalPod]:
    """Run the one container of `deployment` until the end of the block.

    `folder` takes what its Secrets hold. The program's URL is that of the operator's
    probes, or of the facade.
    """
    namespace = deployment["metadata"]["namespace"]
    pod = deployment["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    probes, ports = free_port(), {name: free_port() for name in PORT_VARIABLES}
    variables = {entry["name"]: entry["value"] for entry in container["env"]}
    for name in ports.keys() & variables.keys():
        variables[name] = str(ports[name])
    if variables.get("CRONTASK_API_HOST") == ANY_ADDRESS:
        variables["CRONTASK_API_HOST"] = LOOPBACK
    for name in MOUNTED_VARIABLES:
        if name in variables:
            variables[name] = str(_mounted(control_plane, namespace, pod, variables[name], folder))
    kubeconfig = control_plane.service_account_kubeconfig(namespace, pod["serviceAccountName"])
    command: str = container["command"][0]
    arguments: list[str] = [*container["command"][1:], *container.get("args", [])]
    child = Child.start(
        container["name"],
        [
            Path(sys.executable).with_name(command),
            *(
                argument.replace(f"{ANY_ADDRESS}:{PROBES_PORT}", f"{LOOPBACK}:{probes}")
                for argument in arguments
            ),
        ],
        log=folder / f"{container['name']}-{next(_numbers)}.log",
        env={
            **{name: value for name, value in os.environ.items() if not _is_setting(name)},
            **variables,
            "KUBECONFIG": str(kubeconfig),
        },
    )
    port = variables.get("CRONTASK_API_PORT", str(probes))
    metrics = f"http://{LOOPBACK}:{ports['CRONTASK_METRICS_PORT']}"
    try:
        yield LocalPod(child, f"http://{LOOPBACK}:{port}", metrics)
    except BaseException as error:
        error.add_note(f"The end of the log of the {child.name}:\n{child.tail()}")
        raise
    finally:
        child.stop()


def _mounted(
    control_plane: ControlPlane, namespace: str, pod: Manifest, path: str, folder: Path
) -> Path:
    """Write the Secret that the pod mounts at or above `path` into a folder; return where."""
    (mount,) = [
        mount
        for mount in pod["containers"][0]["volumeMounts"]
        if Path(path).is_relative_to(mount["mountPath"])
    ]
    (volume,) = [volume for volume in pod["volumes"] if volume["name"] == mount["name"]]
    name = volume["secret"]["secretName"]
    secret = control_plane.kubectl("get", "secret", name, "-n", namespace, "-o", "json")
    mounted = folder / str(mount["name"])
    mounted.mkdir(exist_ok=True)
    for key, value in json.loads(secret)["data"].items():
        (mounted / key).write_bytes(base64.b64decode(value))
    return mounted / Path(path).relative_to(mount["mountPath"])


def _is_setting(name: str) -> bool:
    return name.startswith("CRONTASK_") and not name.startswith("CRONTASK_DEV_")
