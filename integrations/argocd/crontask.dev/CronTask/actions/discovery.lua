-- Tells Argo CD which actions a CronTask has at the moment.
local invalid = obj.status ~= nil and obj.status.phase == "Invalid"
local suspended = obj.spec.suspend == true

return {
  ["run-now"] = {
    ["displayName"] = "Run now",
    ["iconClass"] = "fa fa-fw fa-bolt",
    ["disabled"] = invalid,
  },
  ["suspend"] = { ["iconClass"] = "fa fa-fw fa-pause", ["disabled"] = suspended },
  ["resume"] = { ["iconClass"] = "fa fa-fw fa-play", ["disabled"] = not suspended },
}
