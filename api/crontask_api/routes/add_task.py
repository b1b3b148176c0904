"""``add_task``: add tasks."""

from typing import Annotated, Final

from fastapi import Depends, Response

from crontask_api.auth.authenticator import Verb
from crontask_api.routes.dependencies import Call, Reads, RequestId
from crontask_api.routes.described import DOCUMENTED, answers, endpoint_router, takes
from crontask_api.routes.examples import RESULT, Json
from crontask_api.schemas.items import AddItem
from crontask_api.schemas.requests import AddRequest, Options
from crontask_api.schemas.responses import TaskResults
from crontask_api.service.add_task import add_tasks
from crontask_api.web.envelope import answer_items

ADDED: Final[Json] = {
    "name": "定时改价",
    "enable": 1,
    "module": 2,
    "type": 4,
    "start_time": "0 30 2 * * *",
    "url": "http://prices.shop.svc:8080/refresh",
    "method": "post",
    "resp_regexp": '"code":\\s*0',
    "body": '{"scope": "all"}',
    "body_type": 1,
    "redo_param": "2 4 8",
}
REQUEST: Final[Json] = {
    "task_list": [
        ADDED,
        {
            "name": "close the sale",
            "enable": 1,
            "module": 2,
            "type": 1,
            "start_time": 1893456000,
            "url": "sales.shop.svc:50051/shop.v1.Sales.Close",
            "method": "rpc",
        },
    ]
}
ANSWER: Final[Json] = {
    "task_result": [
        RESULT,
        {"task_id": "4155978024811495", "name": "close the sale", "err": "", "code": 0},
    ]
}

router = endpoint_router(DOCUMENTED)


@router.post(
    "/add_task",
    summary="Add tasks. 添加定时任务",
    description="Adds each task of the list. A name must be unique: "
    "每次添加任务需要保证名字唯一, 否则添加失败. "
    "Of equal names in one batch, the first that can be used wins.",
    responses=answers(TaskResults, ANSWER),
    openapi_extra=takes(AddRequest, REQUEST),
)
async def add_task(
    call: Annotated[Call[Options], Depends(Reads(Verb.CREATE, Options, AddItem))],
    request_id: RequestId,
) -> Response:
    """Add the tasks of a batch."""
    results = await add_tasks(call.context, request_id, call.batch.items)
    return answer_items(TaskResults(results), call.batch.warnings)
