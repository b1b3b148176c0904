"""The session that kopf gets: whose token it sends, and that its requests are followed."""

from pathlib import Path

import aiohttp
import pytest
import yaml
from aiohttp import web
from kubernetes.aio.config import kube_config

from crontask_operator.kube import kopf_login
from crontask_operator.kube.kopf_login import KopfLogin
from crontask_operator.process.watch_view import WatchView

TASKS = "/apis/crontask.dev/v1/crontasks"


def write_kubeconfig(path: Path, server: str, token: str) -> None:
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": server}}],
        "users": [{"name": "u", "user": {"token": token}}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "x",
    }
    path.write_text(yaml.safe_dump(config))


async def test_each_login_reads_the_token_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens: list[str | None] = []

    async def answer(request: web.BaseRequest) -> web.Response:
        tokens.append(request.headers.get("Authorization"))
        return web.Response()

    runner = web.ServerRunner(web.Server(answer))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    kubeconfig = tmp_path / "kubeconfig"
    monkeypatch.setattr(kube_config, "KUBE_CONFIG_DEFAULT_LOCATION", str(kubeconfig))
    monkeypatch.setattr(kopf_login, "AGAIN_SECONDS", 0.0)
    view = WatchView(lambda: None)
    log_in = KopfLogin(view)

    for token in ("refused", "renewed"):
        write_kubeconfig(kubeconfig, f"http://{host}:{port}", token)
        login = await log_in()
        assert login.server == f"http://{host}:{port}"
        session: aiohttp.ClientSession = login.aiohttp_session
        for query in ({}, {"watch": "true"}):
            async with session.get(login.server + TASKS, params=query):
                pass
        await session.close()

    assert tokens == ["Bearer refused"] * 2 + ["Bearer renewed"] * 2
    assert view.age() < 60
    await runner.cleanup()
