{{- /* The runner's pod; takes (dict "root" $ "args" (list …)). */ -}}
{{- define "fieldtrial.podMetadata" -}}
labels:
  {{- include "fieldtrial.selectorLabels" . | nindent 2 }}
  {{- with .Values.podLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with .Values.podAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "fieldtrial.podSpec" -}}
{{- $root := .root -}}
{{- with $root.Values -}}
restartPolicy: Never
serviceAccountName: {{ include "fieldtrial.serviceAccountName" $root }}
automountServiceAccountToken: true
enableServiceLinks: false
terminationGracePeriodSeconds: {{ int .terminationGracePeriodSeconds }}
{{- with .priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  {{- if not (kindIs "invalid" .runAsUser) }}
  runAsUser: {{ int .runAsUser }}
  runAsGroup: {{ int .runAsUser }}
  fsGroup: {{ int .runAsUser }}
  {{- end }}
  seccompProfile: {type: RuntimeDefault}
containers:
  - name: runner
    image: {{ include "fieldtrial.image" $root | quote }}
    imagePullPolicy: {{ .image.pullPolicy }}
    command: [fieldtrial]
    args: {{ $.args | toJson }}
    env:
      {{- include "fieldtrial.env" $root | nindent 6 }}
    {{- with .metrics.keysSecret }}
    envFrom:
      - secretRef: {name: {{ . }}}
    {{- end }}
    terminationMessagePolicy: FallbackToLogsOnError
    securityContext:
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      capabilities: {drop: [ALL]}
    resources:
      {{- toYaml .resources | nindent 6 }}
    volumeMounts:
      - {name: scratch, mountPath: /tmp}
      {{- if .git.credentials.secret }}
      - {name: git, mountPath: /etc/fieldtrial/git, readOnly: true}
      {{- end }}
      {{- if .git.signing.secret }}
      - {name: signing, mountPath: /etc/fieldtrial/signing, readOnly: true}
      {{- end }}
      {{- if or .metrics.access .metrics.secret }}
      - {name: metrics, mountPath: /etc/fieldtrial/metrics, readOnly: true}
      {{- end }}
      {{- if .remote.secret }}
      - {name: remote, mountPath: /etc/fieldtrial/remote, readOnly: true}
      {{- end }}
      {{- if or .extraCA.configMap .extraCA.secret }}
      - {name: ca, mountPath: /etc/fieldtrial/ca, readOnly: true}
      {{- end }}
volumes:
  - name: scratch
    emptyDir: {sizeLimit: {{ .scratchSize }}}
  {{- with .git.credentials }}
  {{- if .secret }}
  # Whole volumes, no subPath: a rotated Secret reaches the runner while it runs.
  - name: git
    secret:
      secretName: {{ .secret }}
      # 0440 in decimal, which every YAML reads alike: for the group of fsGroup. ssh minds only what its own user's files allow to others.
      defaultMode: 288
      items:
        {{- if eq .type "ssh" }}
        - {key: {{ .keys.privateKey | quote }}, path: ssh-key}
        - {key: {{ .keys.knownHosts | quote }}, path: known-hosts}
        {{- else }}
        - {key: {{ .keys.token | quote }}, path: token}
        {{- end }}
  {{- end }}
  {{- end }}
  {{- with .git.signing }}
  {{- if .secret }}
  - name: signing
    secret:
      secretName: {{ .secret }}
      defaultMode: 288
      items: [{key: {{ .key | quote }}, path: signing-key}]
  {{- end }}
  {{- end }}
  {{- if or .metrics.access .metrics.secret }}
  - name: metrics
    projected:
      defaultMode: 288
      sources:
        {{- if .metrics.secret }}
        - secret: {name: {{ .metrics.secret }}}
        {{- end }}
        {{- if .metrics.access }}
        - configMap: {name: {{ include "fieldtrial.name" $root }}-metrics}
        {{- end }}
  {{- end }}
  {{- with .remote.secret }}
  - name: remote
    secret: {secretName: {{ . }}, defaultMode: 288}
  {{- end }}
  {{- with .extraCA }}
  {{- if .configMap }}
  - name: ca
    configMap:
      name: {{ .configMap }}
      items: [{key: {{ .key | quote }}, path: ca.crt}]
  {{- else if .secret }}
  - name: ca
    secret:
      secretName: {{ .secret }}
      defaultMode: 288
      items: [{key: {{ .key | quote }}, path: ca.crt}]
  {{- end }}
  {{- end }}
{{- end }}
{{- end -}}

{{- /* Flags by their environment twins, so that a helm test and a Job of one's own have the same. */ -}}
{{- define "fieldtrial.env" -}}
{{- with .Values -}}
- {name: HOME, value: /tmp}
- {name: FIELDTRIAL_REPOSITORY, value: {{ .git.url | quote }}}
{{- with .git.branch }}
- {name: FIELDTRIAL_BRANCH, value: {{ . | quote }}}
{{- end }}
{{- if .git.credentials.secret }}
{{- if eq .git.credentials.type "ssh" }}
- {name: FIELDTRIAL_GIT_SSH_KEY, value: /etc/fieldtrial/git/ssh-key}
- {name: FIELDTRIAL_GIT_KNOWN_HOSTS, value: /etc/fieldtrial/git/known-hosts}
{{- else }}
- {name: FIELDTRIAL_GIT_TOKEN_FILE, value: /etc/fieldtrial/git/token}
{{- if ne .git.credentials.auth "basic" }}
- {name: FIELDTRIAL_GIT_AUTH, value: {{ .git.credentials.auth }}}
{{- end }}
{{- with .git.credentials.username }}
- {name: FIELDTRIAL_GIT_USERNAME, value: {{ . | quote }}}
{{- end }}
{{- end }}
{{- end }}
{{- if .git.signing.secret }}
- {name: FIELDTRIAL_GIT_SIGNING_KEY, value: /etc/fieldtrial/signing/signing-key}
{{- end }}
{{- with include "fieldtrial.slotNames" $ }}
- {name: FIELDTRIAL_SLOTS, value: {{ . | quote }}}
{{- end }}
{{- if .access.createNamespaces }}
- {name: FIELDTRIAL_SLOT_ROLE, value: {{ include "fieldtrial.name" $ }}-slot}
{{- if and .setup.enabled .setup.rules }}
- {name: FIELDTRIAL_SETUP_ROLE, value: {{ include "fieldtrial.name" $ }}-setup}
{{- end }}
{{- with .slotDefaults.labels }}
{{- $labels := list }}
{{- range $key, $value := . }}{{ $labels = append $labels (printf "%s=%s" $key $value) }}{{ end }}
- {name: FIELDTRIAL_SLOT_LABELS, value: {{ join "," $labels | quote }}}
{{- end }}
{{- end }}
- {name: FIELDTRIAL_IMAGE, value: {{ include "fieldtrial.image" $ | quote }}}
{{- with .run.experiments }}
- {name: FIELDTRIAL_EXPERIMENT, value: {{ join "," . | quote }}}
{{- end }}
{{- if not (kindIs "invalid" .run.maxTrials) }}
- {name: FIELDTRIAL_MAX_TRIALS, value: {{ int .run.maxTrials | quote }}}
{{- end }}
{{- with .run.maxDuration }}
- {name: FIELDTRIAL_MAX_DURATION, value: {{ . | quote }}}
{{- end }}
- {name: FIELDTRIAL_IF_HELD, value: {{ .run.ifHeld }}}
- {name: FIELDTRIAL_UNSCHEDULABLE_GRACE, value: {{ .run.unschedulableGrace | quote }}}
- {name: FIELDTRIAL_PUSH_INTERVAL, value: {{ .run.pushInterval | quote }}}
- {name: FIELDTRIAL_OUTPUT, value: {{ .run.output }}}
- {name: FIELDTRIAL_TERMINATION_LOG, value: /dev/termination-log}
{{- if or .metrics.access .metrics.secret }}
- {name: FIELDTRIAL_METRIC_ACCESS, value: /etc/fieldtrial/metrics/metric-access.yaml}
{{- end }}
{{- with .remote }}
{{- if .url }}
- {name: FIELDTRIAL_REMOTE_URL, value: {{ .url | quote }}}
- {name: FIELDTRIAL_REMOTE_WAIT, value: {{ .wait | quote }}}
{{- with .endpoint }}
- {name: FIELDTRIAL_REMOTE_ENDPOINT, value: {{ . | quote }}}
{{- end }}
{{- if .clientId }}
- {name: FIELDTRIAL_REMOTE_CLIENT_ID, value: {{ .clientId | quote }}}
{{- with .issuer }}
- {name: FIELDTRIAL_REMOTE_ISSUER, value: {{ . | quote }}}
{{- end }}
{{- with .audience }}
- {name: FIELDTRIAL_REMOTE_AUDIENCE, value: {{ . | quote }}}
{{- end }}
{{- end }}
{{- if .secret }}
{{- if .clientId }}
- {name: FIELDTRIAL_REMOTE_CLIENT_SECRET_FILE, value: /etc/fieldtrial/remote/client-secret}
{{- else }}
- {name: FIELDTRIAL_REMOTE_TOKEN_FILE, value: /etc/fieldtrial/remote/token}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- if or .extraCA.configMap .extraCA.secret }}
- {name: NODE_EXTRA_CA_CERTS, value: /etc/fieldtrial/ca/ca.crt}
{{- if .extraCA.git }}
- {name: GIT_SSL_CAINFO, value: /etc/fieldtrial/ca/ca.crt}
{{- end }}
{{- end }}
{{- if or .proxy.http .proxy.https }}
{{- /* curl, and so git, reads http_proxy in small letters alone. */}}
{{- $direct := join "," (concat (list "$(KUBERNETES_SERVICE_HOST)" "localhost" "127.0.0.1" ".svc" ".cluster.local") .proxy.noProxy) }}
{{- with .proxy.http }}
- {name: http_proxy, value: {{ . | quote }}}
- {name: HTTP_PROXY, value: {{ . | quote }}}
{{- end }}
{{- with .proxy.https }}
- {name: https_proxy, value: {{ . | quote }}}
- {name: HTTPS_PROXY, value: {{ . | quote }}}
{{- end }}
- {name: no_proxy, value: {{ $direct | quote }}}
- {name: NO_PROXY, value: {{ $direct | quote }}}
{{- end }}
{{- with .extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}
{{- end -}}
