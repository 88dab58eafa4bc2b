{{/* What all objects have in common: names, labels, the image. */}}

{{- define "aforo.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Every service, in the order in which a declaration meets them; the gateway is none of them. */}}
{{- define "aforo.names" -}}
declaration-intake scoring controls-tracking feature-store performance-monitoring model-management
{{- end -}}

{{/* Services of which several processes share the work. */}}
{{- define "aforo.shared" -}}
gateway declaration-intake scoring controls-tracking performance-monitoring
{{- end -}}

{{/* The table of a service in the settings, in capitals. */}}
{{- define "aforo.table" -}}
{{- get (dict "declaration-intake" "INTAKE" "scoring" "SCORING" "controls-tracking" "CONTROLS" "feature-store" "FEATURES" "performance-monitoring" "MONITORING" "model-management" "MODELS") . -}}
{{- end -}}

{{/* dict root name: labels that select. */}}
{{- define "aforo.selector" -}}
app.kubernetes.io/name: {{ default .root.Chart.Name .root.Values.nameOverride }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .name }}
{{- end -}}

{{/* dict root name: all labels. */}}
{{- define "aforo.labels" -}}
{{ include "aforo.selector" . }}
app.kubernetes.io/part-of: aforo
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* dict root name: metadata of an object of that component; the gateway's and the services' are called after them. */}}
{{- define "aforo.metadata" -}}
name: {{ include "aforo.fullname" .root }}-{{ .name }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "aforo.labels" . | nindent 2 }}
{{- end -}}

{{- define "aforo.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ default $.Chart.AppVersion .tag }}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "aforo.operator.image" -}}
{{- with .Values.operator.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ default (default $.Chart.AppVersion $.Values.image.tag) .tag }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The restricted profile, of a pod and of a container. */}}
{{- define "aforo.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ .runAsUser }}
runAsGroup: {{ .runAsGroup }}
fsGroup: {{ .fsGroup }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "aforo.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{/* Where database, Redis and keys are: the real ones, or those of the demo. */}}
{{- define "aforo.database.host" -}}
{{- if .Values.demo.enabled -}}{{ include "aforo.fullname" . }}-postgresql{{- else -}}{{ .Values.database.host }}{{- end -}}
{{- end -}}

{{- define "aforo.database.url" -}}
{{- if .Values.demo.enabled -}}
postgres://aforo@{{ include "aforo.database.host" . }}:5432/aforo?sslmode=disable
{{- else -}}
{{- with .Values.database -}}
postgres://{{ .user }}@{{ .host }}:{{ .port }}/{{ .name }}?sslmode={{ .sslMode }}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "aforo.redis.host" -}}
{{- if .Values.demo.enabled -}}{{ include "aforo.fullname" . }}-redis{{- else -}}{{ .Values.redis.host }}{{- end -}}
{{- end -}}

{{- define "aforo.redis.url" -}}
{{- if .Values.demo.enabled -}}
redis://{{ include "aforo.redis.host" . }}:6379/0
{{- else -}}
{{- with .Values.redis -}}
{{ ternary "rediss" "redis" .tls }}://{{ with .user }}{{ . }}@{{ end }}{{ .host }}:{{ .port }}/{{ .database }}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "aforo.redis.address" -}}
{{- if .Values.demo.enabled -}}
{{ include "aforo.redis.host" . }}.{{ .Release.Namespace }}.svc:6379
{{- else -}}
{{ .Values.redis.host }}:{{ .Values.redis.port }}
{{- end -}}
{{- end -}}

{{- define "aforo.demo.secret" -}}
{{ include "aforo.fullname" . }}-demo
{{- end -}}

{{- define "aforo.settings" -}}
{{- if and (regexMatch "(?m)^\\s*\\[clock\\]" .Values.settings) (not .Values.demo.enabled) -}}
{{- fail "/settings: [clock] makes the domain clock run fast, which is for demo.enabled alone" -}}
{{- end -}}
{{ .Values.settings }}
{{- end -}}

{{/* Rate and start of a domain clock that runs fast; empty where it is the world's. */}}
{{- define "aforo.clock.fast" -}}
{{- if and .Values.demo.enabled (gt (float64 .Values.demo.clock.rate) 1.0) -}}
{{ .Values.demo.clock.rate }} {{ .Values.demo.clock.start }}
{{- end -}}
{{- end -}}
