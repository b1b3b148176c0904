{{/*
Paths that are published outside the cluster: the endpoints and their reference. Probes
and metrics are open to whoever can reach them, and so are for the cluster alone.
*/}}
{{- define "crontask.facade.publicPaths" -}}
- path: /crontab
  type: Prefix
- path: /docs
  type: Exact
- path: /openapi.json
  type: Exact
{{- if .Values.facade.console.enabled }}
- path: /console
  type: Prefix
{{- end }}
{{- end }}

{{/*
Names by which clients may come, separated by commas; empty for any. Without tokens it is
the name that keeps web pages out, so they are given: those of the Service, as the DNS of
the cluster knows it, and those under which the facade is published.
*/}}
{{- define "crontask.facade.hosts" -}}
{{- $facade := .Values.facade -}}
{{- $hosts := $facade.allowedHosts -}}
{{- if or $hosts (eq $facade.auth.mode "none") -}}
{{- $service := include "crontask.component" (dict "root" . "component" "facade") -}}
{{- range list "" ".svc" ".svc.cluster.local" -}}
{{- $hosts = append $hosts (printf "%s.%s%s" $service $.Release.Namespace .) -}}
{{- end -}}
{{- $hosts = append $hosts $service -}}
{{- if $facade.ingress.enabled -}}
{{- $hosts = concat $hosts $facade.ingress.hosts -}}
{{- end -}}
{{- if $facade.httpRoute.enabled -}}
{{- $hosts = concat $hosts $facade.httpRoute.hostnames -}}
{{- end -}}
{{- end -}}
{{- join "," (uniq $hosts) -}}
{{- end }}
