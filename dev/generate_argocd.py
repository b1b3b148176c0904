"""``python -m dev.generate_argocd``: write Argo CD's configuration from the scripts for it.

The scripts have the form of Argo CD's own ``resource_customizations``; its ConfigMap
``argocd-cm`` takes the same by two keys.
"""

from pathlib import Path
from textwrap import indent
from typing import Final

from crontask_core.constants import GROUP, KIND

FOLDER: Final = Path(__file__).parents[1] / "integrations" / "argocd"
PATH: Final = FOLDER / "argocd-cm.yaml"
SCRIPTS: Final = FOLDER / GROUP / KIND

HEAD: Final = """\
# Generated from the scripts beside it by `python -m dev.generate_argocd`. To install:
# kubectl patch configmap argocd-cm --namespace argocd --patch-file argocd-cm.yaml
data:
"""


def render() -> str:
    """Return the patch for the ConfigMap ``argocd-cm``."""
    definitions = "".join(
        f"- name: {script.parent.name}\n  action.lua: |\n{indent(_read(script), '    ')}"
        for script in sorted(SCRIPTS.glob("actions/*/action.lua"))
    )
    discovery = indent(_read(SCRIPTS / "actions" / "discovery.lua"), "  ")
    actions = f"discovery.lua: |\n{discovery}definitions:\n{definitions}"
    return (
        f"{HEAD}"
        f"  resource.customizations.health.{GROUP}_{KIND}: |\n"
        f"{indent(_read(SCRIPTS / 'health.lua'), '    ')}"
        f"  resource.customizations.actions.{GROUP}_{KIND}: |\n"
        f"{indent(actions, '    ')}"
    )


def _read(script: Path) -> str:
    return script.read_text(encoding="utf-8")


if __name__ == "__main__":
    PATH.write_text(render(), encoding="utf-8")
