"""That `docs/metrics.md` holds every metric of both programs, as they tell of them."""

from dev.generate_metrics import DOCUMENT, document, of_facade, of_operator

TEXT = DOCUMENT.read_text("utf-8")


def test_the_document_is_up_to_date() -> None:
    assert document(TEXT) == TEXT, "run python -m dev.generate_metrics"


def test_every_kind_is_found_and_nothing_twice() -> None:
    found = [*of_operator(), *of_facade()]
    assert {metric.kind for metric in found} == {"counter", "gauge", "histogram"}
    names = [metric.name for metric in found]
    assert len(names) == len(set(names)) == TEXT.count("\n| `crontask_")
    assert all(metric.text.endswith(".") for metric in found)
    for name in ("crontask_fire_lag_seconds", "crontask_tasks", "crontask_history_away_seconds"):
        assert name in names
