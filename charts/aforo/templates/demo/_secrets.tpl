{{/* Not secret at all: these stand in the repository. Nobody gets them without `demo.enabled`. */}}
{{- define "aforo.demo.secrets" -}}
database-password: not-for-production
redis-password: not-for-production
tokens.key: {{ sha256sum "aforo demo tokens: not for production" }}
draw.key: {{ sha256sum "aforo demo draws: not for production" }}
{{- end -}}
