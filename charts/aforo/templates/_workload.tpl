{{/* The objects of a service: Deployment, Service, disruption budget, network policy, autoscaler. dict root name. */}}

{{/* Whether something else decides how many replicas there are. */}}
{{- define "aforo.scaled" -}}
{{- $shared := has (default .name .serve) (include "aforo.shared" .root | splitList " ") -}}
{{- $mode := .root.Values.autoscaling.mode -}}
{{- if and $shared (or (eq $mode "hpa") (and (eq $mode "keda") (ne .name "gateway")) (and (eq $mode "operator") (eq (default .name .serve) "scoring"))) -}}yes{{- end -}}
{{- end -}}

{{- define "aforo.deployment" -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "aforo.metadata" . | nindent 2 }}
spec:
  {{- if not (include "aforo.scaled" .) }}
  replicas: {{ (default (index .root.Values.services (default .name .serve)) .pool).replicas }}
  {{- end }}
  revisionHistoryLimit: 3
  strategy:
    {{- if has (default .name .serve) (include "aforo.shared" .root | splitList " ") }}
    type: RollingUpdate
    rollingUpdate: {maxSurge: 1, maxUnavailable: 0}
    {{- else }}
    # One process holds what it decides by in memory: never two at once.
    type: Recreate
    {{- end }}
  selector:
    matchLabels:
      {{- include "aforo.selector" . | nindent 6 }}
  template:
    {{- include "aforo.pod" . | nindent 4 }}
{{- end -}}

{{- define "aforo.service" -}}
apiVersion: v1
kind: Service
metadata:
  {{- include "aforo.metadata" . | nindent 2 }}
spec:
  selector:
    {{- include "aforo.selector" . | nindent 4 }}
  ports:
  - {name: http, port: 8080, targetPort: http, protocol: TCP}
{{- end -}}

{{- define "aforo.disruptions" -}}
{{- $service := default (index .root.Values.services (default .name .serve)) .pool -}}
{{- $many := gt (int $service.replicas) 1 -}}
{{- if include "aforo.scaled" . -}}{{- $many = gt (int (default .root.Values.autoscaling.minReplicas $service.minReplicas)) 1 -}}{{- end -}}
{{- if $many -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "aforo.metadata" . | nindent 2 }}
spec:
  maxUnavailable: 1
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "aforo.selector" . | nindent 6 }}
{{- end -}}
{{- end -}}

