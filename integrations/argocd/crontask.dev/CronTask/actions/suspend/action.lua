-- Lets no scheduled run begin until the task is resumed. What is under way goes on.
obj.spec.suspend = true
return obj
