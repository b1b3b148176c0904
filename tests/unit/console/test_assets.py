"""Files of the package: named by their content, and those of npm as they were pinned."""

import gzip
import hashlib
import io
import tarfile
from pathlib import Path
from unittest.mock import patch

import pytest

from crontask_api.console.frame.assets import Assets
from dev import assets as taken
from dev.assets import AssetError, Package, integrity, take, without_map


def test_a_name_tells_what_is_in_the_file() -> None:
    assets = Assets()
    path = assets.path("htmx.min.js")
    found = assets.find(path.rpartition("/")[2])

    assert found is not None
    digest = hashlib.sha256(found.plain).hexdigest()[:16]
    assert path == f"/console/assets/htmx.min.{digest}.js"
    assert gzip.decompress(found.compressed) == found.plain
    assert found.media_type == "text/javascript; charset=utf-8"
    assert assets.find("htmx.min.js") is None
    assert assets.find("../../settings.py") is None
    with pytest.raises(KeyError):
        assets.path("htmx.LICENSE.txt")


def test_htmx_comes_with_its_extensions_or_not_at_all() -> None:
    assets = Assets()
    joined = assets.find(assets.path("htmx.js").rpartition("/")[2])
    assert joined is not None
    places = [joined.plain.index(part) for part in (b"var htmx=", b'("hx-csp"', b'("sse"')]
    assert places == sorted(places)
    base = Path(taken.__file__).parents[1] / "api/crontask_api/console/templates/base.html"
    assert '"htmx.js"' in base.read_text()
    assert "hx-sse.min" not in base.read_text()


def test_every_file_that_was_taken_is_there_with_its_licence() -> None:
    for package in taken.PACKAGES:
        names = [*package.files.values()]
        assert all((package.folder / name).is_file() for name in names)
        assert any(name.endswith("LICENSE.txt") for name in names)


def test_scripts_are_told_by_their_files_not_by_an_address() -> None:
    for script in taken.VENDOR.glob("*.js"):
        assert b"sourceMappingURL" not in script.read_bytes()


def _archive(files: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(f"package/{name}")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return held.getvalue()


def _taken(tmp_path: Path, content: bytes, pinned: str) -> Path:
    folder, downloads = tmp_path / "vendor", tmp_path / "downloads"
    downloads.mkdir()
    (downloads / "some-1.0.0.tgz").write_bytes(content)
    package = Package("some", "1.0.0", pinned, folder, {"dist/a.js": "a.js"})
    with patch("dev.assets.subprocess.run"):
        take(package, downloads)
    return folder / "a.js"


def test_a_package_is_taken_if_it_is_the_one_that_was_pinned(tmp_path: Path) -> None:
    content = _archive({"dist/a.js": b"x()\n//# sourceMappingURL=a.js.map"})
    assert _taken(tmp_path, content, integrity(content)).read_bytes() == b"x()\n"


def test_any_other_package_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AssetError, match="expected sha512-other, got sha512-"):
        _taken(tmp_path, _archive({"dist/a.js": b"evil()"}), "sha512-other")


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    content = _archive({"dist/b.js": b""})
    with pytest.raises(AssetError, match=r"expected the file dist/a\.js"):
        _taken(tmp_path, content, integrity(content))


def test_a_script_without_a_map_stays_as_it_is() -> None:
    assert without_map(b"a()\nb()") == b"a()\nb()"
