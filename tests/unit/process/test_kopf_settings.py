"""How kopf is set up."""

from itertools import islice

import kopf

from crontask_operator.process.kopf_settings import configure


def test_kopf_never_gives_up_and_never_waits_long() -> None:
    settings = kopf.OperatorSettings()
    configure(settings, drain_seconds=1)
    backoffs = settings.networking.error_backoffs
    assert not isinstance(backoffs, float)
    for _ in range(2):  # every request begins anew
        waits = list(islice(backoffs, 1000))
        assert len(waits) == 1000
        assert waits[0] < 1
        assert max(waits) <= 3
