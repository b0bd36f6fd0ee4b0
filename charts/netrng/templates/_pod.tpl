{{/* The pod of either app. Takes root, component and port (the HTTP port). A client that credits
     entropy requires the capability SYS_ADMIN, the server none. Both write only to /tmp, which can be
     noexec. */}}
{{- define "netrng.pod" -}}
{{- $values := index .root.Values .component -}}
{{- $mode := .root.Values.server.device.mode -}}
{{- $isServer := eq .component "server" -}}
{{- $capability := $isServer | ternary "" (include "netrng.clientCapability" .root) -}}
{{- $isPrivileged := and $isServer (eq $mode "privileged") -}}
metadata:
  labels:
    {{- include "netrng.selectorLabels" . | nindent 4 }}
    {{- with merge (deepCopy $values.podLabels) .root.Values.commonLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    checksum/config: {{ include (printf "netrng.%sProperties" .component) .root | sha256sum }}
    {{- with $values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "netrng.serviceAccountName" . }}
  automountServiceAccountToken: false
  # Spring would read the variables of a Service named netrng-server as properties of netrng.server.
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ $values.terminationGracePeriodSeconds }}
  {{- with $values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with $values.dnsConfig }}
  dnsConfig:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .root.Values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- $affinity := deepCopy $values.affinity }}
  {{- if and $isPrivileged (eq $values.kind "Deployment") }}
  {{- /* Two servers on one node would share its generator, but each would guarantee its rate. */}}
  {{- $node := dict "topologyKey" "kubernetes.io/hostname" "labelSelector" (dict "matchLabels" (include "netrng.selectorLabels" . | fromYaml)) }}
  {{- $_ := set $affinity "podAntiAffinity" (dict "requiredDuringSchedulingIgnoredDuringExecution" (list $node)) }}
  {{- end }}
  {{- with $affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- if and $isServer (eq $values.kind "Deployment") }}
  {{- with $values.topologySpreadConstraints }}
  topologySpreadConstraints:
    {{- range . }}
    - {{- toYaml . | nindent 6 }}
      labelSelector:
        matchLabels:
          {{- include "netrng.selectorLabels" $ | nindent 10 }}
    {{- end }}
  {{- end }}
  {{- end }}
  securityContext:
    # Only uid 0 can open the device. Only uid 0 gets the capability, and passes it on to rngd.
    runAsUser: 0
    runAsGroup: 0
    {{- toYaml (merge (deepCopy $values.podSecurityContext) (dict "seccompProfile" (dict "type" "RuntimeDefault"))) | nindent 4 }}
  containers:
    - name: {{ .component }}
      image: {{ include "netrng.image" . }}
      imagePullPolicy: {{ .root.Values.image.pullPolicy }}
      securityContext:
        readOnlyRootFilesystem: true
        {{- if $isPrivileged }}
        privileged: true
        {{- else }}
        # The Kubernetes API rejects false together with SYS_ADMIN.
        allowPrivilegeEscalation: {{ not (empty $capability) }}
        capabilities:
          drop: [ALL]
          {{- with $capability }}
          add: [{{ . }}]
          {{- end }}
        {{- end }}
        {{- with $values.securityContext }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- with dig "limits" "memory" "" $values.resources }}
      # The image's own command, with a maximum heap that depends on the memory limit.
      command:
        - /usr/bin/tini
        - --
        - /usr/lib/netrng-{{ $.component }}/runtime/bin/java
        - "@/usr/lib/netrng-{{ $.component }}/java.options"
        - -Xmx{{ include "netrng.heap" . }}m
        - -jar
        - /usr/lib/netrng-{{ $.component }}/netrng-{{ $.component }}-app.jar
      {{- end }}
      env:
        - name: SPRING_CONFIG_ADDITIONAL_LOCATION
          value: file:/etc/netrng/{{ .component }}.properties,optional:configtree:/etc/netrng/secrets/
        {{- if not $isServer }}
        - name: NETRNG_CLIENT_NAME
          valueFrom:
            fieldRef:
              fieldPath: {{ eq $values.label "node" | ternary "spec.nodeName" "metadata.name" }}
        {{- end }}
        {{- with $values.extraEnv }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      ports:
        - name: http
          containerPort: {{ .port }}
        {{- if $isServer }}
        - name: stream
          containerPort: 8989
        {{- range $values.egd.listen }}
        - name: egd-{{ .port }}
          containerPort: {{ .port }}
        {{- end }}
        {{- if $values.entropyApi.enabled }}
        - name: entropy-api
          containerPort: {{ $values.entropyApi.port }}
        {{- end }}
        {{- end }}
      {{- if and $isServer (gt (int $values.preStopSleepSeconds) 0) }}
      # A terminating pod is no longer ready. It serves until all nodes have removed its endpoint.
      lifecycle:
        preStop:
          sleep:
            seconds: {{ $values.preStopSleepSeconds }}
      {{- end }}
      # The last lines of the log contain the error of a failed start.
      terminationMessagePolicy: FallbackToLogsOnError
      # The startup and liveness probes check neither device nor sink, because a restart does not
      # fix them.
      startupProbe:
        httpGet:
          path: /actuator/health/liveness
          port: http
        {{- toYaml $values.probes.startup | nindent 8 }}
      livenessProbe:
        httpGet:
          path: /actuator/health/liveness
          port: http
        {{- toYaml $values.probes.liveness | nindent 8 }}
      # A server is ready when its device provides entropy, a client when its kernel receives
      # entropy.
      readinessProbe:
        httpGet:
          path: /actuator/health/readiness
          port: http
        {{- toYaml $values.probes.readiness | nindent 8 }}
      resources:
        {{- $resources := deepCopy $values.resources }}
        {{- if and $isServer (eq $mode "devicePlugin") }}
        {{- $resources = merge (dict "limits" (dict $values.device.resource 1)) $resources }}
        {{- end }}
        {{- toYaml $resources | nindent 8 }}
      volumeMounts:
        - name: config
          mountPath: /etc/netrng
          readOnly: true
        {{- if $values.configSecrets }}
        - name: config-secrets
          mountPath: /etc/netrng/secrets
          readOnly: true
        {{- end }}
        {{- if ne .root.Values.tls.mode "plaintext" }}
        - name: tls
          mountPath: /run/secrets/netrng/tls
          readOnly: true
        {{- end }}
        {{- if $isServer }}
        - name: admin
          mountPath: /run/secrets/netrng/admin
          readOnly: true
        {{- if $values.entropyApi.existingTokenSecret }}
        - name: tokens
          mountPath: /run/secrets/netrng/tokens
          readOnly: true
        {{- end }}
        {{- end }}
        - name: tmp
          mountPath: /tmp
        {{- if $isPrivileged }}
        {{- range $i, $path := $values.device.paths }}
        - name: device-{{ $i }}
          mountPath: {{ $path }}
        {{- end }}
        {{- end }}
        {{- with $values.extraVolumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
  volumes:
    - name: config
      configMap:
        name: {{ printf "%s-%s" (include "netrng.fullname" .root) .component }}
    {{- with $values.configSecrets }}
    - name: config-secrets
      projected:
        defaultMode: 0400
        sources:
          {{- range . }}
          - secret:
              name: {{ . }}
          {{- end }}
    {{- end }}
    {{- if ne .root.Values.tls.mode "plaintext" }}
    - name: tls
      {{- if and $isServer (eq .root.Values.tls.mode "certManager") .root.Values.tls.certManager.csiDriver }}
      {{- include "netrng.tlsOfPod" .root | nindent 6 }}
      {{- else }}
      secret:
        secretName: {{ include "netrng.tlsSecret" . }}
        defaultMode: 0400
      {{- end }}
    {{- end }}
    {{- if $isServer }}
    - name: admin
      secret:
        secretName: {{ include "netrng.adminSecret" .root }}
        defaultMode: 0400
    {{- with $values.entropyApi.existingTokenSecret }}
    - name: tokens
      secret:
        secretName: {{ . }}
        defaultMode: 0400
    {{- end }}
    {{- end }}
    # In memory, so that no data of a process is written to a disk.
    - name: tmp
      emptyDir:
        medium: Memory
        sizeLimit: 32Mi
    {{- if $isPrivileged }}
    {{- range $i, $path := $values.device.paths }}
    - name: device-{{ $i }}
      hostPath:
        path: {{ $path }}
        type: CharDevice
    {{- end }}
    {{- end }}
    {{- with $values.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end }}
