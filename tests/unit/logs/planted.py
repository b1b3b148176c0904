"""Secrets that tests plant where an error may take them up, for tests of the log."""

from typing import Final

SECRET: Final = "hunter2-of-the-shop"  # noqa: S105 - planted
"""In every planted text: no log line may hold it."""

TOKEN: Final = f"Bearer {SECRET}"
BASIC: Final = f"Basic {SECRET}"
DATABASE: Final = f"postgres://shop:{SECRET}@db.shop.svc:5432/prices"
WEBHOOK: Final = f"https://hooks.example/in?signature={SECRET}&n=1"
PAGE: Final = f"<html>You sent:\nAuthorization: {TOKEN}\n</html>"

ALL: Final = {
    "bare": SECRET,
    "token": TOKEN,
    "basic": BASIC,
    "database": DATABASE,
    "webhook": WEBHOOK,
    "page": PAGE,
}
"""Every form, by name."""

WITH_A_FORM: Final = {name: text for name, text in ALL.items() if name != "bare"}
"""Those that can be told from other text without knowing the secret."""
