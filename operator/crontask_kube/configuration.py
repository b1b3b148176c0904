"""configuration finds the API server, and the rights there, for every program here."""

import ssl

from kubernetes.aio.client import Configuration
from kubernetes.aio.config import ConfigException, load_incluster_config, load_kube_config

__all__ = ["ConfigException", "Configuration", "load_configuration", "tls_context"]


async def load_configuration() -> Configuration:
    """Return the configuration of the pod's ServiceAccount, else that of the kubeconfig.

    The kubeconfig is that of ``KUBECONFIG``, or ``~/.kube/config``.

    Raises
    ------
    ConfigException
        If there is neither, or if it cannot be used.
    """
    configuration = Configuration()
    try:
        load_incluster_config(client_configuration=configuration)
    except ConfigException:
        await load_kube_config(client_configuration=configuration)
    return configuration


def tls_context(configuration: Configuration) -> ssl.SSLContext:
    """Return how to speak TLS with the API server that `configuration` names."""
    context = ssl.create_default_context(
        cafile=configuration.ssl_ca_cert, cadata=configuration.ca_cert_data
    )
    if configuration.cert_file:
        context.load_cert_chain(configuration.cert_file, configuration.key_file)
    if not configuration.verify_ssl:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
