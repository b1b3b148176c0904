{{/* The parts of a pod that the operator and the facade have in common. */}}

{{/* Settings as environment variables, named as the program expects; of (prefix, settings).
     Helm holds numbers as floats, and would write large ones with an exponent. */}}
{{- define "crontask.environment" -}}
{{- range $name, $value := .settings }}
- name: {{ $.prefix }}{{ $name | snakecase | upper }}
  {{- if kindIs "slice" $value }}
  value: {{ join "," $value | quote }}
  {{- else if and (kindIs "float64" $value) (eq $value (floor $value)) }}
  value: {{ int64 $value | quote }}
  {{- else }}
  value: {{ $value | toString | quote }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* Where the history is, if one is kept; of (root, prefix, connections). The URL is in a
     file, not in the environment: each new connection reads it, so that a new password
     needs no restart. */}}
{{- define "crontask.history" -}}
{{- with .root.Values.history }}
{{- if .existingSecret -}}
- name: {{ $.prefix }}HISTORY_URL
  value: file:///etc/crontask/history/url
- name: {{ $.prefix }}HISTORY_CONNECTIONS
  value: {{ int64 $.connections | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{/* The mount of that file, if there is one; of root. */}}
{{- define "crontask.historyMount" -}}
{{- if .Values.history.existingSecret -}}
- name: history
  mountPath: /etc/crontask/history
  readOnly: true
{{- end }}
{{- end -}}

{{- define "crontask.historyVolume" -}}
{{- with .Values.history }}
{{- if .existingSecret -}}
- name: history
  secret:
    secretName: {{ .existingSecret }}
    defaultMode: 0440
    items:
      - key: {{ .key | quote }}
        path: url
{{- end }}
{{- end }}
{{- end -}}

{{/* Metadata of the pods; of (root, component). Labels with the chart's version would
     restart the pods with each new chart, even if nothing of theirs has changed. */}}
{{- define "crontask.podMetadata" -}}
{{- $values := index .root.Values .component -}}
labels:
  {{- include "crontask.selector" . | nindent 2 }}
  {{- with .root.Values.commonLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  {{- with $values.podLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with $values.podAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Who the pods are, where they run and how they are confined; of (root, component). */}}
{{- define "crontask.podSpec" -}}
{{- $values := index .root.Values .component -}}
serviceAccountName: {{ include "crontask.serviceAccount" . }}
automountServiceAccountToken: true
# A Service named crontask-api would appear as CRONTASK_API_PORT=tcp://..., which is a
# setting of the facade.
enableServiceLinks: false
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.podSecurityContext }}
securityContext:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with $values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if $values.topologySpreadConstraints }}
topologySpreadConstraints:
  {{- $pods := dict "matchLabels" (include "crontask.selector" . | fromYaml) }}
  {{- range $values.topologySpreadConstraints }}
  - {{ hasKey . "labelSelector" | ternary . (set (deepCopy .) "labelSelector" $pods) | toYaml | nindent 4 | trim }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* The image and the confinement of the container; of root. */}}
{{- define "crontask.container" -}}
image: {{ include "crontask.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
{{- with .Values.securityContext }}
securityContext:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
