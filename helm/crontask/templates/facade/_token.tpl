{{/* The name of the Secret with the facade's tokens. */}}
{{- define "crontask.facade.secret" -}}
{{- .Values.facade.auth.existingSecret | default (printf "%s-facade-token" (include "crontask.fullname" .)) -}}
{{- end -}}

{{/* The name of the Secret with the keys of the console's sessions. */}}
{{- define "crontask.facade.consoleSecret" -}}
{{- .Values.facade.console.existingSecret | default (printf "%s-console-key" (include "crontask.fullname" .)) -}}
{{- end -}}

{{/* The name of the ConfigMap in which the console keeps who logged out everywhere. */}}
{{- define "crontask.facade.logouts" -}}
{{- printf "%s-logouts" (include "crontask.component" (dict "root" . "component" "facade")) -}}
{{- end -}}

{{/* Whether it does: where people log in elsewhere, or not at all, no session is worth ending. */}}
{{- define "crontask.facade.keepsLogouts" -}}
{{- with .Values.facade -}}
{{- if and .enabled .console.enabled (has .auth.mode (list "token" "kubernetes")) -}}true{{- end -}}
{{- end -}}
{{- end -}}

{{/* Whether the chart makes the Secret with the tokens. */}}
{{- define "crontask.facade.makesSecret" -}}
{{- with .Values.facade -}}
{{- if and .enabled (eq .auth.mode "token") (not .auth.existingSecret) -}}true{{- end -}}
{{- end -}}
{{- end -}}
