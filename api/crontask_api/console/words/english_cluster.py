"""CLUSTER holds what is told of the operator in English; `chinese_cluster` has the same."""

from typing import Final

CLUSTER: Final = {
    "events.title": "Events",
    "events.none": "Nothing was told of it in the last hour.",
    "events.away": "Events cannot be read: {why}",
    "event.RunFailed": "A run failed.",
    "event.Recovered": "It recovered.",
    "event.RunSkipped": "A run was skipped.",
    "event.RunsMissed": "Runs were missed.",
    "event.ShareUsedUp": "Calls wait for others of the namespace.",
    "event.RunRequestWaits": "A run that was asked for waits.",
    "event.Invalid": "The definition cannot be used.",
    "event.AheadOfClock": "The status was ahead of the clock.",
    "event.Succeeded": "It has run.",
    "event.Failed": "It has failed for good.",
    "health.title": "Operator",
    "health.replicas": "{alive} of {count} replicas alive",
    "health.shards": "{held} of {count} shards have an owner",
    "health.without": "without: {shards}",
    "health.owns.one": "Owns shard {shards}",
    "health.owns.other": "Owns shards {shards}",
    "health.standby": "Stands by",
    "health.seen": "Last seen",
    "health.wrong": "Some tasks have nobody who calls them.",
    "health.away": "How the operator is cannot be read: {why}",
}
