"""A facade without the console imports nothing of it."""

import subprocess
import sys

SCRIPT = """
import sys
from crontask_api.app import create_app
from crontask_api.metrics import Metrics
from crontask_api.settings import Settings

app = create_app(Settings(console={on}), Metrics())
paths = [route.path for route in app.routes]
libraries = ("crontask_api.console", "jinja2", "cryptography")
loaded = [name for name in libraries if name in sys.modules]
print(loaded, "/console/" in paths)
"""


def _run(on: bool) -> str:
    return subprocess.run(
        [sys.executable, "-c", SCRIPT.format(on=on)], check=True, capture_output=True, text=True
    ).stdout.strip()


def test_nothing_is_loaded_and_nothing_served() -> None:
    assert _run(on=False) == "[] False"


def test_the_check_sees_what_it_is_for() -> None:
    loaded, _, served = _run(on=True).rpartition(" ")
    assert "jinja2" in loaded
    assert served == "True"
