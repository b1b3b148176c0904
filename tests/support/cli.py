"""``crontask`` as people run it: a process, with the rights of a plain user."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from dev.control_plane import ControlPlane
from tests.facade.cluster import CORE, RBAC, create

PROGRAM = "from crontask_cli.start import main; main()"

NO_ATTEMPTS = "No attempts found.\n"
"""What ``logs`` says on the standard error when it prints nothing."""

EDIT = ("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection")
VIEW = ("get", "list", "watch")
"""What the chart's aggregated roles ``edit`` and ``view`` give of CronTasks."""


@dataclass(frozen=True, slots=True)
class Crontask:
    """The command line for one user, with further `options` after each command's name."""

    kubeconfig: Path | None = None
    options: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, stdin: str | None = None, **environment: str) -> "Done":
        """Run it to its end, in a pipe."""
        done = subprocess.run(
            self.command(*arguments),
            env=self.variables(**environment),
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return Done(done.returncode, done.stdout, done.stderr)

    def ok(self, *arguments: str, stdin: str | None = None) -> str:
        """Run it, and return what it printed; fail if it did."""
        done = self.run(*arguments, stdin=stdin)
        assert (done.status, done.stderr) == (0, ""), done
        return done.stdout

    def command(self, *arguments: str) -> list[str]:
        """Return the command line."""
        return [sys.executable, "-c", PROGRAM, *arguments, *self.options]

    def variables(self, **environment: str) -> dict[str, str]:
        """Return the environment."""
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("CRONTASK_") and name not in ("COLUMNS", "NO_COLOR")
        }
        return {
            **inherited,
            "PYTHONPATH": os.pathsep.join(sys.path),
            "KUBECONFIG": str(self.kubeconfig or "/nowhere"),
            "TERM": "xterm",
            "TZ": "UTC",
            **self.environment,
            **environment,
        }


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended."""

    status: int
    stdout: str
    stderr: str


def plain_user(
    control_plane: ControlPlane,
    kube: httpx.Client,
    namespace: str,
    verbs: tuple[str, ...] = EDIT,
    name: str = "person",
) -> Path:
    """Return the kubeconfig of a user with `verbs` for the CronTasks of `namespace` alone."""
    metadata: dict[str, Any] = {"metadata": {"name": name}}
    rule = {"apiGroups": ["crontask.dev"], "resources": ["crontasks"], "verbs": list(verbs)}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name}
    subject = {"kind": "ServiceAccount", "name": name, "namespace": namespace}
    create(kube, f"{CORE}/{namespace}/serviceaccounts", metadata)
    create(kube, f"{RBAC}/{namespace}/roles", {**metadata, "rules": [rule]})
    bound = {**metadata, "roleRef": role, "subjects": [subject]}
    create(kube, f"{RBAC}/{namespace}/rolebindings", bound)
    return control_plane.service_account_kubeconfig(namespace, name)
