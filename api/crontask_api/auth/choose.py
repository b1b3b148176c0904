"""choose_authenticator goes from the settings to a way to authenticate, for `create_app`."""

from crontask_api.auth.authenticator import Authenticator, OpenAuthenticator
from crontask_api.auth.kubernetes import KubernetesAuthenticator
from crontask_api.auth.proxy import ProxyAuthenticator, ProxyHeaders
from crontask_api.auth.tokens import TokenAuthenticator, TokensError
from crontask_api.kube.session import RetryingSession
from crontask_api.settings import AuthMode, Settings


def choose_authenticator(settings: Settings, session: RetryingSession) -> Authenticator:
    """Return the authenticator that `settings` ask for.

    Raises
    ------
    TokensError
        If ``auth=token`` has no usable tokens.
    """
    if settings.auth is AuthMode.KUBERNETES:
        return KubernetesAuthenticator(session, audience=settings.token_audience)
    if settings.auth is AuthMode.PROXY:
        return ProxyAuthenticator(
            session,
            settings.trusted_proxies,
            ProxyHeaders(
                settings.proxy_user_header,
                settings.proxy_groups_header,
                settings.proxy_email_header,
                settings.proxy_user_prefix,
                settings.proxy_groups_prefix,
            ),
        )
    if settings.auth is AuthMode.TOKEN:
        if settings.tokens_path is None:
            raise TokensError("auth=token needs tokens_path")
        return TokenAuthenticator(settings.tokens_path)
    return OpenAuthenticator()
