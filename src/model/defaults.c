/* DOC: the numbers. docs/model.md says what follows from them; sources are articles of Azure's documentation of the
 * time (December 2015), or RFCs. Defaults of keys are texts, so that the loader reads them as it reads a file, and the
 * schema and the manual print them as they are. */
#include "model/defaults.h"
#include <assert.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* One way. Half of measured round trips: 0.91 ms in a zone (subnet, vnet), 1.55 ms across a region
 * (simonpainter.com/azure-latency-1). Azure China publishes none between its regions; 30 ms there and back from China
 * North to China East is an estimate. Gateway and Internet are round numbers. */
static const char *const latencies[] = {
	[LINK_SUBNET] = "450us",  [LINK_VNET] = "450us",  [LINK_REGION] = "775us",
	[LINK_BACKBONE] = "15ms", [LINK_GATEWAY] = "5ms", [LINK_INTERNET] = "15ms",
};
static_assert(COUNT(latencies) == LINK_CLASS_COUNT, "a latency for each class");

/* azure: load-balancer-outbound-connections-classic (OC), which is the load balancer of App Service Environments of
 * 2015. linux: netfilter's defaults (nf_conntrack-sysctl.txt). home: what RFC 4787, 5382 and 5508 recommend or
 * bound. */
#define APD "address-and-port-dependent"
#define EI "endpoint-independent"
/* Columns: azure, linux, home, azure-nat-gateway, azure-firewall, aws-nat-gateway, gcp-cloud-nat, docker, cilium, pf, vpp, cgnat. */
static const struct nat_default nat_defaults[] = {
	{"mapping",
	 {APD, APD, EI, APD, APD, APD, APD, APD, APD, APD, APD, EI},
	 "OC; netfilter; RFC 4787 REQ-1; inferred for the others"},
	{"filtering",
	 {APD, APD, APD, APD, APD, APD, APD, APD, APD, APD, APD, APD},
	 "OC; netfilter; RFC 4787 REQ-8; inferred for the others"},
	{"allocation",
	 {"sequential", "preserve", "preserve", "random", "random", "random", "sequential", "preserve", "preserve",
	  "random", "random", "sequential"},
	 "unpublished, so the plainest; netfilter; RFC 4787 4.2.1; nat-gateway-snat; pf.conf(5); inferred for the "
	 "others"},
	{"port_range",
	 {"1024-65535", "1024-65535", "1024-65535", "1024-65535", "1024-6015", "1024-65535", "1024-65535", "1024-65535",
	  "32768-65535", "50001-65535", "1024-65535", "1024-65535"},
	 "load-balancer-outbound-connections; netfilter; RFC 4787 REQ-3; integrate-with-nat-gateway; Cilium, above the "
	 "node ports; pfvar.h"},
	{"ports_per_worker",
	 {"auto", "shared", "shared", "shared", "shared", "shared", "64", "shared", "shared", "shared", "shared",
	  "1008"},
	 "OC, preallocation; GCP RouterNat; RFC 7422 with a ratio of 64"},
	{"reuse",
	 {"per-destination", "per-destination", "never", "when-exhausted", "per-destination", "per-destination",
	  "per-destination", "per-destination", "per-destination", "per-destination", "per-destination", "never"},
	 "OC; netfilter; RFC 4787 REQ-3; nat-gateway-snat; inferred for the others"},
	{"port_hold.fin",
	 {"none", "none", "none", "65s", "none", "none", "30s", "none", "none", "none", "none", "none"},
	 "nat-gateway-resource, port reuse timers; RouterNat, tcpTimeWaitTimeoutSec"},
	{"port_hold.rst",
	 {"none", "none", "none", "16s", "none", "none", "30s", "none", "none", "none", "none", "none"},
	 "nat-gateway-resource, port reuse timers; RouterNat"},
	{"port_hold.udp",
	 {"none", "none", "none", "65s", "none", "none", "30s", "none", "none", "none", "none", "none"},
	 "nat-gateway-resource, port reuse timers; RouterNat"},
	{"port_hold.half_open",
	 {"none", "none", "none", "30s", "none", "none", "30s", "none", "none", "none", "none", "none"},
	 "nat-gateway-resource, port reuse timers; RouterNat, tcpTransitoryIdleTimeoutSec"},
	{"max_per_destination",
	 {"none", "none", "none", "50000", "none", "55000", "none", "none", "none", "none", "none", "none"},
	 "nat-gateway-resource; vpc-nat-gateway"},
	{"max_mappings",
	 {"none", "none", "none", "2000000", "none", "none", "none", "none", "none", "none", "none", "none"},
	 "nat-gateway-resource"},
	{"max_per_host",
	 {"none", "none", "none", "none", "none", "none", "none", "none", "none", "none", "none", "1000"},
	 "VPP det44, sessions of a user"},
	{"hairpin",
	 {"true", "false", "true", "false", "false", "false", "false", "true", "false", "false", "true", "true"},
	 "layered security (an environment calls itself); netfilter; RFC 4787 REQ-9; inferred for the others"},
	{"pooling",
	 {"paired", "by-destination", "paired", "random", "random", "paired", "paired", "by-destination", "paired",
	  "paired", "paired", "paired"},
	 "OC; netfilter; RFC 4787 REQ-2; nat-gateway-snat; firewall performance; inferred for the others"},
	{"icmp",
	 {"drop", "translate", "translate", "drop", "drop", "translate", "translate", "translate", "translate",
	  "translate", "translate", "translate"},
	 "OC; netfilter; RFC 5508; nat-sku; inferred for the others"},
	{"fragments",
	 {"drop", "translate", "translate", "drop", "drop", "udp", "drop", "translate", "translate", "translate",
	  "translate", "translate"},
	 "OC; netfilter; RFC 4787 REQ-14; vpc-nat-gateway; inferred for the others"},
	{"tcp_state",
	 {"off", "strict", "off", "off", "off", "off", "off", "strict", "off", "off", "off", "off"},
	 "netfilter; the others are not described so"},
	{"invalid",
	 {"drop", "untranslated", "drop", "drop", "drop", "drop", "drop", "untranslated", "drop", "drop", "drop",
	  "drop"},
	 "netfilter without a rule for it; the others drop"},
	{"unknown",
	 {"drop", "answer", "drop", "reset", "drop", "reset-inside", "drop", "answer", "drop", "drop", "drop", "drop"},
	 "OC; netfilter; RFC 5382 REQ-4; nat-gateway-resource; nat-gateway-troubleshooting; inferred for the others"},
	{"loose",
	 {"false", "true", "false", "false", "false", "false", "false", "true", "false", "false", "false", "false"},
	 "nf_conntrack_tcp_loose; the others need a SYN"},
	{"tcp_idle",
	 {"4m", "5d", "2h4m", "4m", "4m", "350s", "20m", "5d", "8000s", "24h", "7440s", "7440s"},
	 "OC; nf_conntrack_tcp_timeout_established; RFC 5382 REQ-5; nat-gateway-resource; tcp-session-behavior; "
	 "nat-gateway-troubleshooting; RouterNat; Cilium; pfvar.h; VPP"},
	{"tcp_transitory",
	 {"240s", "2m", "4m", "65s", "4m", "350s", "30s", "2m", "10s", "45s", "240s", "240s"},
	 "OC; nf_conntrack_tcp_timeout_time_wait; RFC 5382 REQ-5; nat-gateway-resource; RouterNat; Cilium; pfvar.h; "
	 "VPP; inferred for the others"},
	{"tcp_reset",
	 {"15s", "10s", "4m", "16s", "4m", "350s", "30s", "10s", "10s", "90s", "240s", "240s"},
	 "OC; nf_conntrack_tcp_timeout_close; RFC 5382 REQ-5; nat-gateway-resource; RouterNat; Cilium; pfvar.h; VPP; "
	 "inferred for the others"},
	{"tcp_syn_sent",
	 {"4m", "2m", "4m", "30s", "4m", "350s", "30s", "2m", "60s", "2m", "240s", "240s"},
	 "as tcp_idle; nf_conntrack_tcp_timeout_syn_sent; RFC 5382 REQ-5, transitory; nat-gateway-resource; RouterNat; "
	 "Cilium; pfvar.h, first; VPP; inferred for the others"},
	{"tcp_syn_recv",
	 {"1m", "1m", "1m", "1m", "1m", "1m", "30s", "1m", "60s", "30s", "240s", "240s"},
	 "nf_conntrack_tcp_timeout_syn_recv; pfvar.h, opening; used where `tcp_state` is not off"},
	{"tcp_fin_wait",
	 {"2m", "2m", "2m", "2m", "2m", "2m", "30s", "2m", "10s", "15m", "240s", "240s"},
	 "nf_conntrack_tcp_timeout_fin_wait; pfvar.h, closing; used where `tcp_state` is not off"},
	{"tcp_close_wait",
	 {"1m", "1m", "1m", "1m", "1m", "1m", "30s", "1m", "10s", "15m", "240s", "240s"},
	 "nf_conntrack_tcp_timeout_close_wait; pfvar.h, closing; used where `tcp_state` is not off"},
	{"tcp_last_ack",
	 {"30s", "30s", "30s", "30s", "30s", "30s", "30s", "30s", "10s", "45s", "240s", "240s"},
	 "nf_conntrack_tcp_timeout_last_ack; pfvar.h, fin_wait; used where `tcp_state` is not off"},
	{"tcp_time_wait",
	 {"2m", "2m", "2m", "2m", "2m", "2m", "30s", "2m", "10s", "90s", "240s", "240s"},
	 "nf_conntrack_tcp_timeout_time_wait; pfvar.h, closed; used where `tcp_state` is not off"},
	{"tcp_close",
	 {"10s", "10s", "10s", "10s", "10s", "10s", "30s", "10s", "10s", "90s", "240s", "240s"},
	 "nf_conntrack_tcp_timeout_close; pfvar.h, closed; used where `tcp_state` is not off"},
	{"tcp_unacknowledged",
	 {"5m", "5m", "5m", "5m", "5m", "5m", "5m", "5m", "5m", "5m", "5m", "5m"},
	 "nf_conntrack_tcp_timeout_unacknowledged and _max_retrans; used where `tcp_state` is not off"},
	{"tcp_max_retrans",
	 {"3", "3", "3", "3", "3", "3", "3", "3", "3", "3", "3", "3"},
	 "nf_conntrack_tcp_max_retrans; used where `tcp_state` is not off"},
	{"udp_idle",
	 {"4m", "30s", "5m", "4m", "4m", "350s", "30s", "30s", "60s", "30s", "300s", "300s"},
	 "OC; nf_conntrack_udp_timeout; RFC 4787 REQ-5; nat-gateway-resource; nat-gateway-troubleshooting; RouterNat; "
	 "Cilium; pfvar.h, single; VPP"},
	{"udp_stream",
	 {"4m", "2m", "5m", "4m", "4m", "350s", "30s", "2m", "60s", "60s", "300s", "300s"},
	 "as udp_idle; nf_conntrack_udp_timeout_stream; pfvar.h, multiple"},
	{"icmp_idle",
	 {"1m", "30s", "1m", "1m", "1m", "1m", "30s", "30s", "60s", "20s", "60s", "60s"},
	 "never used while `icmp` is drop; nf_conntrack_icmp_timeout; RFC 5508 REQ-2; RouterNat; Cilium; pfvar.h, "
	 "first; VPP; inferred for the others"},
	{"reset_on_idle",
	 {"false", "false", "false", "false", "true", "false", "false", "false", "false", "false", "false", "false"},
	 "load-balancer-tcp-reset: a later product's; tcp-session-behavior, north-south"},
};

