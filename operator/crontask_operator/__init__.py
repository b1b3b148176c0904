"""crontask_operator watches CronTasks, calls their targets on time and records every run.

Run it with ``kopf run -m crontask_operator``.
"""

from crontask_operator import handlers as handlers
