{{/* The pod of either app. Takes root, component and port, that of HTTP. The apps need no capability but
     the client's SYS_ADMIN, and write nothing but /tmp, which may be noexec. */}}
{{- define "netrng.pod" -}}
{{- $values := index .root.Values .component -}}
{{- $mode := .root.Values.server.device.mode -}}
{{- $isServer := eq .component "server" -}}
{{- $isPrivileged := and $isServer (eq $mode "privileged") -}}
metadata:
  labels:
    {{- include "netrng.selector" . | nindent 4 }}
    {{- with $values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    checksum/config: {{ include (printf "netrng.%sProperties" .component) .root | sha256sum }}
    {{- with $values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ printf "%s-%s" (include "netrng.fullname" .root) .component }}
  automountServiceAccountToken: false
  # Variables of a Service netrng-server would be read as properties of netrng.server.
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ $values.terminationGracePeriodSeconds }}
  {{- with $values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with .root.Values.image.pullSecrets }}
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
  {{- with $values.affinity }}
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
          {{- include "netrng.selector" $ | nindent 10 }}
    {{- end }}
  {{- end }}
  {{- end }}
  securityContext:
    # Only uid 0 may open the device, and only uid 0 hands its capability on to rngd.
    runAsUser: 0
    runAsGroup: 0
    seccompProfile:
      type: RuntimeDefault
  containers:
    - name: {{ .component }}
      image: {{ include "netrng.image" . }}
      imagePullPolicy: {{ .root.Values.image.pullPolicy }}
      securityContext:
        readOnlyRootFilesystem: true
        {{- if $isPrivileged }}
        privileged: true
        {{- else }}
        # The API refuses false beside SYS_ADMIN.
        allowPrivilegeEscalation: {{ not $isServer }}
        capabilities:
          drop: [ALL]
          {{- if not $isServer }}
          add: [SYS_ADMIN]
          {{- end }}
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
      ports:
        - name: http
          containerPort: {{ .port }}
        {{- if $isServer }}
        - name: stream
          containerPort: 8989
        {{- end }}
      # Neither asks the device or rngd: a restart does not fix what is slow there.
      startupProbe:
        httpGet:
          path: /actuator/health/liveness
          port: http
        periodSeconds: 2
        timeoutSeconds: 5
        failureThreshold: 90
      livenessProbe:
        httpGet:
          path: /actuator/health/liveness
          port: http
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      # Entropy flows: out of the device, or into the kernel.
      readinessProbe:
        httpGet:
          path: /actuator/health/readiness
          port: http
        periodSeconds: 5
        timeoutSeconds: 5
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
        {{- end }}
        - name: tmp
          mountPath: /tmp
        {{- if $isPrivileged }}
        {{- range $i, $path := $values.device.paths }}
        - name: device-{{ $i }}
          mountPath: {{ $path }}
        {{- end }}
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
      secret:
        secretName: {{ include "netrng.tlsSecret" . }}
        defaultMode: 0400
    {{- end }}
    {{- if $isServer }}
    - name: admin
      secret:
        secretName: {{ include "netrng.adminSecret" .root }}
        defaultMode: 0400
    {{- end }}
    # In memory, so that nothing of a process gets onto a disk.
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
{{- end }}
