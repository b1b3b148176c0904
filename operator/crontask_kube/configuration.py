"""configuration finds the API server, and the rights there, for every program here."""

import asyncio
import os
import ssl
from typing import Final

from kubernetes.aio.client import Configuration
from kubernetes.aio.config import ConfigException, load_incluster_config, load_kube_config

__all__ = [
    "ConfigException",
    "Configuration",
    "load_configuration",
    "load_context",
    "tls_context",
]

READ_SECONDS: Final = 30.0
"""Longest time for a kubeconfig; it may name a program that asks for a token."""


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
        try:
            async with asyncio.timeout(READ_SECONDS):
                await load_kube_config(client_configuration=configuration)
        except TimeoutError as error:
            took = (
                f"the kubeconfig, or what it runs for a token, took longer than {READ_SECONDS:g} s"
            )
            raise ConfigException(took) from error
    return configuration


async def load_context(context: str) -> Configuration:
    """Return the configuration of one `context` of the kubeconfig, for a person who waits.

    Nothing bounds the time: what it runs for a token may have to ask that person.

    Raises
    ------
    ConfigException
        If it cannot be used.
    """
    configuration = Configuration()
    # The package has read the variable when it was imported.
    named = os.environ.get("KUBECONFIG") or None
    await load_kube_config(named, context=context, client_configuration=configuration)
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
