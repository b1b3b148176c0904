{{/* Names, labels and other things that all templates share. */}}

{{- define "crontask.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{/* The prefix of all names. 50 characters leave room for what follows it. */}}
{{- define "crontask.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains (include "crontask.name" .) .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "crontask.name" .) | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* The name of a component's objects; of (root, component). */}}
{{- define "crontask.component" -}}
{{- printf "%s-%s" (include "crontask.fullname" .root) .component -}}
{{- end -}}

{{/* Labels that never change, for selectors; of (root, component). */}}
{{- define "crontask.selector" -}}
app.kubernetes.io/name: {{ include "crontask.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{/* Labels of an object; of (root, component). */}}
{{- define "crontask.labels" -}}
{{ include "crontask.selector" . }}
app.kubernetes.io/part-of: crontask
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* The name of a component's ServiceAccount; of (root, component). */}}
{{- define "crontask.serviceAccount" -}}
{{- $account := (index .root.Values .component).serviceAccount -}}
{{- if $account.create -}}
{{- $account.name | default (include "crontask.component" .) -}}
{{- else -}}
{{- $account.name | default "default" -}}
{{- end -}}
{{- end -}}

{{- define "crontask.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{- printf "%s@%s" .repository .digest -}}
{{- else -}}
{{- printf "%s:%s" .repository (.tag | default $.Chart.AppVersion) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The components that are installed, as JSON. */}}
{{- define "crontask.components" -}}
{{- .Values.facade.enabled | ternary (list "operator" "facade") (list "operator") | toJson -}}
{{- end -}}
