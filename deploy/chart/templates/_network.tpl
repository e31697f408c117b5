{{/* The configuration of a network: the plugin that makes the NIC, then veth. */}}
{{- define "veth.network" -}}
{{- $veth := dict "type" "veth" "cluster_cidr" .cluster.podCIDRs "service_cidr" .cluster.serviceCIDRs -}}
{{- $plugins := list .network.plugin (merge $veth (.network.veth | default dict)) -}}
{{- dict "cniVersion" "1.0.0" "name" .network.name "plugins" $plugins | toPrettyJson -}}
{{- end }}
