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
{{- end }}
