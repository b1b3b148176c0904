"""The endpoints, one module each: what is read, what is asked of `service`, what is answered."""

from typing import Final

from fastapi import APIRouter

from crontask_api.routes import (
    add_task,
    delete_task,
    get_task,
    list_task,
    operations,
    pause_task,
    preview,
    query_task_status,
    reference,
    resume_task,
    run_again_task,
    update_task,
)

_ENDPOINTS: Final = (
    add_task,
    update_task,
    query_task_status,
    run_again_task,
    get_task,
    list_task,
    delete_task,
    pause_task,
    resume_task,
    preview,
)


def all_routes() -> APIRouter:
    """Return every route of the facade."""
    router = APIRouter()
    for endpoint in _ENDPOINTS:
        router.include_router(endpoint.router)
    router.include_router(operations.router)
    router.include_router(reference.router)
    return router