/* Controlling inbound traffic to an App Service Environment. FTP and its passive data; remote debugging of Visual
 * Studio 2012, 2013, 2015, 2017; management. */
static const struct vip_ports v3_ports[] = {
	/* environment/networking */
	{VIP_PORTS_FTP, DEFAULT_FTP_PORT, DEFAULT_FTP_PORT},
	{VIP_PORTS_FTP, 990, 990},
	{VIP_PORTS_FTP, DEFAULT_PASSIVE_FIRST, DEFAULT_PASSIVE_LAST},
	{VIP_PORTS_DEBUG, 4022, 4022},
	{VIP_PORTS_DEBUG, 4024, 4024},
	{VIP_PORTS_DEBUG, 4026, 4026},
	{VIP_PORTS_WEB_DEPLOY, 8172, 8172},
};
static const struct vip_ports vip_ports[] = {
	{VIP_PORTS_FTP, DEFAULT_FTP_PORT, DEFAULT_FTP_PORT},
	{VIP_PORTS_FTP, DEFAULT_PASSIVE_FIRST, DEFAULT_PASSIVE_LAST},
	{VIP_PORTS_DEBUG, 4016, 4016},
	{VIP_PORTS_DEBUG, 4018, 4018},
	{VIP_PORTS_DEBUG, 4020, 4020},
	{VIP_PORTS_DEBUG, 4022, 4022},
	{VIP_PORTS_MANAGEMENT, DEFAULT_MANAGEMENT_FIRST, DEFAULT_MANAGEMENT_LAST},
};

