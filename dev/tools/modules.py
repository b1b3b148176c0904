"""Which programs come from which Go module, and how they are built."""

import hashlib
import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dev.errors import DevError

HERE = Path(__file__).parent


class ToolsError(DevError):
    """A tool can be neither found nor built; the message says what to do."""


@dataclass(frozen=True, slots=True)
class GoModule:
    """A folder with a ``go.mod`` that pins the programs of one upstream project.

    `programs` maps a program's name to its Go package, `versioned` is the module whose
    required version is theirs. `stamps` are linker variables that carry the version,
    with ``{version}``, ``{major}`` and ``{minor}`` replaced. `tags` are build tags.
    A program may also be the folder's own, of what the upstream project has as a library.
    """

    name: str
    versioned: str
    programs: Mapping[str, str]
    stamps: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        """Where ``go.mod`` and ``go.sum`` are."""
        return HERE / self.name

    @property
    def version(self) -> str:
        """The required version, such as ``v1.36.3``."""
        return self._find(rf"^\s*(?:require )?{re.escape(self.versioned)} (v\S+)")

    @property
    def go_version(self) -> tuple[int, ...]:
        """The oldest Go release that may build it, such as ``(1, 26, 0)``."""
        return parse_version(self._find(r"^go (\S+)"))

    @property
    def linker_flags(self) -> str:
        """No symbol tables, which halves the size, and the version where it is shown."""
        major, minor, *_ = self.version.removeprefix("v").split(".")
        stamps = (
            stamp.format(version=self.version, major=major, minor=minor) for stamp in self.stamps
        )
        return " ".join(["-s -w", *(f"-X {stamp}" for stamp in stamps)])

    @property
    def key(self) -> str:
        """Name of the cache folder: the same only if the programs would be the same."""
        digest = hashlib.sha256()
        sources = (path.read_text() for path in sorted(self.folder.glob("*.go")))
        pinned = (self._read("go.mod"), self._read("go.sum"), self.linker_flags)
        for part in (*pinned, *self.tags, *sources):
            digest.update(part.encode() + b"\0")
        system, machine = platform.system().lower(), platform.machine().lower()
        return f"{self.name}-{self.version}-{system}-{machine}-{digest.hexdigest()[:12]}"

    def _read(self, name: str) -> str:
        return (self.folder / name).read_text()

    def _find(self, pattern: str) -> str:
        match = re.search(pattern, self._read("go.mod"), re.MULTILINE)
        if match is None:
            raise ToolsError(f"{self.folder / 'go.mod'}: expected a line matching {pattern!r}")
        return match[1]


def parse_version(text: str) -> tuple[int, ...]:
    """Return the numbers of a release: ``(1, 26, 8)`` of ``go1.26.8`` or ``1.26.8``."""
    return tuple(int(number) for number in re.findall(r"\d+", text))


_KUBERNETES_STAMPS = (
    "k8s.io/component-base/version.gitVersion={version}",
    "k8s.io/component-base/version.gitMajor={major}",
    "k8s.io/component-base/version.gitMinor={minor}",
)

MODULES = (
    GoModule("etcd", "go.etcd.io/etcd/server/v3", {"etcd": "go.etcd.io/etcd/server/v3"}),
    GoModule(
        "kubernetes",
        "k8s.io/kubernetes",
        {
            "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
            "kubectl": "k8s.io/kubernetes/cmd/kubectl",
        },
        _KUBERNETES_STAMPS,
    ),
    # Not one more program of the module above: only a comparison with CronJobs needs it,
    # and the pins of what it takes in besides would be a new key for everybody's build.
    GoModule(
        "kube-controller-manager",
        "k8s.io/kubernetes",
        {"kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager"},
        _KUBERNETES_STAMPS,
    ),
    GoModule(
        "helm",
        "helm.sh/helm/v4",
        {"helm": "helm.sh/helm/v4/cmd/helm"},
        ("helm.sh/helm/v4/internal/version.version={version}",),
    ),
    # What follows judges the project for its tests.
    GoModule("kstatus", "sigs.k8s.io/cli-utils", {"kstatus": "crontask.dev/tools/kstatus"}),
    GoModule(
        "kube-score",
        "github.com/zegl/kube-score",
        {"kube-score": "github.com/zegl/kube-score/cmd/kube-score"},
    ),
    GoModule(
        "oapi-codegen",
        "github.com/oapi-codegen/oapi-codegen/v2",
        {"oapi-codegen": "github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen"},
    ),
    # Without the means to discover targets it compiles in a fraction of the time.
    GoModule(
        "promtool",
        "github.com/prometheus/prometheus",
        {"promtool": "github.com/prometheus/prometheus/cmd/promtool"},
        tags=("remove_all_sd",),
    ),
)


def module_of(program: str) -> GoModule:
    """Return the module that `program` is built from.

    Raises
    ------
    ToolsError
        If none has it.
    """
    for module in MODULES:
        if program in module.programs:
            return module
    known = sorted(program for module in MODULES for program in module.programs)
    raise ToolsError(f"expected one of {', '.join(known)}, got {program!r}")
