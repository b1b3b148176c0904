"""The header Idempotency-Key: a request that is sent again answers as it did."""

from tests.facade.client import Facade, Json, item


def _add(facade: Facade, key: str, *items: Json) -> list[Json]:
    answer = facade.post("add_task", {"task_list": items}, **{"Idempotency-Key": key})
    results: list[Json] = answer["data"]["task_result"]
    return results


def test_a_repeated_request_gives_the_same_answer(facade: Facade) -> None:
    batch = [item(name="a"), item(name="b", type=9), item(name="c"), item(name="a")]

    first = _add(facade, "key", *batch)
    again = _add(facade, "key", *batch)

    assert [result["code"] for result in first] == [0, 2, 0, 6]
    assert again == first


def test_a_repetition_completes_what_was_done_in_part(facade: Facade) -> None:
    _add(facade, "key", item(name="a"))

    results = _add(facade, "key", item(name="a"), item(name="b"))

    assert [result["err"] for result in results] == ["", ""]


def test_another_key_is_another_request(facade: Facade) -> None:
    _add(facade, "one", item())

    assert _add(facade, "two", item())[0]["code"] == 6
    assert facade.add(item())[0]["code"] == 6


def test_a_key_with_other_values_is_refused(facade: Facade) -> None:
    _add(facade, "key", item(module=1))

    (result,) = _add(facade, "key", item(module=2))

    assert result["code"] == 6
    assert "Idempotency-Key" in result["err"]
    assert facade.get_one(name="定时改价")["module"] == 1


def test_a_repetition_is_known_after_an_update(facade: Facade) -> None:
    _add(facade, "key", item())
    facade.results("update_task", {"name": "定时改价", "module": 9})

    assert _add(facade, "key", item())[0]["err"] == ""
    assert facade.get_one(name="定时改价")["module"] == 9


def test_an_empty_key_or_a_long_one_is_refused(facade: Facade) -> None:
    for key in ("", "k" * 256):
        answer = facade.post("add_task", {"task_list": [item()]}, **{"Idempotency-Key": key})
        assert answer["state"] == 1
        assert answer["msg"].startswith("Idempotency-Key: expected 1 to 255")
    assert facade.results("get_task", {"name": "定时改价"})[0]["code"] == 5
