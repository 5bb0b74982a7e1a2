#!/bin/sh
# Inputs that are wrong, or hostile: a message with a place and a way out, status 2, in bounded time and memory.
# Usage: mistakes.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
. tests/shell.sh
pktpath=$2
cd "$scratch" || exit 1

# refused WHAT PATTERN ARGUMENT...: status 2, a message like the pattern, nothing on standard output, within ten seconds and 2 GB.
refused() {
	what=$1
	pattern=$2
	shift 2
	(
		# shellcheck disable=SC3045 # where there is none the time bounds it
		# A sanitizer reserves more than that.
		grep -q __asan_init "$pktpath" || ulimit -v 2000000 2>/dev/null
		timeout 10 "$pktpath" import "$@" >out 2>err
	)
	status=$?
	if [ "$status" = 2 ] && [ ! -s out ] && grep -qE "$pattern" err; then
		ok "$what"
	else
		not_ok "$what"
		echo "    status $status, wanted 2 and: $pattern"
		head -n 5 err | sed 's/^/    /'
	fi
}
template() { # RESOURCES [MEMBERS]
	printf '{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#", "contentVersion": "1.0.0.0", %s "resources": [%s]}\n' \
		"${2:-}" "$1"
}
vnet() { # NAME
	printf '{"type": "Microsoft.Network/virtualNetworks", "apiVersion": "2021-05-01", "name": "%s", "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}}' "$1"
}
id=/subscriptions/1/resourceGroups/a/providers/Microsoft.Network

