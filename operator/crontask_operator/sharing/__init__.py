"""sharing hands out to namespaces, in turns and in bounds, what they use together."""
