{{- define "netrng.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 46 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- contains $name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $name) | trunc 46 | trimSuffix "-" -}}
{{- end -}}
{{- end }}

{{/* The labels that select a component's pods. Takes root and component, as most templates do. */}}
{{- define "netrng.selectorLabels" -}}
app.kubernetes.io/name: {{ default .root.Chart.Name .root.Values.nameOverride | trunc 63 }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "netrng.labels" -}}
{{ include "netrng.selectorLabels" . }}
app.kubernetes.io/part-of: netrng
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* The labels are last, so that the caller can append more labels. */}}
{{- define "netrng.metadata" -}}
name: {{ .name | default (printf "%s-%s" (include "netrng.fullname" .root) .component) }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "netrng.labels" . | nindent 2 }}
{{- end }}

{{- define "netrng.serviceAccountName" -}}
{{- $account := (index .root.Values .component).serviceAccount -}}
{{- if $account.create -}}
{{- default (printf "%s-%s" (include "netrng.fullname" .root) .component) $account.name -}}
{{- else -}}
{{- default "default" $account.name -}}
{{- end -}}
{{- end }}

{{- define "netrng.image" -}}
{{- $image := (index .root.Values .component).image -}}
{{- with .root.Values.image.registry }}{{ . }}/{{ end -}}
{{ default (printf "netrng-%s" (and (eq .component "client") (eq .root.Values.client.sink "kernel") | ternary "client-kernel" .component)) $image.repository }}:{{ default .root.Chart.AppVersion .root.Values.image.tag }}
{{- with $image.digest }}@{{ . }}{{ end -}}
{{- end }}

{{/* Each mode uses its own Secrets, because Helm and cert-manager do not adopt existing ones. */}}
{{- define "netrng.tlsSecret" -}}
{{- $mode := .root.Values.tls.mode -}}
{{- if eq $mode "existingSecret" -}}
{{- $path := printf "tls.existingSecret.%s" .component -}}
{{- required (printf "tls.mode=existingSecret wants the name of a Secret with tls.crt, tls.key and ca.crt in %s." $path) (index .root.Values.tls.existingSecret .component) -}}
{{- else -}}
{{- printf "%s-%s-%s" (include "netrng.fullname" .root) .component (eq $mode "generated" | ternary "tls" "cert-manager-tls") -}}
{{- end -}}
{{- end }}

{{/* The issuer of the release: the user's, or the one that the chart creates. As JSON. */}}
{{- define "netrng.issuer" -}}
{{- $issuer := .Values.tls.certManager.issuerRef -}}
{{- if not $issuer.name -}}
{{- $issuer = dict "name" (printf "%s-ca" (include "netrng.fullname" .)) "kind" "Issuer" "group" "cert-manager.io" -}}
{{- end -}}
{{- $issuer | toJson -}}
{{- end }}

{{/* The volume of a server's certificate by cert-manager's CSI driver. The first name differs for
     each pod, so that clients can tell the pods apart. */}}
{{- define "netrng.tlsOfPod" -}}
{{- $issuer := include "netrng.issuer" . | fromJson -}}
{{- $names := list (printf "${POD_NAME}.%s-server-headless.%s.svc" (include "netrng.fullname" .) .Release.Namespace) -}}
{{- $addresses := list -}}
{{- range fromJsonArray (include "netrng.serverNames" .) -}}
{{- if regexMatch "^[0-9.]+$|:" . -}}
{{- $addresses = append $addresses . -}}
{{- else -}}
{{- $names = append $names . -}}
{{- end -}}
{{- end -}}
csi:
  driver: csi.cert-manager.io
  readOnly: true
  volumeAttributes:
    csi.cert-manager.io/issuer-name: {{ $issuer.name }}
    csi.cert-manager.io/issuer-kind: {{ $issuer.kind }}
    csi.cert-manager.io/issuer-group: {{ $issuer.group }}
    csi.cert-manager.io/dns-names: {{ join "," $names | quote }}
    {{- with $addresses }}
    csi.cert-manager.io/ip-sans: {{ join "," . | quote }}
    {{- end }}
    csi.cert-manager.io/key-usages: digital signature,server auth
    csi.cert-manager.io/key-encoding: PKCS8
    csi.cert-manager.io/duration: {{ .Values.tls.certManager.duration }}
    csi.cert-manager.io/renew-before: {{ .Values.tls.certManager.renewBefore }}
{{- end }}

