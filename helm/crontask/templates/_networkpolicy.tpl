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
    # The API server's address is not known here. Link-local and other addresses where
    # clouds serve the credentials of the node are out of reach, but for a DNS cache of the
    # node. The list is that of callbacks/networks.py, and not denyNetworks: a private
    # network that callbacks may not reach can be where the API server is.
    - ports:
        - {protocol: UDP, port: 53}
        - {protocol: TCP, port: 53}
    - to:
        - ipBlock:
            cidr: 0.0.0.0/0
            except:
              - 169.254.0.0/16
              - 100.100.100.200/32
              - 168.63.129.16/32
              - 192.0.0.192/32
        - ipBlock:
            cidr: ::/0
            except:
              - fe80::/10
              - fd00:c1::a9fe:a9fe/128
              - fd00:ec2::254/128
              - fd00:ec2::23/128
              - fd20:ce::254/128
              - fd00:42::42/128
    {{- end }}
{{- end -}}
