#!/bin/sh
# Effective routes and rules, as Azure prints them, held against an imported network.
# Usage: against.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
. tests/shell.sh
pktpath=$2
needs jq
cd "$scratch" || exit 1

id=/subscriptions/1/resourceGroups/shop/providers/Microsoft.Network
cat >network.json <<LIVE
[
  {"id": "$id/virtualNetworks/hub", "name": "hub", "type": "Microsoft.Network/virtualNetworks", "addressSpace": {"addressPrefixes": ["10.0.0.0/24"]},
   "subnets": [{"id": "$id/virtualNetworks/hub/subnets/web", "name": "web", "addressPrefix": "10.0.0.0/26",
                "networkSecurityGroup": {"id": "$id/networkSecurityGroups/web-nsg"}, "routeTable": {"id": "$id/routeTables/out"}}],
   "virtualNetworkPeerings": [{"name": "to-data", "peeringState": "Connected", "allowVirtualNetworkAccess": true, "allowForwardedTraffic": true,
                               "remoteVirtualNetwork": {"id": "$id/virtualNetworks/data"}}]},
  {"id": "$id/virtualNetworks/data", "name": "data", "type": "Microsoft.Network/virtualNetworks", "addressSpace": {"addressPrefixes": ["10.1.0.0/24"]},
   "subnets": [{"id": "$id/virtualNetworks/data/subnets/sql", "name": "sql", "addressPrefix": "10.1.0.0/25"}],
   "virtualNetworkPeerings": [{"name": "to-hub", "peeringState": "Connected", "allowVirtualNetworkAccess": true, "allowForwardedTraffic": true,
                               "remoteVirtualNetwork": {"id": "$id/virtualNetworks/hub"}}]},
  {"id": "$id/networkSecurityGroups/web-nsg", "name": "web-nsg", "type": "Microsoft.Network/networkSecurityGroups", "securityRules": [
    {"name": "https", "priority": 100, "direction": "Inbound", "access": "Allow", "protocol": "Tcp", "sourceAddressPrefix": "Internet", "sourcePortRange": "*",
     "destinationAddressPrefix": "10.0.0.0/26", "destinationPortRanges": ["443", "8080-8090"]},
    {"name": "office", "priority": 200, "direction": "Inbound", "access": "Allow", "protocol": "*", "sourceAddressPrefixes": ["198.51.100.0/25", "198.51.100.128/25"],
     "sourcePortRange": "*", "destinationAddressPrefix": "*", "destinationPortRange": "22"}]},
  {"id": "$id/routeTables/out", "name": "out", "type": "Microsoft.Network/routeTables", "routes": [
    {"name": "lab", "addressPrefix": "192.0.2.0/24", "nextHopType": "None"}]}
]
LIVE
rule() { # NAME PRIORITY DIRECTION ACCESS PROTOCOL SOURCE EXPANDED DESTINATION EXPANDED PORTS
	printf '{"name": "%s", "priority": %s, "direction": "%s", "access": "%s", "protocol": "%s", "sourceAddressPrefixes": ["%s"], "expandedSourceAddressPrefix": %s,
	"sourcePortRanges": ["0-65535"], "destinationAddressPrefixes": ["%s"], "expandedDestinationAddressPrefix": %s, "destinationPortRanges": %s}' "$@"
}
network='["10.0.0.0/25", "10.0.0.128/25", "10.1.0.0/24", "192.0.2.0/24", "168.63.129.16/32"]'
answer() { # the rules, on standard output: RULE...
	printf '{"value": [{"association": {"subnet": {"id": "%s/virtualNetworks/hub/subnets/web"}}, "networkSecurityGroup": {"id": "%s/networkSecurityGroups/web-nsg"},\n"effectiveSecurityRules": [' \
		"$id" "$id"
	first=1
	for one; do
		[ "$first" = 1 ] || echo ,
		first=0
		echo "$one"
	done
	echo ']}]}'
}
https=$(rule securityRules/https 100 Inbound Allow Tcp Internet null 10.0.0.0/26 null '["443-443", "8080-8085", "8086-8090"]')
office=$(rule securityRules/office 200 Inbound Allow All 198.51.100.0/24 null 0.0.0.0/0 null '["22-22"]')
inside=$(rule defaultSecurityRules/AllowVnetInBound 65000 Inbound Allow All VirtualNetwork "$network" VirtualNetwork "$network" '["0-65535"]')
probes=$(rule defaultSecurityRules/AllowAzureLoadBalancerInBound 65001 Inbound Allow All AzureLoadBalancer null 0.0.0.0/0 null '["0-65535"]')
rest=$(rule defaultSecurityRules/DenyAllInBound 65500 Inbound Deny All 0.0.0.0/0 null 0.0.0.0/0 null '["0-65535"]')
against() { # ANSWER: what differs, its number apart
	"$pktpath" import --against "$1" network.json >against.out 2>against.err
	status=$?
	grep -v ' differ$' against.out >differences
}
same() {
	against same.json
	[ "$status" = 0 ] && [ ! -s differences ]
}
answer "$https" "$office" "$inside" "$probes" "$rest" >same.json
check "rules that are the model's, cut otherwise" same

