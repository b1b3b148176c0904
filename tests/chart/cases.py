"""Ways to install the chart that every check of its objects goes through."""

from typing import Any, Final

Values = dict[str, Any]

HA: Final[Values] = {
    "operator": {"replicas": 3, "settings": {"shards": 12}},
    "facade": {"replicas": 2},
}

NAMESPACED: Final[Values] = {
    "watchNamespaces": ["team-a", "team-b"],
    "crds": {"install": False},
    "facade": {"allowedNamespaces": ["*"]},
}

KUBERNETES_AUTH: Final[Values] = {
    "facade": {
        "auth": {"mode": "kubernetes", "audience": "crontask"},
        "allowedNamespaces": ["*"],
    },
}

OPERATOR_ALONE: Final[Values] = {
    "facade": {"enabled": False},
    "operator": {
        "secretAccess": {"enabled": False},
        "podDisruptionBudget": {"enabled": False},
        "networkPolicy": {"enabled": False},
        "topologySpreadConstraints": [],
    },
    "crds": {"install": False},
}

_POD: Final[Values] = {
    "serviceAccount": {"annotations": {"team": "platform"}},
    "podDisruptionBudget": {"maxUnavailable": "50%"},
    "podLabels": {"tier": "backend"},
    "podAnnotations": {"note": "tested"},
    "priorityClassName": "system-cluster-critical",
    "nodeSelector": {"kubernetes.io/os": "linux"},
    "tolerations": [{"key": "dedicated", "operator": "Exists", "effect": "NoSchedule"}],
    "affinity": {
        "podAntiAffinity": {
            "preferredDuringSchedulingIgnoredDuringExecution": [
                {
                    "weight": 1,
                    "podAffinityTerm": {
                        "topologyKey": "topology.kubernetes.io/zone",
                        "labelSelector": {"matchLabels": {"tier": "backend"}},
                    },
                }
            ]
        }
    },
    "topologySpreadConstraints": [
        {
            "maxSkew": 1,
            "topologyKey": "topology.kubernetes.io/zone",
            "whenUnsatisfiable": "DoNotSchedule",
        },
        {
            "maxSkew": 2,
            "topologyKey": "kubernetes.io/hostname",
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": {"tier": "backend"}},
        },
    ],
    "extraEnv": [{"name": "TZ", "value": "UTC"}],
    "extraVolumes": [{"name": "ca", "configMap": {"name": "company-ca"}}],
    "extraVolumeMounts": [{"name": "ca", "mountPath": "/etc/company-ca", "readOnly": True}],
}

_NEIGHBOURS: Final[list[Values]] = [{"namespaceSelector": {"matchLabels": {"may": "connect"}}}]

EVERYTHING: Final[Values] = {
    "nameOverride": "cron",
    "fullnameOverride": "jobs",
    "commonLabels": {"cost-centre": "42"},
    "image": {
        "repository": "registry.example.com/crontask",
        "digest": f"sha256:{'0123456789abcdef' * 4}",
        "pullPolicy": "Always",
    },
    "imagePullSecrets": [{"name": "registry"}],
    "crds": {"annotations": {"owner": "platform"}},
    "operator": {
        **_POD,
        "replicas": 2,
        "settings": {
            "shards": 4,
            "drainSeconds": 12.5,
            "denyNetworks": [],
            "proxy": "http://proxy.example.com:3128",
            "logLevel": "DEBUG",
        },
        "secretAccess": {"names": ["callback-token"]},
        "networkPolicy": {
            "metricsFrom": _NEIGHBOURS,
            "egress": [{"to": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}],
        },
    },
    "facade": {
        **_POD,
        "replicas": 2,
        "auth": {"existingSecret": "facade-tokens"},
        "namespace": "team-a",
        "allowedNamespaces": ["team-b"],
        "settings": {"timeZone": "Asia/Shanghai", "requestTimeoutSeconds": 2.5},
        "service": {"type": "LoadBalancer", "port": 80, "annotations": {"lb": "internal"}},
        "ingress": {
            "enabled": True,
            "className": "nginx",
            "annotations": {"a": "b"},
            "hosts": ["cron.example.com"],
            "tls": [{"secretName": "cron-tls", "hosts": ["cron.example.com"]}],
        },
        "httpRoute": {
            "enabled": True,
            "annotations": {"a": "b"},
            "parentRefs": [{"name": "public", "namespace": "gateways"}],
            "hostnames": ["cron.example.com"],
        },
        "networkPolicy": {
            "ingressFrom": _NEIGHBOURS,
            "egress": [{"to": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}],
        },
    },
    "monitoring": {
        "serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}, "interval": "15s"},
        "prometheusRule": {
            "enabled": True,
            "labels": {"release": "prometheus"},
            "fireLagSeconds": 0.5,
            "failureRatio": 0.25,
        },
        "dashboard": {"enabled": True, "annotations": {"grafana_folder": "Cron"}},
    },
}

CASES: Final[dict[str, Values]] = {
    "defaults": {},
    "high availability": HA,
    "namespaced": NAMESPACED,
    "kubernetes authentication": KUBERNETES_AUTH,
    "no authentication": {"facade": {"auth": {"mode": "none"}}},
    "operator alone": OPERATOR_ALONE,
    "every switch on": EVERYTHING,
}
