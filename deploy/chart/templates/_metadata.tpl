{{/* Labels and annotations of the DaemonSet, which its pods have too. */}}
{{- define "veth.metadata" -}}
labels:
  app.kubernetes.io/name: veth
  app.kubernetes.io/instance: {{ .Release.Name | quote }}
  {{- with .Values.labels }}{{ toYaml . | nindent 2 }}{{ end }}
{{- with .Values.annotations }}
annotations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