{{/* The type, the addresses and the pods of a Service of the servers. Takes root and service (the
     values of the Service). All have the IP families of the stream's Service. */}}
{{- define "netrng.publication" -}}
type: {{ .service.type }}
{{- with .root.Values.server.service.ipFamilyPolicy }}
ipFamilyPolicy: {{ . }}
{{- end }}
{{- with .root.Values.server.service.ipFamilies }}
ipFamilies:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if ne .service.type "ClusterIP" }}
{{- with .service.externalTrafficPolicy }}
externalTrafficPolicy: {{ . }}
{{- end }}
{{- end }}
{{- if eq .service.type "LoadBalancer" }}
{{- with .service.loadBalancerClass }}
loadBalancerClass: {{ . }}
{{- end }}
{{- with .service.loadBalancerSourceRanges }}
loadBalancerSourceRanges:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
selector:
  {{- include "netrng.selectorLabels" (dict "root" .root "component" "server") | nindent 2 }}
{{- end }}

{{- define "netrng.adminSecret" -}}
{{- default (printf "%s-admin" (include "netrng.fullname" .)) .Values.server.admin.existingSecret -}}
{{- end }}

{{/* The servers of a client, in the order of preference. The first address leads to a nearby
     server. The second leads to any server, so that a client that one server rejects reaches another.
     With discovery, it lists the servers one by one, with their certificates for the Service's name. */}}
{{- define "netrng.servers" -}}
{{- $service := printf "%s-server" (include "netrng.fullname" .) -}}
{{- $host := .Values.server.hostService -}}
{{- if ne .Values.server.device.mode "hostService" -}}
{{- printf "%s.%s.svc:8989," $service .Release.Namespace -}}
{{- if .Values.client.discovery -}}
{{- printf "srv:_stream._tcp.%s-headless.%s.svc.%s" $service .Release.Namespace .Values.clusterDomain -}}
{{- else -}}
{{- printf "%s-headless.%s.svc:8989" $service .Release.Namespace -}}
{{- end -}}
{{- else if $host.hostName -}}
{{- printf "%s:%d" $host.hostName (int $host.port) -}}
{{- else -}}
{{- printf "%s.%s.svc:8989" $service .Release.Namespace -}}
{{- end -}}
{{- end }}

{{/* The subject alternative names of the server's certificate, as a JSON list. */}}
{{- define "netrng.serverNames" -}}
{{- $names := list -}}
{{- range splitList "," (include "netrng.servers" .) -}}
{{- $names = append $names (regexReplaceAll "^srv:_stream\\._tcp\\.|:[0-9]+$" . "") -}}
{{- end -}}
{{- if .Values.server.egd.listen -}}
{{- $names = append $names (printf "%s-server-egd.%s.svc" (include "netrng.fullname" .) .Release.Namespace) -}}
{{- end -}}
{{- if .Values.server.entropyApi.enabled -}}
{{- $names = append $names (printf "%s-server-api.%s.svc" (include "netrng.fullname" .) .Release.Namespace) -}}
{{- end -}}
{{- concat $names .Values.server.hostService.addresses .Values.tls.serverNames | uniq | toJson -}}
{{- end }}

{{- define "netrng.clientIdentity" -}}
{{- printf "%s-client" (include "netrng.fullname" .) -}}
{{- end }}

{{/* The host names that a component accepts in HTTP requests: those of its Services and the user's.
     Takes root, component and services. */}}
{{- define "netrng.allowedHosts" -}}
{{- $namespace := .root.Release.Namespace -}}
{{- $hosts := list -}}
{{- range .services -}}
{{- $hosts = concat $hosts (list . (printf "%s.%s" . $namespace) (printf "%s.%s.svc" . $namespace) (printf "%s.%s.svc.%s" . $namespace $.root.Values.clusterDomain)) -}}
{{- end -}}
{{- concat $hosts (index .root.Values .component).allowedHosts | uniq | join "," -}}
{{- end }}

