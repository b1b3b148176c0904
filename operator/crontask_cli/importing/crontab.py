"""crontab reads crontabs: a user's, and the system's with a column for the user.

Source: crontab(5) of Vixie's cron, cronie and Debian.
"""

import re
from collections.abc import Iterator
from typing import Final

from crontask_cli.files import as_text
from crontask_cli.importing.command_lines import put_command
from crontask_cli.importing.dialects import from_crontab
from crontask_cli.importing.found import Draft, Found, Hints, NotConvertible, found
from crontask_cli.importing.shell_words import NotClosed, split

_SETTING: Final = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*|\"[^\"]*\"|'[^']*')\s*=\s*(.*?)\s*")
_PROGRAM: Final = re.compile(r"(?:/\S*/)?(?:curl|wget)")
_ENDS_AT_PERCENT: Final = (
    "in a crontab a % that has no \\ before it ends the command, in quotes too"
)
_FIELD: Final = re.compile(r"[0-9A-Za-z*,/~?-]+")


def read(source: str, content: bytes, hints: Hints) -> Iterator[Found]:
    """Yield what the lines of a crontab are.

    Raises
    ------
    CliError
        If it is no text.
    """
    settings: dict[str, str] = {}
    for number, line in enumerate(as_text(source, content).splitlines(), 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        if setting := _SETTING.fullmatch(line):
            name, value = (part.strip("\"'") if part[:1] in "\"'" else part
                           for part in setting.groups())  # fmt: skip
            settings[name] = value
            continue
        place = f"{source}:{number}"
        yield found(place, _draft, text, settings, hints)


def _draft(place: str, line: str, settings: dict[str, str], hints: Hints) -> Draft:
    expression, rest = _split(line)
    command, percent, stdin = _at_percent(rest)
    try:
        words = split(command, settings)
    except NotClosed as error:
        if not percent:
            raise
        raise NotConvertible(f"{error}: {_ENDS_AT_PERCENT}") from error
    user = ""
    # The system's crontab has the user here; that of a user begins with the command.
    if not _PROGRAM.fullmatch("".join(words[:1])) and _PROGRAM.fullmatch("".join(words[1:2])):
        user, words = words[0], words[1:]
    draft = Draft(place, "")
    put_command(draft, words, stdin=stdin if percent else None)
    http = draft.spec["callback"]["http"]
    draft.name = re.sub(r"^https?://|[?].*$", "", http["url"]).rstrip("/")
    zone = settings.get("CRON_TZ") or hints.time_zone
    when: dict[str, object] = {"schedule": from_crontab(expression)}
    if zone != "UTC":
        when["timeZone"] = zone
        minute, hour, *_ = (*expression.split(), "", "")
        if not (minute.startswith(("*", "@hourly")) or hour.startswith("*")):
            # What cron does with a time that a clock change leaves out, or brings twice.
            when["dst"] = {"gap": "RunAfter", "overlap": "First"}
    draft.spec = when | draft.spec
    if user:
        draft.note(f"the user {user}: a call has none")
    if settings.get("MAILTO"):
        draft.note("MAILTO: nobody is mailed; see monitoring and alerts")
    return draft


def _split(line: str) -> tuple[str, str]:
    if line.startswith("@"):
        expression, _, rest = line.partition(" ") if " " in line else line.partition("\t")
        return expression, rest.strip()
    fields = line.split(maxsplit=5)
    if len(fields) < 6 or not all(_FIELD.fullmatch(each) for each in fields[:5]):
        raise NotConvertible("expected five fields and a command")
    return " ".join(fields[:5]), fields[5]


def _at_percent(command: str) -> tuple[str, bool, str]:
    """Return the command, and what it reads: a bare ``%`` ends a line of it."""
    first, *others = re.split(r"(?<!\\)%", command)
    plain = [part.replace("\\%", "%") for part in (first, *others)]
    return plain[0], bool(others), "\n".join(plain[1:]) + "\n" if others else ""
