"""``python -m dev.generate_rights``: write `rights.yaml` from the chart, by Helm.

It is kept, so that `make demo` need not build Helm first; a test of the chart compares.
"""

import os
import subprocess
from typing import Any, Final

import yaml

from dev import tools
from dev.generate_chart import CHART
from dev.rights import MANIFESTS, NAMESPACE, RELEASE

KINDS: Final = ("ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding")
COMPONENTS: Final = ("operator", "facade")

HEADER: Final = """\
# The rights of the operator and the facade, as the chart grants them by default. Generated
# by `make chart`; dev/rights.py puts a release and a namespace in.
"""


def is_right(manifest: dict[str, Any]) -> bool:
    """Return whether an object of the chart is what a component may do."""
    component = manifest["metadata"]["labels"]["app.kubernetes.io/component"]
    return manifest["kind"] in KINDS and component in COMPONENTS


def render() -> str:
    """Return what the file should hold.

    Raises
    ------
    subprocess.CalledProcessError
        If Helm refuses the chart; what it says is on stderr.
    """
    rendered = subprocess.run(
        [tools.ensure("helm"), "template", RELEASE, CHART, "--namespace", NAMESPACE],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"KUBECONFIG": os.devnull},
        check=True,
    ).stdout
    rights = [manifest for manifest in yaml.safe_load_all(rendered) if manifest]
    text: str = yaml.safe_dump_all(filter(is_right, rights), sort_keys=False)
    return HEADER + text


if __name__ == "__main__":
    MANIFESTS.write_text(render(), encoding="utf-8")
