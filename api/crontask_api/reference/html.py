"""``/docs``: the same page for a browser, without scripts and without other hosts."""

from collections.abc import Iterator, Sequence
from html import escape
from typing import Any, Final

from crontask_api.reference.prose import prose
from crontask_api.reference.sections import Row, Section, sections

STYLE: Final = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
code, pre { font: 0.875rem/1.45 ui-monospace, monospace; }
pre { padding: 0.75rem 1rem; overflow-x: auto; border: 1px solid #8884; border-radius: 6px; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; display: block; overflow-x: auto; }
th, td { text-align: left; vertical-align: top; padding: 0.35rem 0.75rem 0.35rem 0; }
th, td { border-bottom: 1px solid #8884; }
section { border-top: 1px solid #8884; margin-top: 2rem; }
nav ul { columns: 2; padding-left: 1.2rem; }
"""

POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
"""Content-Security-Policy of the page: its own style and nothing else."""


def html(document: dict[str, Any]) -> str:
    """Return the page."""
    info = document["info"]
    found = list(sections(document))
    links = "".join(
        f'<li><a href="#{escape(each.anchor)}"><code>{escape(each.path)}</code></a></li>'
        for each in found
    )
    intro = "".join(f"<p>{_prose(part)}</p>" for part in info["description"].split("\n\n"))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(info['title'])} HTTP API</title><style>{STYLE}</style></head><body>"
        f"<h1>{escape(info['title'])} HTTP API</h1>{intro}"
        '<p>For programs: <a href="openapi.json">openapi.json</a></p>'
        f"<nav><ul>{links}</ul></nav><main>{''.join(map(_section, found))}</main></body></html>"
    )


def _section(section: Section) -> str:
    return "".join(_parts(section))


def _parts(section: Section) -> Iterator[str]:
    yield f'<section id="{escape(section.anchor)}"><h2>{escape(section.title)}</h2>'
    yield f"<p><code>{section.method} {escape(section.path)}</code></p>"
    if section.description:
        yield f"<p>{_prose(section.description)}</p>"
    yield _table("Header", section.headers)
    yield _table("Field", section.fields, show_required=True)
    if section.request:
        yield f"<h3>Request</h3><pre>{escape(section.request)}</pre>"
    yield _table("Field of data", section.answer_fields)
    if section.answer:
        yield f"<h3>Answer</h3><pre>{escape(section.answer)}</pre>"
    yield "</section>"


def _table(head: str, rows: Sequence[Row], *, show_required: bool = False) -> str:
    if not rows:
        return ""
    cells = "".join(
        f"<tr><td><code>{escape(row.name)}</code></td><td>{escape(row.kind)}</td><td>"
        f"{'Required. ' if show_required and row.is_required else ''}"
        f"{_prose(row.description)}</td></tr>"
        for row in rows
    )
    return (
        f"<table><thead><tr><th>{head}</th><th>Type</th><th>Meaning</th></tr></thead>"
        f"<tbody>{cells}</tbody></table>"
    )


def _prose(text: str) -> str:
    """Return `text` with what Markdown quotes as code marked as such."""
    return "".join(
        f"<code>{escape(part.text)}</code>" if part.is_code else escape(part.text)
        for part in prose(text)
    )