# differs WHAT PATTERN RULE...: this and nothing else differs.
differs() {
	what=$1
	pattern=$2
	shift 2
	answer "$@" >other.json
	against other.json
	if [ "$status" = 1 ] && [ "$(wc -l <differences)" = 1 ] && grep -qE "$pattern" differences; then
		ok "$what"
	else
		not_ok "$what: status $status"
		sed 's/^/    /' differences against.err
	fi
}
differs "a port more" 'rule https \(Inbound 100\): destination port 8443 is in the answer, not in the model' \
	"$(rule securityRules/https 100 Inbound Allow Tcp Internet null 10.0.0.0/26 null '["443-443", "8080-8090", "8443-8443"]')" "$office" "$inside" "$probes" "$rest"
differs "a port less" 'destination port 8080 is in the model, not in the answer' \
	"$(rule securityRules/https 100 Inbound Allow Tcp Internet null 10.0.0.0/26 null '["443-443"]')" "$office" "$inside" "$probes" "$rest"
differs "a prefix that is smaller" 'rule office \(Inbound 200\): source 198.51.100.128 is in the model, not in the answer' \
	"$https" "$(rule securityRules/office 200 Inbound Allow All 198.51.100.0/25 null 0.0.0.0/0 null '["22-22"]')" "$inside" "$probes" "$rest"
differs "a peer that the inputs do not have" 'source, tag VirtualNetwork: 10.2.0.0 is in the answer, not in the model' \
	"$https" "$office" "$(rule defaultSecurityRules/AllowVnetInBound 65000 Inbound Allow All VirtualNetwork "$(echo "$network" | sed 's/\[/["10.2.0.0\/16", /')" VirtualNetwork "$network" '["0-65535"]')" "$probes" "$rest"
differs "a tag that is another" 'source AzureCloud is in the answer, not in the model' \
	"$https" "$office" "$inside" "$(rule defaultSecurityRules/AllowAzureLoadBalancerInBound 65001 Inbound Allow All AzureLoadBalancer null 0.0.0.0/0 null '["0-65535"]' | sed 's/\["AzureLoadBalancer"\]/["AzureLoadBalancer", "AzureCloud"]/')" "$rest"
differs "the other verdict" 'rule https \(Inbound 100\): the model has https, which allows TCP' \
	"$(rule securityRules/https 100 Inbound Deny Tcp Internet null 10.0.0.0/26 null '["443-443", "8080-8090"]')" "$office" "$inside" "$probes" "$rest"
differs "a rule that the inputs do not have" 'rule more \(Inbound 300\): the model has none' \
	"$https" "$office" "$(rule securityRules/more 300 Inbound Allow Tcp Internet null 0.0.0.0/0 null '["80-80"]')" "$inside" "$probes" "$rest"
differs "a rule that the answer does not have" 'group web-nsg: rule office \(Inbound 200\): the answer has none' "$https" "$inside" "$probes" "$rest"

# Routes, as `az network nic show-effective-route-table` prints them.
route() { # PREFIXES HOP [STATE]
	printf '{"addressPrefix": %s, "nextHopType": "%s", "nextHopIpAddress": [], "source": "Default", "state": "%s"}' "$1" "$2" "${3:-Active}"
}
system=$(route '["0.0.0.0/0"]' Internet),$(route '["10.0.0.0/8"]' None),$(route '["192.168.0.0/16"]' None),$(route '["172.16.0.0/12"]' None),$(route '["100.64.0.0/10"]' None)
web=$(route '["10.0.0.0/24"]' VnetLocal),$(route '["10.1.0.0/24"]' VNetPeering),$(route '["192.0.2.0/24"]' None)
printf '{"value": [%s, %s, %s]}' "$web" "$system" "$(route '["20.0.0.0/16", "20.1.0.0/16"]' VirtualNetworkServiceEndpoint)" >same.routes
routes_same() {
	against same.routes
	[ "$status" = 0 ] && [ ! -s differences ]
}
check "routes that are the model's; service endpoints are not compared" routes_same
printf '{"value": [%s, %s, %s]}' "$web" "$system" "$(route '["10.7.0.0/16"]' VirtualNetworkGateway)" >more.routes
more_routes() {
	against more.routes
	[ "$status" = 1 ] && grep -qx 'more.routes:1: subnet hub/web: route 10.7.0.0/16 to VirtualNetworkGateway: the model has none' differences
}
check "a route of a gateway that the inputs do not have, with its line and the subnet" more_routes
printf '{"value": [%s, %s]}' "$(echo "$web" | sed 's/VNetPeering/VnetLocal/')" "$system" >hop.routes
other_hop() {
	against hop.routes
	[ "$status" = 1 ] && grep -q 'route 10.1.0.0/24 to VnetLocal: the model goes to VNetPeering' differences
}
check "a next hop that is another" other_hop
finish