: >empty.json
refused "an empty file" 'empty.json:1:1: error: the document is empty' empty.json
refused "no file" 'nowhere.json: No such file' nowhere.json
printf '{"a": [1, 2' >cut.json
refused "a document that is cut" 'cut.json:1:[0-9]+: error: the document ends' cut.json
printf '{\n  "a": tru\n}' >word.json
refused "a word that is none" 'word.json:2:8: error: this is no value of JSON' word.json
printf '{"a": "\377"}' >utf8.json
refused "bytes that are no UTF-8" 'utf8.json:1:8: error: the file is not valid UTF-8' utf8.json
printf '{"a": 1} {"a": 2}' >two.json
refused "two documents" 'something follows the end' two.json
awk 'BEGIN { for (i = 0; i < 100000; i++) printf "["; }' >deep.json
refused "a hundred thousand brackets" 'nested more than 128 deep' deep.json
awk 'BEGIN { printf "["; for (i = 0; i < 3000000; i++) printf "1,"; print "1]" }' >many.json
refused "three million values" 'more than 2,000,000 values' many.json
printf '{"hello": "world"}' >other.json
refused "JSON about something else" 'nothing that describes a network' other.json
printf '{"AWSTemplateFormatVersion": "2010-09-09", "Resources": {}}' >aws.json
refused "a template of another cloud" 'template of another cloud' aws.json
printf 'Resources:\n  V:\n    Type: AWS::EC2::VPC\n' >aws.yaml
refused "the same as YAML" 'CloudFormation, of AWS' aws.yaml
printf '{"Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16"}]}' >aws-answer.json
refused "an answer of AWS" 'an answer of another cloud: AWS' aws-answer.json
printf '[{"kind": "compute#network", "name": "default"}]' >google.json
refused "an answer of Google Cloud" 'of another cloud: Google Cloud' google.json
printf '{"resources": [{"type": "compute.v1.network", "name": "x", "properties": {}}]}' >google-template.json
refused "a template of Google Cloud" 'of another cloud: Google Cloud' google-template.json
printf '{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "x"}}' >policy.json
refused "a manifest of Kubernetes" 'a manifest of Kubernetes' policy.json
printf '{"resource": {"azurerm_virtual_network": {"v": {"name": "v"}}}}' >main.tf.json
refused "Terraform's own language as JSON" 'terraform show -json' main.tf.json
printf '{"@level":"info","type":"version"}\n{"@level":"info","type":"planned_change"}\n' >log.json
refused "Terraform's log" "Terraform's log, not its plan" log.json
printf '{"version": 3, "terraform_version": "0.11.14", "serial": 1, "modules": [{"path": ["root"], "resources": {}}]}' >old.tfstate
refused "a state of an old Terraform" 'before 0.12' old.tfstate
printf '{"error": {"code": "AuthorizationFailed", "message": "no"}}' >error.json
refused "an error of Azure" 'az login' error.json
printf '{"status": "Succeeded", "changes": []}' >what-if.json
refused "an answer of what-if" 'what-if' what-if.json
printf '\377\376{\000}\000' >utf16.json
refused "UTF-16" 'the file is UTF-16' utf16.json
printf '[]' >none.json
refused "an empty subscription" 'the answer is empty' none.json
printf '{"value": []}' >none-rest.json
refused "an empty subscription, by REST" 'the answer is empty' none-rest.json
printf '{"count": 0, "data": [], "total_records": 0}' >none-graph.json
refused "an empty subscription, by Resource Graph" 'the answer is empty' none-graph.json
printf '[{"id": "%s/virtualNetworks/v", "name": "v", "type": "Microsoft.Network/virtualNetworks", "location": "x"}]' "$id" >bare.json
refused "az resource list" 'az graph query' bare.json
echo 'resource a' >main.bicep
refused "Bicep" 'bicep build main.bicep' main.bicep
echo 'resource "a" "b" {}' >main.tf
refused "Terraform's own language" 'terraform show -json' main.tf
printf '{"format_version": "1.1", "planned_values": {"root_module": {}}, "resource_changes": [{"change": {"actions": ["delete"]}}]}' >destroy.json
refused "a plan that only destroys" 'it only destroys' destroy.json
printf '{"format_version": "1.1", "values": {"root_module": {"resources": [{"mode": "managed", "type": "aws_vpc", "name": "a", "values": {}}]}}}' >aws-state.json
refused "a state without anything of Azure" "the only resource is not Azure's, but of aws" aws-state.json
printf '[{"id": "%s/virtualNetworks/v", "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}}]' "$id" >one.json
printf '[{"id": "%s/virtualNetworks/V", "properties": {"addressSpace": {"addressPrefixes": ["10.1.0.0/16"]}}}]' "$id" >another.json
refused "two inputs that contradict each other" 'another.json:1:[0-9]+: error: two inputs contradict each other' one.json another.json
printf '{"value": [%s, %s]}' "$(sed 's/^\[//; s/\]$//' one.json)" "$(sed 's/^\[//; s/\]$//' another.json)" >both.json
refused "an answer that contradicts itself" 'both.json:1:[0-9]+: error: the input contradicts itself: `addressPrefixes`' both.json
printf '[%s, %s]' "$(sed 's/^\[//; s/\]$//' one.json)" "$(sed 's/^\[//; s/\]$//' one.json)" >twice.json
says_twice() {
	"$pktpath" import -o twice.yaml twice.json 2>err && grep -q ': 1 resource, 0 assumed' err && grep -q '^# 1 of 1 resource of the input is in it' twice.yaml
}
check "an object that stands twice, the same" says_twice

