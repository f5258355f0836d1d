{{- define "fieldtrial.name" -}}
{{- default .Release.Name .Values.fullnameOverride | trunc 43 | trimSuffix "-" -}}
{{- end -}}

{{- define "fieldtrial.serviceAccountName" -}}
{{- default (include "fieldtrial.name" .) .Values.serviceAccount.name -}}
{{- end -}}

{{- define "fieldtrial.image" -}}
{{- $tag := default .Chart.AppVersion .Values.image.tag -}}
{{- .Values.image.repository -}}
{{- if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ $tag }}{{ end -}}
{{- end -}}

{{- define "fieldtrial.selectorLabels" -}}
app.kubernetes.io/name: fieldtrial
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "fieldtrial.labels" -}}
{{ include "fieldtrial.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- /* The slots as a list of mappings, below the key `slots`. */ -}}
{{- define "fieldtrial.slots" -}}
{{- $slots := list -}}
{{- range .Values.slots -}}
{{- if kindIs "string" . }}{{ $slots = append $slots (dict "name" .) }}{{ else }}{{ $slots = append $slots . }}{{ end -}}
{{- end -}}
{{- dict "slots" $slots | toJson -}}
{{- end -}}

{{- /* Those of them that are there when the chart is installed. */ -}}
{{- define "fieldtrial.standingSlots" -}}
{{- $slots := list -}}
{{- range (include "fieldtrial.slots" . | fromJson).slots }}{{ if not .onDemand }}{{ $slots = append $slots . }}{{ end }}{{ end -}}
{{- dict "slots" $slots | toJson -}}
{{- end -}}

{{- define "fieldtrial.slotNames" -}}
{{- $names := list -}}
{{- range (include "fieldtrial.slots" . | fromJson).slots }}{{ $names = append $names .name }}{{ end -}}
{{- join "," $names -}}
{{- end -}}
