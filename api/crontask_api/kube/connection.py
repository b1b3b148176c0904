"""Where the API server is, and who the facade is to it."""

import os
import ssl
from pathlib import Path
from typing import Final

from kubernetes.aio.client import Configuration
from kubernetes.aio.config import load_incluster_config, load_kube_config

DEFAULT_KUBECONFIG: Final = Path("~/.kube/config")


async def load_connection() -> Configuration:
    """Return the connection of the pod's ServiceAccount, or of the kubeconfig.

    A kubeconfig comes first, as in kubectl: ``KUBECONFIG``, then ``~/.kube/config``.

    Raises
    ------
    kubernetes.aio.config.ConfigException
        If there is neither, or if it cannot be used.
    """
    configuration = Configuration()
    if "KUBECONFIG" in os.environ or DEFAULT_KUBECONFIG.expanduser().exists():
        await load_kube_config(client_configuration=configuration)
    else:
        load_incluster_config(client_configuration=configuration)
    return configuration


def tls_context(configuration: Configuration) -> ssl.SSLContext:
    """Return the TLS context that `configuration` asks for."""
    context = ssl.create_default_context(
        cafile=configuration.ssl_ca_cert, cadata=configuration.ca_cert_data
    )
    if configuration.cert_file:
        context.load_cert_chain(configuration.cert_file, keyfile=configuration.key_file)
    if not configuration.verify_ssl:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


async def authorization(configuration: Configuration) -> dict[str, str]:
    """Return the headers that authenticate the facade; a pod's token is re-read in time."""
    value = await configuration.get_api_key_with_prefix("BearerToken", alias="authorization")
    return {} if value is None else {"Authorization": value}
