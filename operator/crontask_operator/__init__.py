"""The operator: watches CronTasks, calls their targets on time, records every run.

Run it with ``kopf run -m crontask_operator``.
"""

from crontask_operator import handlers as handlers
