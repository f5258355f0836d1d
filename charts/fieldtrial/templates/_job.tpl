{{- /* spec of the Job of every mode. */ -}}
{{- define "fieldtrial.jobSpec" -}}
backoffLimit: {{ int .Values.job.backoffLimit }}
{{- if not (kindIs "invalid" .Values.job.activeDeadlineSeconds) }}
activeDeadlineSeconds: {{ int .Values.job.activeDeadlineSeconds }}
{{- end }}
podFailurePolicy:
  rules:
    # An evicted runner comes back and takes up what runs.
    - action: Ignore
      onPodConditions: [{type: DisruptionTarget, status: "True"}]
    # Usage, definitions, access, an experiment that gave up: trying again changes nothing.
    - action: FailJob
      onExitCodes: {containerName: runner, operator: In, values: [2, 3, 4, 5]}
template:
  metadata:
    {{- include "fieldtrial.podMetadata" . | nindent 4 }}
  spec:
    {{- include "fieldtrial.podSpec" (dict "root" . "args" (list "run")) | nindent 4 }}
{{- end -}}
