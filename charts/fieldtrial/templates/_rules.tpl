{{- /* What the runner does in its own namespace: one Lease per experiment. */ -}}
{{- define "fieldtrial.ownRules" -}}
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  verbs: [get, create, update]
{{- end -}}

{{- /*
What the runner does in a slot: exactly the verbs that trials use (runner/slots/required-access.ts), which a test compares with the API
server's audit log.
*/ -}}
{{- define "fieldtrial.slotRules" -}}
{{- /* Whether its labels fit an experiment, and whether it is being deleted. */ -}}
- apiGroups: [""]
  resources: [namespaces]
  verbs: [get]
{{- /* The lock and the journal. */}}
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  verbs: [get, create, update]
{{- /* The Jobs of trials and of their setup, how they end, and why. */}}
- apiGroups: [batch]
  resources: [jobs]
  verbs: [get, create, delete, list, watch]
- apiGroups: [""]
  resources: [pods]
  verbs: [list, watch]
- apiGroups: [""]
  resources: [pods/log]
  verbs: [get]
- apiGroups: [""]
  resources: [events]
  verbs: [list]
{{- if .Values.setup.enabled }}
{{- /* Charts and manifests travel to setup tasks in one. */}}
- apiGroups: [""]
  resources: [configmaps]
  verbs: [get, create, delete]
{{- end }}
{{- range .Values.access.patch }}
{{- $parts := splitn "." 2 . }}
- apiGroups: [{{ default "" $parts._1 | quote }}]
  resources: [{{ $parts._0 }}]
{{- /* What has a rollout is waited for. */}}
  verbs: {{ if $parts._1 }}[get, patch, list, watch]{{ else }}[get, patch]{{ end }}
{{- end }}
{{- if has "deployments.apps" .Values.access.patch }}
{{- /* Which pods belong to the newest settings. */}}
- apiGroups: [apps]
  resources: [replicasets]
  verbs: [list]
{{- end }}
{{- with .Values.access.extraRules }}
{{ toYaml . }}
{{- end }}
{{- end -}}