{{/* The lines of a properties file. Takes own (the chart's properties), config (the user's), and
     path (the name of the value that contains config). */}}
{{- define "netrng.properties" -}}
{{- range $key, $value := .config -}}
{{- if hasKey $.own $key -}}
{{- fail (printf "%s.%s cannot be set: the chart sets it to %v from its other values, and images, capabilities, Services, probes and mounts depend on it." $.path $key (index $.own $key)) -}}
{{- end -}}
{{- end -}}
{{- range $key, $value := merge .own .config }}
{{ $key }}={{ kindIs "string" $value | ternary $value (toJson $value) | replace "\\" "\\\\" | replace "\n" "\\n" }}
{{- end }}
{{- end }}

{{/* The properties that both apps have, each with the app's prefix. */}}
{{- define "netrng.common" -}}
server.address: {{ .root.Values.bindAddress | quote }}
server.port: {{ .port }}
{{- if eq .root.Values.tls.mode "plaintext" }}
netrng.{{ .component }}.allow-plaintext: true
{{- else }}
netrng.{{ .component }}.tls.bundle: netrng
spring.ssl.bundle.pem.netrng.keystore.certificate: file:/run/secrets/netrng/tls/tls.crt
spring.ssl.bundle.pem.netrng.keystore.private-key: file:/run/secrets/netrng/tls/tls.key
spring.ssl.bundle.pem.netrng.keystore.verify-keys: true
spring.ssl.bundle.pem.netrng.truststore.certificate: file:/run/secrets/netrng/tls/ca.crt
spring.ssl.bundle.pem.netrng.reload-on-update: true
{{- end }}
{{- end }}

{{/* The properties that a server reads only when it starts. */}}
{{- define "netrng.serverProperties" -}}
{{- $own := include "netrng.common" (dict "root" . "component" "server" "port" 8080) | fromYaml -}}
{{- $_ := set $own "netrng.server.bind-address" .Values.bindAddress -}}
{{- $_ := set $own "netrng.server.port" 8989 -}}
{{- $_ := set $own "netrng.server.source.devices" (join "," .Values.server.device.paths) -}}
{{- $_ := set $own "netrng.server.admin.token-file" "/run/secrets/netrng/admin/token" -}}
{{- $host := contains ":" .Values.bindAddress | ternary (printf "[%s]" .Values.bindAddress) .Values.bindAddress -}}
{{- range $i, $listen := .Values.server.egd.listen -}}
{{- $prefix := printf "netrng.server.egd.listen[%d]" $i -}}
{{- $_ := set $own (printf "%s.address" $prefix) (printf "%s:%d" $host (int $listen.port)) -}}
{{- $_ := set $own (printf "%s.mode" $prefix) (default "egd" $listen.mode) -}}
{{- with $listen.name -}}
{{- $_ := set $own (printf "%s.name" $prefix) . -}}
{{- end -}}
{{- end -}}
{{- with .Values.server.entropyApi -}}
{{- if .enabled -}}
{{- $_ := set $own "netrng.server.entropy-api.port" .port -}}
{{- $_ := set $own "netrng.server.entropy-api.bind-address" $.Values.bindAddress -}}
{{- $_ := set $own "netrng.server.entropy-api.pollinate.enabled" .pollinate.enabled -}}
{{- with .pollinate.ceiling -}}
{{- $_ := set $own "netrng.server.entropy-api.pollinate.ceiling" . -}}
{{- end -}}
{{- if .existingTokenSecret -}}
{{- $_ := set $own "netrng.server.entropy-api.token-directory" "/run/secrets/netrng/tokens" -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $service := printf "%s-server" (include "netrng.fullname" .) -}}
{{- $_ := set $own "netrng.server.http.allowed-hosts" (include "netrng.allowedHosts" (dict "root" . "component" "server" "services" (list $service (printf "%s-headless" $service)))) -}}
{{- include "netrng.properties" (dict "own" $own "config" .Values.server.config "path" "server.config") -}}
{{- end }}

