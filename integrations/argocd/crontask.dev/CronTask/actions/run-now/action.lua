-- Asks for a run now, whatever the schedule and even while the task is suspended. The
-- operator takes any new value as a request; within one second there is one.
local os = require("os")

if obj.metadata.annotations == nil then
  obj.metadata.annotations = {}
end
obj.metadata.annotations["crontask.dev/run-requested-at"] = os.date("!%Y-%m-%dT%H:%M:%SZ")
return obj
