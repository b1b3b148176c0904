"""submitted says what a browser sends of a form, by the rules of HTML, for its tests."""

from html.parser import HTMLParser

Pairs = list[tuple[str, str]]


def submitted(page: str) -> Pairs:
    """Return names and values of the form in `page` as a browser without scripts sends them."""
    parser = _Parser()
    parser.feed(page)
    parser.close()
    return parser.pairs


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pairs: Pairs = []
        self._select = ""
        self._text: list[str] | None = None
        self._name = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "input":
            self._input(given, "checked" in given)
        elif tag == "select":
            self._select = given["name"]
        elif tag == "option" and "selected" in given:
            self.pairs.append((self._select, given["value"]))
        elif tag == "textarea":
            self._name, self._text = given["name"], []

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._text is not None:
            # The first line may be a blank one of the markup; lines are sent with both signs.
            text = "".join(self._text).replace("\r\n", "\n").replace("\r", "\n")
            text = text.removeprefix("\n").replace("\n", "\r\n")
            self.pairs.append((self._name, text))
            self._text = None

    def _input(self, given: dict[str, str], is_checked: bool) -> None:
        kind = given.get("type", "text")
        if kind in ("radio", "checkbox") and not is_checked:
            return
        # An input has one line, whatever its attribute holds.
        text = given.get("value", "").replace("\r", "").replace("\n", "")
        self.pairs.append((given["name"], text))
