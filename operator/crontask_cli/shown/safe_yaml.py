"""safe_yaml escapes in YAML what is not printable, where PyYAML lets it pass, for `documents`."""

from typing import Any

import yaml
from yaml.emitter import ScalarAnalysis

from crontask_cli.shown.safe import is_safe


class SafeYaml(yaml.SafeDumper):
    """Writes a text that is not printable between double quotes, in ASCII."""

    def analyze_scalar(self, scalar: str) -> ScalarAnalysis:
        """Return how `scalar` may be written."""
        analysis = super().analyze_scalar(scalar)
        if not is_safe(scalar):
            analysis.allow_flow_plain = analysis.allow_block_plain = False
            analysis.allow_single_quoted = analysis.allow_block = False
        return analysis

    def write_double_quoted(self, text: str, split: bool = True) -> None:
        """Write `text` with escapes."""
        before: Any = self.allow_unicode
        self.allow_unicode = before and is_safe(text)
        super().write_double_quoted(text, split)
        self.allow_unicode = before
