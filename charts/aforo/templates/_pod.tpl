{{/* The pod of a service or of the gateway: settings, secrets, probes, and how it is stopped. */}}

{{/* dict root name: the environment: everything that the chart decides. */}}
{{- define "aforo.env" -}}
{{- $root := .root -}}
- {name: AFORO_DATA, value: /data}
- name: AFORO_SETTING_QUEUE__CONSUMER
  valueFrom: {fieldRef: {fieldPath: metadata.name}}
- {name: AFORO_SETTING_LOG__LEVEL, value: {{ $root.Values.log.level | quote }}}
- {name: AFORO_SETTING_LOG__FORMAT, value: {{ $root.Values.log.format | quote }}}
{{- range (include "aforo.names" $root | splitList " ") }}
- {name: AFORO_SETTING_PEERS__{{ include "aforo.table" . }}, value: "http://{{ include "aforo.fullname" $root }}-{{ . }}:8080"}
{{- end }}
{{- if ne .name "gateway" }}
{{- include "aforo.backends" $root | nindent 0 }}
{{- end }}
{{- if include "aforo.clock.fast" $root }}
{{- range (list "rate" "start") }}
- name: AFORO_SETTING_CLOCK__{{ upper . }}
  valueFrom: {configMapKeyRef: {name: {{ include "aforo.fullname" $root }}-settings, key: clock.{{ . }}}}
{{- end }}
{{- end }}
{{- if and $root.Values.operator.enabled (eq .name "model-management") }}
# The operator moves models, and nobody else.
- {name: AFORO_SETTING_MODELS__ROLLOUT__DRIVER, value: operator}
{{- end }}
{{- with $root.Values.pools }}
- name: AFORO_SETTING_QUEUE__SHARDS
  value: {{ include "aforo.shards" $root | quote }}
{{- end }}
{{- with .shard }}
- {name: AFORO_SETTING_SCORING__SHARD, value: {{ . | quote }}}
{{- end }}
{{- end -}}

{{/* The offices of each pool: `[["118"], ["235", "046"]]`. */}}
{{- define "aforo.shards" -}}
{{- $shards := list -}}
{{- range .Values.pools -}}{{- $shards = append $shards .offices -}}{{- end -}}
{{ toJson $shards }}
{{- end -}}

{{/* Database, Redis and keys. */}}
{{- define "aforo.backends" -}}
- {name: AFORO_SETTING_DATABASE__URL, value: {{ include "aforo.database.url" . | quote }}}
- {name: AFORO_SETTING_DATABASE__PASSWORD_FILE, value: /run/secrets/aforo/database/password}
{{- if and (not .Values.demo.enabled) .Values.database.caKey }}
- {name: AFORO_SETTING_DATABASE__CA_FILE, value: /run/secrets/aforo/database/ca.pem}
{{- end }}
{{- range (list "QUEUE" "ONLINE") }}
- {name: AFORO_SETTING_{{ . }}__URL, value: {{ include "aforo.redis.url" $ | quote }}}
- {name: AFORO_SETTING_{{ . }}__PASSWORD_FILE, value: /run/secrets/aforo/redis/password}
- {name: AFORO_SETTING_{{ . }}__PREFIX, value: {{ $.Values.redis.prefix | quote }}}
{{- if and (not $.Values.demo.enabled) $.Values.redis.caKey }}
- {name: AFORO_SETTING_{{ . }}__CA_FILE, value: /run/secrets/aforo/redis/ca.pem}
{{- end }}
{{- end }}
- {name: AFORO_SETTING_KEYS__TOKENS_FILE, value: /run/secrets/aforo/keys/tokens.key}
- {name: AFORO_SETTING_KEYS__DRAW_FILE, value: /run/secrets/aforo/keys/draw.key}
{{- end -}}

{{/* The volume of all secrets that a service needs. */}}
{{- define "aforo.secrets" -}}
- name: secrets
  projected:
    defaultMode: 0440
    sources:
    {{- if .Values.demo.enabled }}
    - secret:
        name: {{ include "aforo.demo.secret" . }}
        items:
        - {key: database-password, path: database/password}
        - {key: redis-password, path: redis/password}
        - {key: tokens.key, path: keys/tokens.key}
        - {key: draw.key, path: keys/draw.key}
    {{- else }}
    - secret:
        name: {{ .Values.database.existingSecret }}
        items:
        - {key: {{ .Values.database.passwordKey }}, path: database/password}
        {{- with .Values.database.caKey }}
        - {key: {{ . }}, path: database/ca.pem}
        {{- end }}
    - secret:
        name: {{ .Values.redis.existingSecret }}
        items:
        - {key: {{ .Values.redis.passwordKey }}, path: redis/password}
        {{- with .Values.redis.caKey }}
        - {key: {{ . }}, path: redis/ca.pem}
        {{- end }}
    - secret:
        name: {{ .Values.keys.existingSecret }}
        items:
        - {key: {{ .Values.keys.tokensKey }}, path: keys/tokens.key}
        - {key: {{ .Values.keys.drawKey }}, path: keys/draw.key}
    {{- end }}
{{- end -}}

