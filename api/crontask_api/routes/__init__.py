"""The endpoints, one module each: what is read, what is asked of `service`, what is answered."""

from typing import Final

from starlette.routing import BaseRoute

from crontask_api.routes import (
    add_task,
    delete_task,
    get_task,
    list_runs,
    list_task,
    operations,
    pause_task,
    preview,
    query_task_status,
    redrive_runs,
    reference,
    resume_task,
    run_again_task,
    run_stats,
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
    list_runs,
    run_stats,
    redrive_runs,
)


def all_routes() -> list[BaseRoute]:
    """Return every route of the facade, in one list: each router costs every request time."""
    modules = (*_ENDPOINTS, operations, reference)
    return [route for module in modules for route in module.router.routes]
