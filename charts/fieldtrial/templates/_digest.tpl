{{- /*
Digest of what experiments say: of the files below repository/ and of argocd.files. Results that lie beside the definitions, and texts for
people, do not count: a run that starts because of its own results would never end.
*/ -}}
{{- define "fieldtrial.experimentsDigest" -}}
{{- $files := dict -}}
{{- range $path, $bytes := .Files.Glob "repository/**" -}}
{{- if not (regexMatch "(^|/)experiments/[^/]+/(trials/|remote\\.yaml$)|\\.md$" $path) -}}
{{- $_ := set $files $path (toString $bytes) -}}
{{- end -}}
{{- end -}}
{{- dict "repository" $files "files" .Values.argocd.files | toJson | sha256sum -}}
{{- end -}}
