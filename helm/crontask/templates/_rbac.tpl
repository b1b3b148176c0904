{{/* What the operator and the facade may do, and where. */}}

{{/* The operator's rights in each namespace that it watches. */}}
{{- define "crontask.operator.rules" -}}
# Framework: kopf lists the tasks of its scope and watches them.
- apiGroups: [crontask.dev]
  resources: [crontasks]
  verbs: [list, watch]
# Application: after a write that met a conflict the recorder reads the task anew; a
# finished task with ttlSecondsAfterFinished is deleted.
- apiGroups: [crontask.dev]
  resources: [crontasks]
  verbs: [get, delete]
# Application: runs are recorded in the status, and nothing else of a task is written.
- apiGroups: [crontask.dev]
  resources: [crontasks/status]
  verbs: [patch]
# Application: the first failure, the recovery and the like are told in Events.
- apiGroups: [""]
  resources: [events]
  verbs: [create]
# Application: the descriptors of gRPC services without reflection are in ConfigMaps.
- apiGroups: [""]
  resources: [configmaps]
  verbs: [get]
{{- with .Values.operator.secretAccess }}
{{- if .enabled }}
# Application: headers and certificates of callbacks can come from Secrets.
- apiGroups: [""]
  resources: [secrets]
  verbs: [get]
  {{- with .names }}
  resourceNames: {{ toJson . }}
  {{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* The operator's rights in its own namespace. */}}
{{- define "crontask.operator.leaseRules" -}}
# Application: each shard and each replica has a Lease; each is named and known only at run
# time. A Lease that was changed by somebody else is read anew, and those of replicas that
# are long gone are deleted.
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  verbs: [get, list, watch, create, patch, delete]
{{- end -}}

{{/* The operator's rights in the namespace default, with denyApiServer. */}}
{{- define "crontask.operator.endpointRules" -}}
# Application: no callback may reach the API server, whose own addresses are here.
- apiGroups: [discovery.k8s.io]
  resources: [endpointslices]
  resourceNames: [kubernetes]
  verbs: [get]
{{- end -}}

{{/* The facade's rights in each namespace that requests may name. */}}
{{- define "crontask.facade.rules" -}}
# add_task; look-ups by id or name; look-ups by taskName and list_task; update_task and
# run_again_task; delete_task, in this order.
- apiGroups: [crontask.dev]
  resources: [crontasks]
  verbs: [create, get, list, patch, delete]
{{- if .Values.facade.console.enabled }}
# The console keeps one view of all tasks up to date.
- apiGroups: [crontask.dev]
  resources: [crontasks]
  verbs: [watch]
# It shows what the operator has told of a task.
- apiGroups: [""]
  resources: [events]
  verbs: [list]
{{- end }}
{{- end -}}

{{/* The facade's rights in the operator's namespace, with the console. */}}
{{- define "crontask.facade.leaseRules" -}}
# The console tells from them which replicas live, and which shards have an owner.
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  verbs: [list]
{{- end -}}

{{/* The facade's rights to the ConfigMap in which the console keeps who logged out. */}}
{{- define "crontask.facade.logoutRules" -}}
# Sessions that began before their holder logged out everywhere are refused.
- apiGroups: [""]
  resources: [configmaps]
  resourceNames: [{{ include "crontask.facade.logouts" . }}]
  verbs: [get, patch]
{{- end -}}

{{/* The facade's rights in the whole cluster with auth.mode kubernetes or proxy. */}}
{{- define "crontask.facade.reviewRules" -}}
{{- if eq .Values.facade.auth.mode "kubernetes" }}
# Whose token is it?
- apiGroups: [authentication.k8s.io]
  resources: [tokenreviews]
  verbs: [create]
{{- end }}
# May this user do that?
- apiGroups: [authorization.k8s.io]
  resources: [subjectaccessreviews]
  verbs: [create]
{{- end -}}

{{/* Binds rules to a component's ServiceAccount in one namespace, or in the whole cluster
     if that is empty; of (root, component, name, namespace, rules). */}}
{{- define "crontask.grant" -}}
{{- $cluster := empty .namespace -}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ $cluster | ternary "ClusterRole" "Role" }}
metadata:
  name: {{ .name }}
  {{- with .namespace }}
  namespace: {{ . }}
  {{- end }}
  labels:
    {{- include "crontask.labels" . | nindent 4 }}
rules:
  {{- .rules | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ $cluster | ternary "ClusterRoleBinding" "RoleBinding" }}
metadata:
  name: {{ .name }}
  {{- with .namespace }}
  namespace: {{ . }}
  {{- end }}
  labels:
    {{- include "crontask.labels" . | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {{ $cluster | ternary "ClusterRole" "Role" }}
  name: {{ .name }}
subjects:
  - kind: ServiceAccount
    name: {{ include "crontask.serviceAccount" . }}
    namespace: {{ .root.Release.Namespace }}
{{ end -}}

{{/* The namespace of requests that name none. */}}
{{- define "crontask.facade.namespace" -}}
{{- .Values.facade.namespace | default (first .Values.watchNamespaces) | default .Release.Namespace -}}
{{- end -}}

{{/* The namespaces that requests may name, as JSON; an empty name stands for all. */}}
{{- define "crontask.facade.namespaces" -}}
{{- $watched := .Values.watchNamespaces -}}
{{- $all := has "*" .Values.facade.allowedNamespaces -}}
{{- $named := without (prepend .Values.facade.allowedNamespaces (include "crontask.facade.namespace" .)) "*" | uniq -}}
{{- if $watched -}}
{{- range $named -}}
{{- if not (has . $watched) -}}
{{- fail (printf "facade: expected namespaces among watchNamespaces (%s), found %s: its tasks would never run" (join ", " $watched) .) -}}
{{- end -}}
{{- end -}}
{{- toJson ($all | ternary $watched $named) -}}
{{- else -}}
{{- toJson ($all | ternary (list "") $named) -}}
{{- end -}}
{{- end -}}
