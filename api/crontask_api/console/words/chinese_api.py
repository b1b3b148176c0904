"""API holds what the pages of the HTTP API say in Chinese; `english_api` has the same."""

from typing import Final

API: Final = {
    "nav.api": "API",
    "help.api": "API",
    "api.title": "HTTP API",
    "api.endpoints": "接口",
    "api.overview": "通用约定",
    "api.openapi": "供程序使用",
    "api.numbers.state": "响应的 state",
    "api.numbers.code": "单项的 code",
    "api.refusals": "未到达接口时的 HTTP 状态码",
    "api.try": "试用",
    "api.try.rights": "请求会以您的权限和身份真正执行。",
    "api.body": "请求体",
    "api.send": "发送",
    "api.bytes": "{count} 字节",
    "api.cut": "仅显示响应的开头部分。",
    "api.table.header": "请求头",
    "api.table.field": "请求字段",
    "api.table.answer": "data 的字段",
    "api.name": "名称",
    "api.kind": "类型",
    "api.meaning": "含义",
    "api.required": "必填。",
    "api.example": "响应示例",
}
