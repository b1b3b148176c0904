"""From the settings to a gate."""

from crontask_api.auth.gate import Gate, OpenGate
from crontask_api.auth.kubernetes import KubernetesGate
from crontask_api.auth.tokens import TokenGate, TokensError
from crontask_api.kube.session import RetryingSession
from crontask_api.settings import AuthMode, Settings


def choose_gate(settings: Settings, session: RetryingSession) -> Gate:
    """Return the gate that `settings` ask for.

    Raises
    ------
    TokensError
        If ``auth=token`` has no usable tokens.
    """
    if settings.auth is AuthMode.KUBERNETES:
        return KubernetesGate(session, audience=settings.token_audience)
    if settings.auth is AuthMode.TOKEN:
        if settings.tokens_path is None:
            raise TokensError("auth=token needs tokens_path")
        return TokenGate(settings.tokens_path)
    return OpenGate()
