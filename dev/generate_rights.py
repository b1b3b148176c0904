"""``python -m dev.generate_rights``: write the files of rights from the chart, by Helm.

They are kept, so that `make demo` need not build Helm first; a test of the chart compares.
"""

import os
import subprocess
from typing import Any, Final

import yaml

from dev import tools
from dev.generate_chart import CHART
from dev.rights import EVERYWHERE, MANIFESTS, NAMESPACE, RELEASE

KINDS: Final = ("ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding")
COMPONENTS: Final = ("operator", "facade")

VALUES: Final = {
    MANIFESTS: (),
    EVERYWHERE: ("facade.allowedNamespaces={*}", "facade.auth.mode=kubernetes"),
}
"""Of each file, the values of the chart that are no defaults."""

HEADER: Final = """\
# The rights of the operator and the facade, as the chart grants them {when}. Generated
# by `make chart`; dev/rights.py puts a release and a namespace in.
"""


def is_right(manifest: dict[str, Any]) -> bool:
    """Return whether an object of the chart is what a component may do."""
    component = manifest["metadata"]["labels"]["app.kubernetes.io/component"]
    return manifest["kind"] in KINDS and component in COMPONENTS


def render(values: tuple[str, ...]) -> str:
    """Return what the file for a release with `values` should hold.

    Raises
    ------
    subprocess.CalledProcessError
        If Helm refuses the chart; what it says is on stderr.
    """
    rendered = subprocess.run(
        [
            *(tools.ensure("helm"), "template", RELEASE, CHART, "--namespace", NAMESPACE),
            *(part for value in values for part in ("--set", value)),
        ],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"KUBECONFIG": os.devnull},
        check=True,
    ).stdout
    rights = [manifest for manifest in yaml.safe_load_all(rendered) if manifest]
    text: str = yaml.safe_dump_all(filter(is_right, rights), sort_keys=False)
    return HEADER.format(when=f"with {' and '.join(values)}" if values else "by default") + text


if __name__ == "__main__":
    for path, chosen in VALUES.items():
        path.write_text(render(chosen), encoding="utf-8")
