"""items types the items of a request's ``task_list``, for `parsing`; more fields are no error."""

from pydantic import BaseModel, ConfigDict

from crontask_api.schemas.fields import (
    Body,
    BodyTypeField,
    EnableField,
    Method,
    Module,
    Name,
    RedoParam,
    RespRegexp,
    StartTime,
    TaskId,
    TimeZone,
    TypeField,
    Url,
)


class Item(BaseModel):
    """Base of the items: null means "not given", and what is not known is ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class AddItem(Item):
    """A task to add."""

    name: Name
    enable: EnableField
    module: Module
    type: TypeField
    start_time: StartTime
    url: Url
    method: Method
    resp_regexp: RespRegexp | None = None
    body: Body | None = None
    body_type: BodyTypeField | None = None
    redo_param: RedoParam | None = None
    time_zone: TimeZone | None = None


class TaskRef(Item):
    """A task to find: by ``task_id``, and if that leads to none, by ``name``."""

    task_id: TaskId | None = None
    name: Name | None = None


class UpdateItem(TaskRef):
    """A task to find, and the fields to change. An empty string clears an optional one."""

    enable: EnableField | None = None
    module: Module | None = None
    type: TypeField | None = None
    start_time: StartTime | None = None
    url: Url | None = None
    method: Method | None = None
    resp_regexp: RespRegexp | None = None
    body: Body | None = None
    body_type: BodyTypeField | None = None
    redo_param: RedoParam | None = None
    time_zone: TimeZone | None = None
