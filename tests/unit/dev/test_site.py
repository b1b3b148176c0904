"""The site of the documents: what is copied, and which faults are found."""

import re
from pathlib import Path

from dev.site import BUILT, ROOT, faults, prepare


def test_links_out_of_the_documents_become_text(tmp_path: Path) -> None:
    chart = tmp_path / "helm" / "crontask"
    chart.mkdir(parents=True)
    (chart / "README.md").write_text("[install](../../docs/a.md#x) [values](values.yaml)")
    (tmp_path / "CHANGELOG.md").write_text("[a](docs/a.md) [b](https://example.com/b.md)")
    (tmp_path / "docs" / "how-to").mkdir(parents=True)
    (tmp_path / "docs" / "a.md").write_text(
        "[a](how-to/b.md) [the chart](../helm/crontask/README.md#values) [a rule](../crds/a.yaml)"
    )
    (tmp_path / "docs" / "how-to" / "b.md").write_text(
        "[a](../a.md#x) [changes](../../CHANGELOG.md) [here](#x)"
    )
    source = tmp_path / "source"

    prepare(tmp_path, source)

    assert {page.name: page.read_text() for page in source.rglob("*.md")} == {
        "a.md": "[a](how-to/b.md) [the chart](chart.md#values) a rule (`crds/a.yaml`)",
        "b.md": "[a](../a.md#x) [changes](../changes.md) [here](#x)",
        "chart.md": "[install](a.md#x) values (`helm/crontask/values.yaml`)",
        "changes.md": "[a](a.md) [b](https://example.com/b.md)",
    }


def test_dead_links_and_foreign_hosts_are_found(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(
        '<h1 id="top">a</h1><a href="#top"></a><a href="b.html#there"></a><img src="x.png">'
        '<a href="https://example.com/"></a><a href="none.html"></a><a href="b.html#lost"></a>'
        '<a href="#gone"></a><script src="https://cdn.example.com/a.js"></script>'
        '<link rel="stylesheet" href="//fonts.example.com/a.css"><link rel="canonical" '
        'href="https://example.com/">'
    )
    (tmp_path / "b.html").write_text('<p id="there"></p><a href="index.html"></a>')

    assert list(faults(tmp_path)) == [
        "index.html: the page asks https://cdn.example.com/a.js",
        "index.html: the page asks //fonts.example.com/a.css",
        "index.html: none.html leads nowhere",
        "index.html: b.html#lost leads to a page without that place",
        "index.html: #gone leads to a page without that place",
    ]


def test_who_opens_the_file_learns_how_to_search() -> None:
    asked = BUILT.strip().rpartition(": ")[2]
    program, target = asked.split()

    assert program == "make"
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
