"""The local control plane, the demo and everything else a developer runs.

Nothing here is part of the installed package: the operator and the facade never
import it, and it needs nothing from a cluster of somebody's own.
"""
