{{/* Fails where a text in a list is no prefix. The schema has seen that it has one "/", and what characters. */}}
{{- define "veth.checkPrefixes" -}}
{{- $group := "[0-9a-fA-F]{1,4}" }}
{{- range .prefixes }}
{{- $address := splitList "/" . | first }}
{{- $length := splitList "/" . | last }}
{{- $groups := regexFindAll "[0-9a-fA-F]+" $address -1 | len }}
{{- $whole := regexMatch (printf "^%s(:%s){7}$" $group $group) $address }}
{{- $short := regexMatch (printf "^(%s(:%s)*)?::(%s(:%s)*)?$" $group $group $group $group) $address }}
{{- $octet := "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])" }}
{{- $longest := -1 }}
{{- if regexMatch (printf "^%s([.]%s){3}$" $octet $octet) $address }}{{ $longest = 32 }}{{ end }}
{{- if or $whole (and $short (le $groups 7)) }}{{ $longest = 128 }}{{ end }}
{{- if or (not (regexMatch "^(0|[1-9][0-9]*)$" $length)) (gt (atoi $length) $longest) }}
{{- fail (printf "%s: %q is not a prefix such as 10.244.0.0/16 or fd00:10:244::/56" $.key .) }}
{{- end }}
{{- end }}
{{- end }}
