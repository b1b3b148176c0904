-- Tells Argo CD the health of a CronTask: what kstatus says, in Argo CD's words.
--
-- A suspended task is Healthy. An Application takes on the health Suspended of any of its
-- resources, and a sync waits for it in vain (argoproj/argo-cd issue 19126).
-- So is a task that runs again and whose latest run failed: the next run may succeed, and
-- what was deployed is as it should be (argoproj/argo-cd pull request 25551).
local status = obj.status or {}

if status.observedGeneration ~= obj.metadata.generation then
  return { status = "Progressing", message = "No operator has taken up the latest change yet." }
end

local ready = nil
for _, condition in ipairs(status.conditions or {}) do
  if condition.type == "Stalled" and condition.status == "True" then
    return { status = "Degraded", message = condition.message }
  end
  if condition.type == "Ready" then
    ready = condition
  end
end

if ready ~= nil and ready.status ~= "True" then
  return { status = "Progressing", message = ready.message }
end

local message = ready ~= nil and ready.message or ""
local failures = status.consecutiveFailures or 0
if failures > 0 then
  message = message .. " Of its runs, the latest " .. failures .. " failed."
end
return { status = "Healthy", message = message }
