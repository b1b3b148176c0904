"""Templates: no script or style of their own, and no value that is markup."""

import re
from pathlib import Path

import jinja2
import pytest

import crontask_api.console
from crontask_api.console.frame.assets import Assets
from crontask_api.console.frame.templates import Templates

FOLDER = Path(crontask_api.console.__file__).parent / "templates"
TEMPLATES = sorted(FOLDER.rglob("*.html"))
ELEMENT = re.compile(r"<[a-z][a-z0-9]*(?:\{\{.*?\}\}|\{%.*?%\}|\"[^\"]*\"|'[^']*'|[^>\"'])*>", re.S)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_it_holds_no_script_no_style_and_no_other_host(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert re.findall(r"\sstyle=|<style|\son\w+=|javascript:|https?:", text) == []
    for script in re.findall(r"<script[^>]*>.*?</script>", text, re.S):
        assert re.fullmatch(r'<script defer nonce="[^"]+" src="[^"]+"></script>', script)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_every_element_of_htmx_has_the_nonce(path: Path) -> None:
    elements = ELEMENT.findall(path.read_text(encoding="utf-8"))
    powered = [each for each in elements if re.search(r"\shx-", each)]
    assert [each for each in powered if 'hx-nonce="{{ nonce }}"' not in each] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_every_form_that_changes_something_shows_where_it_came_from(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", text, re.S):
        assert "draw.marked(mark)" in form


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_it_calls_nothing_that_makes_markup_of_a_value(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\|\s*(safe|tojson|urlize|xmlattr)|autoescape|Markup", text)


@pytest.fixture
def templates(tmp_path: Path) -> Templates:
    """Templates of which the test writes one."""
    made = Templates(Assets())
    made._environment.loader = jinja2.FileSystemLoader([tmp_path, FOLDER])
    return made


def test_no_value_is_markup_or_hides_anything(templates: Templates, tmp_path: Path) -> None:
    (tmp_path / "x.html").write_text('<p title="{{ v }}">{{ v }}{{ v ~ v }}{{ v | line }}</p>')
    page = templates.render("x", {"v": "<b onclick='x'>\u202e\"\x00&"})
    assert "<b" not in page
    assert "\u202e" not in page
    assert "\x00" not in page
    assert page.count("&lt;b onclick=&#39;x&#39;&gt;⟨U+202E⟩&#34;␀&amp;") == 5


@pytest.mark.parametrize("name", ["safe", "tojson", "urlize", "xmlattr", "forceescape"])
def test_no_filter_lets_a_value_be_markup(name: str, templates: Templates, tmp_path: Path) -> None:
    (tmp_path / "x.html").write_text("{{ v | " + name + " }}")
    with pytest.raises(jinja2.TemplateAssertionError):
        templates.render("x", {"v": "<b>"})


def test_a_value_that_is_missing_is_an_error(templates: Templates, tmp_path: Path) -> None:
    (tmp_path / "x.html").write_text("{{ nothing }}")
    with pytest.raises(jinja2.UndefinedError):
        templates.render("x", {})
