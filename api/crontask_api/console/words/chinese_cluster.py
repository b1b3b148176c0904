"""CLUSTER holds what is told of the operator in Chinese; `english_cluster` has the same."""

from typing import Final

CLUSTER: Final = {
    "events.title": "事件",
    "events.none": "最近一小时没有事件。",
    "events.away": "无法读取事件：{why}",
    "event.RunFailed": "一次执行失败。",
    "event.Recovered": "已恢复。",
    "event.RunSkipped": "跳过了一次执行。",
    "event.RunsMissed": "错过了执行。",
    "event.ShareUsedUp": "命名空间的并发已用尽，调用在等待。",
    "event.RunRequestWaits": "手动执行的请求在等待。",
    "event.Invalid": "定义无法使用。",
    "event.AheadOfClock": "状态超前于时钟。",
    "event.Succeeded": "已执行完成。",
    "event.Failed": "最终失败。",
    "health.title": "调度器",
    "health.replicas": "{count} 个副本中 {alive} 个在线",
    "health.shards": "{count} 个分片中 {held} 个有负责者",
    "health.without": "无负责者：{shards}",
    "health.owns.one": "负责分片 {shards}",
    "health.owns.other": "负责分片 {shards}",
    "health.standby": "待命",
    "health.seen": "上次在线",
    "health.wrong": "有任务没有负责调用的副本。",
    "health.away": "无法读取调度器的状态：{why}",
}
