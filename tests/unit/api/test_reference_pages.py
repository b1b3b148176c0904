"""Pages that anybody may ask for are made once."""

import httpx
import pytest

from crontask_api.app import create_app
from crontask_api.metrics import Metrics
from crontask_api.settings import Settings


@pytest.mark.parametrize("path", ["/docs", "/openapi.json"])
async def test_a_page_is_made_once(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = create_app(Settings(), Metrics())
    document, asked = app.openapi(), []

    def openapi() -> dict[str, object]:
        asked.append(path)
        return document

    monkeypatch.setattr(app, "openapi", openapi)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
        first, second = await http.get(path), await http.get(path)

    assert first.status_code == 200
    assert second.content == first.content
    assert asked == [path]
