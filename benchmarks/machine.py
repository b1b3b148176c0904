"""Facts about the machine and the versions, without which figures say little."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from dev.tools.modules import module_of

PACKAGES = ("crontask-operator", "kopf", "aiohttp", "uvloop", "httptools", "msgspec", "fastapi")


def facts() -> dict[str, object]:
    """Return the facts as JSON holds them, taken when the run began."""
    return {
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "system": platform.platform(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load_average": list(os.getloadavg()),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
        "kubernetes": module_of("kube-apiserver").version,
        "etcd": module_of("etcd").version,
    }


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()
