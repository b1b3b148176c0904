"""Metrics holds what the facade measures, for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from crontask_logs import lines_dropped

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
"""Bounds of the histograms: from one read of the API server to the request timeout."""


class Metrics:
    """One application's metrics. ``endpoint`` is a route's path, never a client's text."""

    content_type = "text/plain; version=0.0.4; charset=utf-8"

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.requests = Counter(
            "crontask_api_requests",
            "Requests by endpoint, HTTP status and the envelope's state.",
            ["endpoint", "status", "state"],
            registry=self._registry,
        )
        self.request_seconds = Histogram(
            "crontask_api_request_seconds",
            "Time from the request's head to the end of the answer.",
            ["endpoint"],
            buckets=SECONDS,
            registry=self._registry,
        )
        self.in_progress = Gauge(
            "crontask_api_requests_in_progress",
            "Requests that are being answered.",
            registry=self._registry,
        )
        self.refused = Counter(
            "crontask_api_connections_refused",
            "Connections that were refused or closed before a request, by reason.",
            ["reason"],
            registry=self._registry,
        )
        self.items = Counter(
            "crontask_api_items",
            "Items of batches by endpoint and result code.",
            ["endpoint", "code"],
            registry=self._registry,
        )
        self.kubernetes_seconds = Histogram(
            "crontask_api_kubernetes_request_seconds",
            "Time of one request to the API server, by method and outcome.",
            ["method", "outcome"],
            buckets=SECONDS,
            registry=self._registry,
        )
        self.log_lines_dropped = Gauge(
            "crontask_api_log_lines_dropped",
            "Log lines of this process that were dropped, because nobody took what it wrote"
            " to stderr.",
            registry=self._registry,
        )
        self.log_lines_dropped.set_function(lines_dropped)

    def exposition(self) -> bytes:
        """Return all metrics in the Prometheus text format."""
        return generate_latest(self._registry)