/* app-service-app-service-environment-management-addresses, of Azure China: 42.159.4.236 and 42.159.80.125. */
static const uint32_t management_addresses[] = {UINT32_C(0x2a9f04ec), UINT32_C(0x2a9f507d)};

/* virtual-networks-faq: multicast, broadcast, loopback, link-local, and Azure's resolver. */
static const char *const forbidden[] = {"224.0.0.0/4", "255.255.255.255/32", "127.0.0.0/8", "169.254.0.0/16",
					"168.63.129.16/32"};

const char *default_latency(enum link_class class)
{
	return latencies[class];
}

const struct nat_default *default_nat(size_t *ret_n)
{
	*ret_n = COUNT(nat_defaults);
	return nat_defaults;
}

static const char *const profile_names[] = {
	[NAT_PROFILE_AZURE] = "azure",
	[NAT_PROFILE_LINUX] = "linux",
	[NAT_PROFILE_HOME] = "home",
	[NAT_PROFILE_AZURE_NAT_GATEWAY] = "azure-nat-gateway",
	[NAT_PROFILE_AZURE_FIREWALL] = "azure-firewall",
	[NAT_PROFILE_AWS_NAT_GATEWAY] = "aws-nat-gateway",
	[NAT_PROFILE_GCP_CLOUD_NAT] = "gcp-cloud-nat",
	[NAT_PROFILE_DOCKER] = "docker",
	[NAT_PROFILE_CILIUM] = "cilium",
	[NAT_PROFILE_PF] = "pf",
	[NAT_PROFILE_VPP] = "vpp",
	[NAT_PROFILE_CGNAT] = "cgnat",
};
_Static_assert(sizeof profile_names / sizeof *profile_names == NAT_PROFILE_COUNT, "a name for each profile");

