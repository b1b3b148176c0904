"""registry names the commands, so that none is imported but the one that runs."""

from typing import Final, NamedTuple

PROGRAM: Final = "crontask"

COMPLETION: Final = "_CRONTASK_COMPLETE"
"""Variable of the environment by which a shell asks for completions."""


class Entry(NamedTuple):
    """A command: the module that has it as `command`, its line of help, and its needs."""

    module: str
    help: str
    connects: bool = True
    """Whether it asks a cluster or a facade, and so has the options that say which."""


COMMANDS: Final = {
    "list": Entry("list_tasks", "List tasks, those that run next first."),
    "get": Entry("get_task", "Show a task: its definition, next and last runs, and its state."),
    "logs": Entry("logs", "Print the attempts of tasks, oldest first."),
    "top": Entry(
        "top", "Show live which tasks are due within a minute, in flight or failing, and the lag."
    ),
    "run": Entry("run", "Run tasks now, whatever their schedules, and even while they are paused."),
    "pause": Entry("pause", "Turn the scheduled runs of tasks off."),
    "resume": Entry("resume", "Turn the scheduled runs of tasks on again."),
    "delete": Entry("delete", "Delete tasks and their logs."),
    "apply": Entry("apply", "Create tasks, or change them, as files say (server-side apply)."),
    "diff": Entry("diff", "Show what `crontask apply` would change."),
    "import": Entry("import_tasks", "Write the tasks of another scheduler as CronTasks."),
    "export": Entry("export_tasks", "Write tasks as files from which they can be made again."),
    "doctor": Entry("doctor", "Check that tasks can run, and say what to do if they cannot."),
    "next": Entry(
        "next_times", "Print the next times of a schedule, in the time of its zone.", connects=False
    ),
    "explain": Entry(
        "explain", "Tell an expression in words, and the traps in it.", connects=False
    ),
    "completion": Entry("completion", "Print the completion script of a shell.", connects=False),
}
"""In the order of ``crontask --help``."""
