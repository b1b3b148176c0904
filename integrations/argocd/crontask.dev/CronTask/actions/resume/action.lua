-- Lets scheduled runs begin again. What was due meanwhile is not made up for.
obj.spec.suspend = false
return obj