const char *default_profile_name(enum nat_profile profile)
{
	return profile_names[profile];
}

bool default_is_netfilter(enum nat_profile profile)
{
	return profile == NAT_PROFILE_LINUX || profile == NAT_PROFILE_DOCKER;
}

bool default_forgets_refused(enum nat_profile profile)
{
	return default_is_netfilter(profile); /* nf_conntrack_proto_tcp.c: an only reply that is a reset */
}

bool default_closing_is_idle(enum nat_profile profile)
{
	return profile !=
	       /* nf_conntrack_proto_tcp.c; RFC 5382 REQ-5, RFC 7857 2.2; Azure names times after FIN and RST */
	       NAT_PROFILE_AZURE;
}

bool default_doubts_resets(enum nat_profile profile)
{
	return profile == NAT_PROFILE_HOME; /* RFC 7857 2, figure 1; netfilter's CLOSE ends with a SYN alone */
}

bool default_udp_by_address(enum nat_profile profile)
{
	return profile ==
	       /* load-balancer-outbound-connections: UDP takes one port for each destination address */
	       NAT_PROFILE_AZURE;
}

const struct vip_ports *default_vip_ports(bool is_v3, size_t *ret_n)
{
	if (is_v3) {
		*ret_n = COUNT(v3_ports);
		return v3_ports;
	}
	*ret_n = COUNT(vip_ports);
	return vip_ports;
}

const uint32_t *default_management_addresses(size_t *ret_n)
{
	*ret_n = COUNT(management_addresses);
	return management_addresses;
}

bool default_is_management_address(be32 addr)
{
	for (size_t i = 0; i < COUNT(management_addresses); i++)
		if (management_addresses[i] == be32_to(addr))
			return true;
	return false;
}

const char *const *default_forbidden_space(size_t *ret_n)
{
	*ret_n = COUNT(forbidden);
	return forbidden;
}

/* ---- NATs of clouds ---- */

bool default_is_cloud(enum nat_profile profile)
{
	return profile == NAT_PROFILE_AZURE || profile == NAT_PROFILE_AZURE_NAT_GATEWAY ||
	       profile == NAT_PROFILE_AZURE_FIREWALL || profile == NAT_PROFILE_AWS_NAT_GATEWAY ||
	       profile == NAT_PROFILE_GCP_CLOUD_NAT;
}

bool default_idle_each_way(enum nat_profile profile)
{
	return profile == NAT_PROFILE_AZURE_NAT_GATEWAY;
}

bool default_has_keys_of_its_own(enum nat_profile profile)
{
	return profile == NAT_PROFILE_AZURE_NAT_GATEWAY;
}