template "$(vnet "[variables('a')]")" '"variables": {"a": "[variables('"'b'"')]", "b": "[variables('"'a'"')]"},' >circle.json
refused "variables in a circle" 'uses itself' circle.json
template "$(vnet "v[copyIndex()]" | sed 's/"name"/"copy": {"name": "c", "count": 1000000000}, "name"/')" >copies.json
refused "a thousand million copies" '1000000000 copies' copies.json
template "$(vnet "[concat(parameters('a')]")" >wrong.json
refused "an expression that is wrong" 'wrong.json:1:[0-9]+: error: a comma or a \) is due' wrong.json
nested=$(awk 'BEGIN { for (i = 0; i < 200; i++) printf "concat("; printf "1"; for (i = 0; i < 200; i++) printf ")" }')
template "$(vnet "[$nested]")" >nested.json
refused "calls nested two hundred deep" 'nested more than 64 deep' nested.json
variables=$(awk 'BEGIN { printf "\"a0\": \"xxxxxxxxxx\""; for (i = 1; i < 60; i++) printf ", \"a%d\": \"[concat(variables(\047a%d\047), variables(\047a%d\047))]\"", i, i - 1, i - 1 }')
template "$(vnet "[variables('a59')]")" "\"variables\": {$variables}," >doubling.json
refused "a text that doubles sixty times" 'more memory or work' doubling.json
chain=$(awk 'BEGIN { printf "\"a0\": \"x\""; for (i = 1; i < 5000; i++) printf ", \"a%d\": \"[variables(\047a%d\047)]\"", i, i - 1 }')
template "$(vnet "[variables('a4999')]")" "\"variables\": {$chain}," >chain.json
refused "a chain of five thousand variables" 'deep' chain.json
template '{"type": "Microsoft.Resources/deployments", "name": "b", "properties": {"templateLink": {"relativePath": "b.json"}}}' >a.json
template '{"type": "Microsoft.Resources/deployments", "name": "a", "properties": {"templateLink": {"relativePath": "a.json"}}}' >b.json
refused "templates that link to each other" 'nested more than 12 deep' a.json b.json
template "$(vnet a)" >good.json
refused "a parameter that no template has" 'no template has a parameter `nothing`' good.json --param nothing=1
refused "an address that nothing asks for" 'no address of `nothing`' good.json --address nothing=10.0.0.1
refused "an option without a value" 'takes NAME=VALUE' good.json --param nothing
refused "no input" 'which input' --strict

strict() {
	"$pktpath" import --strict -o strict.yaml "$1"
	[ $? = "$2" ]
}
check "--strict takes what is whole" strict good.json 0
template "$(vnet a), {\"type\": \"Microsoft.Network/applicationGateways\", \"name\": \"g\", \"properties\": {}}" >gateway.json
check "--strict refuses what is not" strict gateway.json 1
check "and writes it nevertheless" test -s strict.yaml
# What the cloud says is in force.
template "$(vnet a | sed 's/"addressPrefixes": \["10.0.0.0.16"\]}/"addressPrefixes": ["10.0.0.0\/24"]}, "subnets": [{"name": "s", "properties": {"addressPrefix": "10.0.0.0\/24"}}]/')" >subnet.json
route() { # PREFIX HOP
	printf '{"addressPrefix": ["%s"], "nextHopType": "%s", "nextHopIpAddress": [], "source": "Default", "state": "Active"}' "$1" "$2"
}
system_routes="$(route 0.0.0.0/0 Internet), $(route 10.0.0.0/8 None), $(route 192.168.0.0/16 None), $(route 172.16.0.0/12 None), $(route 100.64.0.0/10 None)"
printf '{"value": [%s, %s]}' "$(route 10.0.0.0/24 VnetLocal)" "$system_routes" >same.routes
printf '{"value": [%s, %s, %s]}' "$(route 10.0.0.0/24 VnetLocal)" "$(route 10.9.0.0/16 VNetPeering)" "$system_routes" >other.routes
check "effective routes that are the model's" sh -c "'$pktpath' import --against same.routes subnet.json | grep -qx '0 routes and rules differ'"
against() {
	"$pktpath" import --against other.routes subnet.json >against.out
	[ $? = 1 ] && grep -q 'route 10.9.0.0/16 to VNetPeering: the model has none' against.out
}
check "a route that the model does not have" against
refused "an answer that is none" 'neither effective routes nor effective rules' --against good.json good.json

from_standard_input() {
	"$pktpath" import - <good.json >piped.yaml && "$pktpath" check piped.yaml
}
check "standard input" from_standard_input
finish
