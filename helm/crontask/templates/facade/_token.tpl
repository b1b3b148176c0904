{{/* The name of the Secret with the facade's tokens. */}}
{{- define "crontask.facade.secret" -}}
{{- .Values.facade.auth.existingSecret | default (printf "%s-facade-token" (include "crontask.fullname" .)) -}}
{{- end -}}

{{/* Whether the chart makes that Secret. */}}
{{- define "crontask.facade.makesSecret" -}}
{{- with .Values.facade -}}
{{- if and .enabled (eq .auth.mode "token") (not .auth.existingSecret) -}}true{{- end -}}
{{- end -}}
{{- end -}}