{{/* The properties that a server reloads while it runs. */}}
{{- define "netrng.serverPolicies" -}}
{{- range $i, $client := .Values.server.clients }}
netrng.server.clients[{{ $i }}].name={{ $client.name }}
{{- with $client.guarantee }}
netrng.server.clients[{{ $i }}].guarantee={{ . }}
{{- end }}
{{- with $client.ceiling }}
netrng.server.clients[{{ $i }}].ceiling={{ . }}
{{- end }}
{{- with $client.maxConnections }}
netrng.server.clients[{{ $i }}].max-connections={{ . }}
{{- end }}
{{- end }}
{{- with .Values.server.denied }}
netrng.server.denied={{ join "," . }}
{{- end }}
{{- end }}

{{/* Not empty if the clients require the capability SYS_ADMIN: the kernel accepts bytes without
     credit from everybody. */}}
{{- define "netrng.clientCapability" -}}
{{- if or (eq .Values.client.sink "rngd") (gt (int .Values.client.kernel.creditBitsPerByte) 0) -}}
SYS_ADMIN
{{- end -}}
{{- end }}

{{- define "netrng.clientProperties" -}}
{{- $own := include "netrng.common" (dict "root" . "component" "client" "port" 8081) | fromYaml -}}
{{- $_ := set $own "netrng.client.servers" (include "netrng.servers" .) -}}
{{- $_ := set $own "netrng.client.sink" .Values.client.sink -}}
{{- if eq .Values.client.sink "kernel" -}}
{{- $_ := set $own "netrng.client.kernel.credit-bits-per-byte" .Values.client.kernel.creditBitsPerByte -}}
{{- end -}}
{{- $services := list (printf "%s-client" (include "netrng.fullname" .)) -}}
{{- $_ := set $own "netrng.client.http.allowed-hosts" (include "netrng.allowedHosts" (dict "root" . "component" "client" "services" $services)) -}}
{{- include "netrng.properties" (dict "own" $own "config" .Values.client.config "path" "client.config") -}}
{{- end }}

