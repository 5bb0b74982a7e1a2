/* DOC: the numbers. docs/model.md tells what follows from them; sources are articles of Azure's documentation of the
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
static const struct nat_default nat_defaults[] = {
	{"mapping", {APD, APD, "endpoint-independent"}, "OC, reuse of ports; netfilter; RFC 4787 REQ-1"},
	{"filtering", {APD, APD, APD}, "OC; netfilter; RFC 4787 REQ-8"},
	{"allocation",
	 {"sequential", "preserve", "preserve"},
	 "unpublished, so the plainest; netfilter; RFC 4787 4.2.1"},
	{"port_range",
	 {"1024-65535", "1024-65535", "1024-65535"},
	 "load-balancer-outbound-connections; netfilter; RFC 4787 REQ-3"},
	{"ports_per_worker", {"auto", "shared", "shared"}, "OC, preallocation"},
	{"reuse", {"per-destination", "per-destination", "never"}, "OC; netfilter; RFC 4787 REQ-3"},
	{"hairpin", {"true", "true", "true"}, "layered security (an environment calls itself); RFC 4787 REQ-9"},
	{"icmp", {"drop", "translate", "translate"}, "OC; netfilter; RFC 5508"},
	{"fragments", {"drop", "translate", "translate"}, "OC; netfilter; RFC 4787 REQ-14"},
	{"tcp_idle", {"4m", "5d", "2h4m"}, "OC; nf_conntrack_tcp_timeout_established; RFC 5382 REQ-5"},
	{"tcp_transitory", {"240s", "2m", "4m"}, "OC; nf_conntrack_tcp_timeout_time_wait; RFC 5382 REQ-5"},
	{"tcp_reset", {"15s", "10s", "4m"}, "OC; nf_conntrack_tcp_timeout_close; RFC 5382 REQ-5"},
	{"udp_idle", {"4m", "30s", "5m"}, "OC; nf_conntrack_udp_timeout; RFC 4787 REQ-5"},
	{"icmp_idle",
	 {"1m", "30s", "1m"},
	 "never used while `icmp` is drop; nf_conntrack_icmp_timeout; RFC 5508 REQ-2"},
	{"reset_on_idle", {"false", "false", "false"}, "load-balancer-tcp-reset: a later product's"},
};
static const char *const udp_streams[] = {"4m", "2m",
					  "5m"}; /* nf_conntrack_udp_timeout_stream; elsewhere as udp_idle */
static const char *const tcp_openings[] = {
	"4m", "2m", "4m"}; /* as tcp_idle; nf_conntrack_tcp_timeout_syn_sent; RFC 5382 REQ-5, transitory */
static_assert(COUNT(tcp_openings) == NAT_PROFILE_COUNT, "one for each profile");
static_assert(COUNT(udp_streams) == NAT_PROFILE_COUNT, "one for each profile");

/* Controlling inbound traffic to an App Service Environment. FTP and its passive data; remote debugging of Visual
 * Studio 2012, 2013, 2015, 2017; management. */
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

const char *default_udp_stream(enum nat_profile profile)
{
	return udp_streams[profile];
}

const char *default_tcp_opening(enum nat_profile profile)
{
	return tcp_openings[profile];
}

bool default_forgets_refused(enum nat_profile profile)
{
	return profile == NAT_PROFILE_LINUX; /* nf_conntrack_proto_tcp.c: an only reply that is a reset */
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

const struct vip_ports *default_vip_ports(size_t *ret_n)
{
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
