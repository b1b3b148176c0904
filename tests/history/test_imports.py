"""Who keeps no history loads none of its libraries."""

import subprocess
import sys

import pytest

LIBRARIES = ("sqlalchemy", "asyncpg", "aiosqlite", "alembic")

PROGRAM = """
import sys
{imports}
print(*({{name.partition(".")[0] for name in sys.modules}} & {libraries!r}))
"""


@pytest.mark.parametrize(
    "imports",
    [
        "import crontask_operator, crontask_operator.application",
        "import crontask_api.app, crontask_api.__main__",
        "import crontask_cli.program",
        "from crontask_history.url import parse_history_url; parse_history_url('sqlite:////a')",
    ],
)
def test_nothing_of_sql_is_loaded(imports: str) -> None:
    program = PROGRAM.format(imports=imports, libraries=set(LIBRARIES))
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []


def test_a_store_needs_them() -> None:
    imports = "import crontask_history.sql.sql_history, crontask_history.sql.migrate"
    program = PROGRAM.format(imports=imports, libraries=set(LIBRARIES))
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert {"sqlalchemy", "asyncpg", "alembic"} <= set(done.stdout.split())