{{/* Rejects values that cannot work, with one error for each. */}}
{{- define "netrng.refusals" -}}
{{- if not (regexMatch "^[a-z]" (include "netrng.fullname" .)) -}}
{{- fail (printf "The name %s begins with a digit, which is invalid for a Service: set fullnameOverride." (include "netrng.fullname" .)) -}}
{{- end -}}
{{- $mode := .Values.server.device.mode -}}
{{- $host := .Values.server.hostService -}}
{{- if not $mode -}}
{{- fail "server.device.mode is not set: choose devicePlugin (the RNG is a resource of the pods), privileged (privileged pods read the device of the node), or hostService (a server outside the cluster has the RNG)." -}}
{{- end -}}
{{- if eq $mode "hostService" -}}
{{- if not (or $host.addresses $host.hostName) -}}
{{- fail "server.device.mode=hostService requires the address of the server: set server.hostService.addresses or server.hostService.hostName." -}}
{{- end -}}
{{- if and $host.addresses $host.hostName -}}
{{- fail "server.hostService.addresses and server.hostService.hostName exclude each other: set one." -}}
{{- end -}}
{{- if not .Values.client.enabled -}}
{{- fail "server.device.mode=hostService with client.enabled=false leaves nothing to install." -}}
{{- end -}}
{{- if .Values.client.discovery -}}
{{- fail "client.discovery uses the Service of this release's servers, and server.device.mode=hostService has none: unset it." -}}
{{- end -}}
{{- if or .Values.server.config .Values.server.configSecrets .Values.server.clients .Values.server.denied .Values.server.egd.listen .Values.server.entropyApi.enabled -}}
{{- fail "server.device.mode=hostService has no server to configure: unset server.config, .configSecrets, .clients, .denied, .egd.listen and .entropyApi.enabled, and set them where the server runs." -}}
{{- end -}}
{{- else if or $host.addresses $host.hostName -}}
{{- fail (printf "server.hostService is for server.device.mode=hostService and has no effect with %s: unset it, or change the mode." $mode) -}}
{{- end -}}
{{- $api := .Values.server.entropyApi -}}
{{- $ports := list 8989 8080 -}}
{{- if $api.enabled -}}
{{- $ports = append $ports (int $api.port) -}}
{{- else if or $api.existingTokenSecret $api.pollinate.enabled $api.pollinate.ceiling -}}
{{- fail "server.entropyApi.existingTokenSecret and .pollinate have no effect without the entropy API: set server.entropyApi.enabled, or unset them." -}}
{{- end -}}
{{- range .Values.server.egd.listen -}}
{{- $ports = append $ports (int .port) -}}
{{- end -}}
{{- if ne (len $ports) (len (uniq $ports)) -}}
{{- fail (printf "Two listeners of the servers have the same port: the stream has 8989, HTTP has 8080, and server.entropyApi.port and server.egd.listen have %s. Change one." (join ", " (slice $ports 2))) -}}
{{- end -}}
{{- if .Values.networkPolicy.enabled -}}
{{- if and .Values.server.egd.listen (not .Values.networkPolicy.egdClients) -}}
{{- fail "networkPolicy.egdClients is empty, so no client could connect to server.egd.listen: list the peers, or set networkPolicy.enabled=false." -}}
{{- end -}}
{{- if and $api.enabled (not .Values.networkPolicy.entropyApiClients) -}}
{{- fail "networkPolicy.entropyApiClients is empty, so no client could connect to the entropy API: list the peers, or set networkPolicy.enabled=false." -}}
{{- end -}}
{{- end -}}
{{- if and (eq .Values.server.kind "Deployment") (eq $mode "privileged") (gt (len (dig "podAntiAffinity" dict .Values.server.affinity)) 0) -}}
{{- fail "server.affinity.podAntiAffinity cannot be set with server.device.mode=privileged and server.kind=Deployment: the chart sets it, because two servers on one node would share one RNG." -}}
{{- end -}}
{{- if and .Values.tls.certManager.csiDriver (or (ne .Values.tls.mode "certManager") (eq $mode "hostService")) -}}
{{- fail "tls.certManager.csiDriver is for server pods with tls.mode=certManager: unset it, or set this mode." -}}
{{- end -}}
{{- $otherServers := not (empty .Values.client.configSecrets) -}}
{{- range .Values.client.extraEnv -}}
{{- $otherServers = or $otherServers (hasPrefix "NETRNG_CLIENT_SERVERS" .name) -}}
{{- end -}}
{{- $combined := int (default 1 (index .Values.client.config "netrng.client.combine.servers")) -}}
{{- $shareCertificate := and (ne $mode "hostService") (ne .Values.tls.mode "plaintext") (not .Values.tls.certManager.csiDriver) -}}
{{- if and (gt $combined 1) $shareCertificate (not $otherServers) -}}
{{- fail (printf "client.config sets netrng.client.combine.servers=%d, but the server pods of this release share one certificate and count as one server: set tls.certManager.csiDriver, or list other servers as NETRNG_CLIENT_SERVERS in client.extraEnv." $combined) -}}
{{- end -}}
{{- if and (eq .Values.client.sink "rngd") (ne (int .Values.client.kernel.creditBitsPerByte) 8) -}}
{{- fail "client.kernel.creditBitsPerByte is for client.sink=kernel and has no effect with rngd: unset it, or change the sink." -}}
{{- end -}}
{{- if not .Values.client.hostUsers -}}
{{- fail "client.hostUsers=false cannot work: the kernel takes entropy only from CAP_SYS_ADMIN of the initial user namespace." -}}
{{- end -}}
{{- end }}

{{/* The maximum heap in MiB: half of the memory limit. Samples in flight and the JVM use the other
     half. Takes the limit. */}}
{{- define "netrng.heap" -}}
{{- $units := dict "" 1 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 -}}
{{- $limit := toString . -}}
{{- $number := regexFind "^[0-9.]+" $limit | float64 -}}
{{- $unit := regexReplaceAll "^[0-9.]+" $limit "" -}}
{{- $bytes := mulf $number (get $units $unit | float64) -}}
{{- divf $bytes 2097152 | floor | int64 | max 32 | min 31744 -}}
{{- end }}
