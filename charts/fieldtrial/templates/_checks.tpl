{{- /* What no schema can say in one sentence. */ -}}
{{- define "fieldtrial.checks" -}}
{{- $git := .Values.git -}}
{{- if not $git.url }}{{ fail "git.url is missing: the URL of the repository of the experiments, such as https://git.example/shop.git" }}{{ end -}}
{{- if regexMatch "^https?://[^/]*@|^ssh://[^/@]*:[^/]*@" $git.url }}{{ fail "git.url must not hold a login: put the token into a Secret, name that in git.credentials.secret, and the user in git.credentials.username" }}{{ end -}}
{{- if and $git.credentials.secret (eq $git.credentials.type "ssh") (regexMatch "^https?://" $git.url) }}{{ fail (printf "git.credentials.type is ssh, but git.url %q is not an ssh URL: write git@host:path, or use type token" $git.url) }}{{ end -}}
{{- if and $git.credentials.secret (eq $git.credentials.type "token") (not (regexMatch "^https?://" $git.url)) }}{{ fail (printf "git.credentials.type is token, but git.url %q is not an https URL: write https://…, or use type ssh" $git.url) }}{{ end -}}
{{- if and (eq $git.credentials.type "ssh") (ne $git.credentials.auth "basic") }}{{ fail (printf "git.credentials.auth is %s, which is a way to send a token, but type is ssh: leave auth out, or use type token" $git.credentials.auth) }}{{ end -}}
{{- if and (not .Values.slots) (not .Values.access.selectors) (not .Values.access.createNamespaces) }}{{ fail "slots is empty: name at least one namespace for trials, or set access.selectors to find them by the experiments' namespaceSelector" }}{{ end -}}
{{- $slots := (include "fieldtrial.slots" . | fromJson).slots -}}
{{- $onDemand := 0 -}}
{{- range $slots -}}
{{- if .onDemand -}}
{{- $onDemand = add1 $onDemand -}}
{{- if .create }}{{ fail (printf "slots: %q is created by the chart or by the runner: leave one of create and onDemand out" .name) }}{{ end -}}
{{- if .labels }}{{ fail (printf "slots: %q is onDemand, so its labels are those of slotDefaults and of the experiment: leave labels out" .name) }}{{ end -}}
{{- if not $.Values.access.createNamespaces }}{{ fail (printf "slots: %q is onDemand, which needs access.createNamespaces" .name) }}{{ end -}}
{{- end -}}
{{- end -}}
{{- if and .Values.access.createNamespaces $slots (not $onDemand) }}{{ fail "access.createNamespaces has no effect, since slots is the ceiling and none of it is onDemand: mark some, or leave it out" }}{{ end -}}
{{- if and .Values.slots .Values.access.selectors }}{{ fail "access.selectors finds slots where none are named, but slots names some: leave one of the two out" }}{{ end -}}
{{- if and .Values.access.everyNamespace (not .Values.access.selectors) }}{{ fail "access.everyNamespace binds what access.selectors creates: set that too" }}{{ end -}}
{{- $names := splitList "," (include "fieldtrial.slotNames" .) -}}
{{- if has .Release.Namespace $names }}{{ fail (printf "slots: %q is the namespace of this release, and the runner's own namespace is never a slot: install the chart into another" .Release.Namespace) }}{{ end -}}
{{- if ne (len $names) (len (uniq $names)) }}{{ fail "slots: a namespace is named twice" }}{{ end -}}
{{- if and .Values.extraCA.configMap .Values.extraCA.secret }}{{ fail "extraCA.configMap and extraCA.secret are both set: leave one of the two out" }}{{ end -}}
{{- if and .Values.remote.clientId (not .Values.remote.secret) }}{{ fail "remote.clientId needs its secret: name a Secret with the key client-secret in remote.secret" }}{{ end -}}
{{- if and (eq .Values.mode "argocd-hook") (not .Values.argocd.files) (not (.Files.Glob "repository/**")) }}{{ fail "mode argocd-hook has no experiments to look at, so no change of them could start a run: set argocd.files, or link them below repository/ of a chart that is kept in their repository (docs/argocd.md)" }}{{ end -}}
{{- end -}}
