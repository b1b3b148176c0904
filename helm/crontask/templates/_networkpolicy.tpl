{{/* A NetworkPolicy for one port of a component; of (root, component, port, from). */}}
{{- define "crontask.networkPolicy" -}}
{{- $values := (index .root.Values .component).networkPolicy -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "crontask.component" . }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "crontask.labels" . | nindent 4 }}
spec:
  podSelector:
    matchLabels:
      {{- include "crontask.selector" . | nindent 6 }}
  policyTypes: [Ingress, Egress]
  ingress:
    - ports:
        - port: {{ .port }}
      {{- with .from }}
      from:
        {{- toYaml . | nindent 8 }}
      {{- end }}
  egress:
    {{- with $values.egress }}
    {{- toYaml . | nindent 4 }}
    {{- else }}
    # The API server's address is not known here. Link-local, where clouds serve the
    # credentials of the node, is out of reach, but for a DNS cache of the node.
    - ports:
        - {protocol: UDP, port: 53}
        - {protocol: TCP, port: 53}
    - to:
        - ipBlock:
            cidr: 0.0.0.0/0
            except: [169.254.0.0/16]
        - ipBlock:
            cidr: ::/0
            except: [fe80::/10]
    {{- end }}
{{- end -}}
