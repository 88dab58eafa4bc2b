{{/* Gives a volume that belongs to root to the user of the server. */}}
{{- define "aforo.demo.permissions" -}}
- name: volume-permissions
  image: {{ .image }}
  imagePullPolicy: {{ .pull }}
  command: [chown, "999:999", /volume]
  securityContext:
    runAsNonRoot: false
    runAsUser: 0
    allowPrivilegeEscalation: false
    readOnlyRootFilesystem: true
    capabilities: {drop: [ALL], add: [CHOWN]}
  resources:
    requests: {cpu: 10m, memory: 16Mi}
    limits: {memory: 64Mi}
  volumeMounts:
  - {name: data, mountPath: /volume}
{{- end -}}