{{/* dict root name: what containers of a pod mount. */}}
{{- define "aforo.mounts" -}}
- {name: data, mountPath: /data}
- {name: tmp, mountPath: /tmp}
- {name: settings, mountPath: /etc/aforo, readOnly: true}
{{- if ne .name "gateway" }}
- {name: secrets, mountPath: /run/secrets/aforo, readOnly: true}
{{- end }}
{{- end -}}

{{/* dict root name: one container that brings the tables of `name` (empty: of all services) to their shape. */}}
{{- define "aforo.migrate" -}}
- name: migrate
  image: {{ include "aforo.image" .root }}
  imagePullPolicy: {{ .root.Values.image.pullPolicy }}
  args: [migrate{{ with .service }}, {{ . }}{{ end }}, --settings, /etc/aforo/aforo.toml, --wait, {{ .root.Values.migrations.waitSeconds | quote }}]
  env:
    {{- include "aforo.env" . | nindent 4 }}
    {{- with .root.Values.extraEnv }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  securityContext:
    {{- include "aforo.containerSecurity" .root | nindent 4 }}
  resources:
    requests: {cpu: 10m, memory: 24Mi}
    limits: {memory: 256Mi}
  volumeMounts:
    {{- include "aforo.mounts" . | nindent 4 }}
{{- end -}}

{{/* dict root name: what every pod of ours says before its containers. */}}
{{- define "aforo.podHead" -}}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if .account }}
serviceAccountName: {{ include "aforo.fullname" .root }}-{{ .name }}
automountServiceAccountToken: true
{{- else }}
automountServiceAccountToken: false
{{- end }}
enableServiceLinks: false
securityContext:
  {{- include "aforo.podSecurity" .root.Values.podSecurityContext | nindent 2 }}
{{- with .root.Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .root.Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* dict root name: its volumes. */}}
{{- define "aforo.volumes" -}}
- {name: data, emptyDir: {}}
- {name: tmp, emptyDir: {}}
- name: settings
  configMap: {name: {{ include "aforo.fullname" .root }}-settings}
{{- if ne .name "gateway" }}
{{ include "aforo.secrets" .root }}
{{- end }}
{{- end -}}

{{/* dict root name: the template of the pods. */}}
{{- define "aforo.pod" -}}
{{- $root := .root -}}
{{- $serve := default .name .serve -}}
{{- $service := mergeOverwrite (deepCopy (index $root.Values.services $serve)) (default dict .pool) -}}
metadata:
  annotations:
    kubectl.kubernetes.io/default-container: {{ .name }}
    checksum/settings: {{ print (include "aforo.settings" $root) (include "aforo.clock.fast" $root) | sha256sum }}
    {{- if $root.Values.demo.enabled }}
    checksum/secrets: {{ include "aforo.demo.secrets" $root | sha256sum }}
    {{- end }}
    {{- with $service.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  labels:
    {{- include "aforo.labels" . | nindent 4 }}
    aforo.io/serves: {{ $serve }}
spec:
  {{- include "aforo.podHead" . | nindent 2 }}
  terminationGracePeriodSeconds: {{ $root.Values.terminationGracePeriodSeconds }}
  {{- if has $serve (include "aforo.shared" $root | splitList " ") }}
  topologySpreadConstraints:
  {{- range (list "topology.kubernetes.io/zone" "kubernetes.io/hostname") }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "aforo.selector" $ | nindent 8 }}
  {{- end }}
  {{- end }}
  {{- if and (ne .name "gateway") (eq $root.Values.migrations.mode "init") }}
  initContainers:
  {{- include "aforo.migrate" (dict "root" $root "name" .name "service" $serve) | nindent 2 }}
  {{- end }}
  containers:
  - name: {{ .name }}
    image: {{ include "aforo.image" $root }}
    imagePullPolicy: {{ $root.Values.image.pullPolicy }}
    args: [serve, {{ $serve }}, --listen, "0.0.0.0:8080", --settings, /etc/aforo/aforo.toml]
    env:
      {{- include "aforo.env" . | nindent 6 }}
      {{- with $root.Values.extraEnv }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
      {{- with $service.extraEnv }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
    ports:
    - {name: http, containerPort: 8080}
    # Listening means that its tables are migrated and what it remembers is loaded; a log of facts may be long.
    startupProbe:
      httpGet: {path: /health, port: http}
      periodSeconds: 1
      failureThreshold: 600
    # The loop turns.
    livenessProbe:
      httpGet: {path: /health, port: http}
      periodSeconds: 10
      timeoutSeconds: 5
      failureThreshold: 3
    # It can do its work: models loaded, features served, routing as told.
    readinessProbe:
      httpGet: {path: {{ ternary "/health" "/ready" (eq .name "gateway") }}, port: http}
      periodSeconds: 2
      timeoutSeconds: 2
      failureThreshold: 3
    lifecycle:
      preStop: {sleep: {seconds: {{ $root.Values.drainSeconds }}}}
    securityContext:
      {{- include "aforo.containerSecurity" $root | nindent 6 }}
    resources:
      {{- toYaml $service.resources | nindent 6 }}
    volumeMounts:
      {{- include "aforo.mounts" . | nindent 6 }}
  volumes:
    {{- include "aforo.volumes" . | nindent 4 }}
{{- end -}}