{{- define "aforo.autoscaler" -}}
{{- if include "aforo.scaled" . -}}
{{- $scaling := mergeOverwrite (deepCopy .root.Values.autoscaling) (pick (default dict .pool) "minReplicas" "maxReplicas") -}}
{{- if eq $scaling.mode "hpa" -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  {{- include "aforo.metadata" . | nindent 2 }}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: {{ include "aforo.fullname" .root }}-{{ .name }}}
  minReplicas: {{ $scaling.minReplicas }}
  maxReplicas: {{ $scaling.maxReplicas }}
  metrics:
  - type: Resource
    resource: {name: cpu, target: {type: Utilization, averageUtilization: {{ $scaling.targetCPUPercent }}}}
{{- else if eq $scaling.mode "keda" -}}
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  {{- include "aforo.metadata" . | nindent 2 }}
spec:
  scaleTargetRef: {name: {{ include "aforo.fullname" .root }}-{{ .name }}}
  minReplicaCount: {{ $scaling.minReplicas }}
  maxReplicaCount: {{ $scaling.maxReplicas }}
  pollingInterval: {{ $scaling.keda.pollingSeconds }}
  cooldownPeriod: {{ $scaling.keda.cooldownSeconds }}
  # Without the figure the number of replicas stays.
  fallback: {failureThreshold: 3, replicas: {{ $scaling.minReplicas }}, behavior: currentReplicas}
  advanced:
    horizontalPodAutoscalerConfig:
      behavior: {scaleDown: {stabilizationWindowSeconds: {{ $scaling.keda.cooldownSeconds }}}}
  triggers:
  - {{ include "aforo.trigger" . | nindent 4 | trim }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The length of a service's stream: messages are deleted when they are acknowledged, so it is all unfinished work. */}}
{{- define "aforo.trigger" -}}
type: redis-streams
metadata:
  address: {{ include "aforo.redis.address" .root }}
  stream: "{ {{- .root.Values.redis.prefix -}} }:1:stream:{{ default .name .serve }}/{{ default 0 .shard }}"
  streamLength: {{ default .root.Values.autoscaling.keda.backlogPerReplica (default dict .pool).backlogPerReplica | quote }}
  activationStreamLength: "0"
  databaseIndex: {{ ternary 0 .root.Values.redis.database .root.Values.demo.enabled | quote }}
  {{- if and .root.Values.redis.tls (not .root.Values.demo.enabled) }}
  enableTLS: "true"
  {{- end }}
authenticationRef: {name: {{ include "aforo.fullname" .root }}-redis}
{{- end -}}

{{/* Who may call a service, and whom it may call. */}}
{{- define "aforo.policy" -}}
{{- $root := .root -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "aforo.metadata" . | nindent 2 }}
spec:
  podSelector:
    matchLabels:
      app.kubernetes.io/instance: {{ $root.Release.Name }}
      aforo.io/serves: {{ .name }}
  policyTypes: [Ingress, Egress]
  ingress:
  {{- if eq .name "gateway" }}
  - ports: [{port: http}]
    {{- with $root.Values.networkPolicy.gatewayFrom }}
    from:
      {{- toYaml . | nindent 6 }}
    {{- end }}
  {{- else }}
  - ports: [{port: http}]
    from:
    - podSelector:
        matchExpressions:
        - {key: app.kubernetes.io/instance, operator: In, values: [{{ $root.Release.Name }}]}
        - {key: aforo.io/serves, operator: In, values: [{{ include "aforo.callers" . }}]}
  - ports: [{port: http}]
    from:
    {{- with $root.Values.networkPolicy.metricsFrom }}
      {{- toYaml . | nindent 4 }}
    {{- else }}
    - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}
    {{- end }}
  {{- end }}
  egress:
  {{- include "aforo.policy.names" $root | nindent 2 }}
  {{- range .calls }}
  - ports: [{port: 8080}]
    to:
    - podSelector:
        matchLabels:
          {{- include "aforo.selector" (dict "root" $root "name" .) | nindent 10 }}
  {{- end }}
  {{- if ne .name "gateway" }}
  {{- include "aforo.policy.backends" $root | nindent 2 }}
  {{- end }}
  {{- with $root.Values.networkPolicy.extraEgress }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{/* Who calls a service, by what its pods serve (those of pools serve scoring): the operator as well. */}}
{{- define "aforo.callers" -}}
{{- $callers := .callers -}}
{{- if and .root.Values.operator.enabled (has .name (list "model-management" "performance-monitoring" "scoring")) -}}
{{- $callers = append $callers "rollout-operator" -}}
{{- end -}}
{{ $callers | join ", " }}
{{- end -}}

{{- define "aforo.policy.names" -}}
- ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]
{{- end -}}

{{- define "aforo.policy.backends" -}}
{{- if .Values.demo.enabled -}}
- ports: [{port: 5432}]
  to: [{podSelector: {matchLabels: {app.kubernetes.io/instance: {{ .Release.Name }}, app.kubernetes.io/component: postgresql}}}]
- ports: [{port: 6379}]
  to: [{podSelector: {matchLabels: {app.kubernetes.io/instance: {{ .Release.Name }}, app.kubernetes.io/component: redis}}}]
{{- else -}}
- ports: [{port: {{ .Values.database.port }}}, {port: {{ .Values.redis.port }}}]
{{- end -}}
{{- end -}}
