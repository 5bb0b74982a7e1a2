/* What each reason means in general, what helps, and which keys of a scenario change it. The other files of this room say
 * more where they know more; a reason that they say nothing of is explained by this table alone, so it has no gaps. */
#include "cause/maker.h"
#include <string.h>

#define MAX_KEYS 6 /* and a NULL behind them */

static const struct {
	const char *what, *helps;
	const char *settings[MAX_KEYS]; /* NULL behind the last */
} reasons[] = {
	[REASON_NONE] = {"", "", {NULL}},
	[REASON_NSG_DENY] =
		{"A security group denies the packet and drops it silently: the sender gets no answer and no "
		 "error, retransmits and times out.",
		 "Allow it by a rule of that group with a lower priority number (`network.nsgs`).",
		 {"network.nsgs"}},
	[REASON_ROUTE_NONE] = {"The route that wins for this address has the next hop `none`, which drops.",
			       "Give the destination a route with another next hop (`network.route_tables`).",
			       {"network.route_tables"}},
	[REASON_NO_ROUTE] = {"No element on this way has the address.",
			     "Correct the address that is called (`flows.*.to`), add the machine (`network.hosts`), or "
			     "route to where it stands (`network.route_tables`).",
			     {"flows.*.to", "network.hosts", "network.route_tables"}},
	[REASON_SAME_SUBNET_AS_ASE] =
		{"Machines in an environment's own subnet are cut off from it, whatever the rules "
		 "say.",
		 "Put the machine into another subnet (`network.hosts.*.subnet`).",
		 {"network.hosts.*.subnet", "network.ases.*.subnet"}},
	[REASON_SNAT_PORTS_EXHAUSTED] =
		{"Every port that this sender may use at the NAT is taken; the packet is dropped "
		 "silently.",
		 "Give more ports (`port_range`, `ports_per_worker`), more addresses "
		 "(`address`), or end mappings earlier (`tcp_idle`).",
		 {"port_range", "ports_per_worker", "address", "reuse", "tcp_idle"}},
	[REASON_NO_MAPPING] = {"The NAT has no mapping for the packet, so nothing says which inside machine it is for.",
			       "Open the connection from inside, and send something before the mapping's timer expires "
			       "(`tcp_idle`, `udp_idle`).",
			       {"tcp_idle", "udp_idle", "icmp_idle"}},
	[REASON_FILTERED] = {"The NAT has a mapping on this port, and its filter does not admit this sender.",
			     "Let the inside send to that end point first, or filter less (`filtering`).",
			     {"filtering", "hairpin"}},
	[REASON_VIP_PORT_CLOSED] = {"The VIP has no load balancing rule for this port and gives no answer itself.",
				    "Call a port on which an app listens (`network.ases.*.apps.*.listen`), or open its "
				    "group of ports (`network.ases.*.ports`).",
				    {"network.ases.*.apps.*.listen", "network.ases.*.ports"}},
	[REASON_NO_LISTENER] = {"Nothing listens on this port; the sender gets a reset, or an ICMP error.",
				"Call a port on which the machine listens, or let it listen (`listen`).",
				{"network.hosts.*.listen", "flows.*.to"}},
	[REASON_HOST_DOWN] = {"The machine is not there: it was stopped, or an environment was scaled in.",
			      "Start it before (`timeline`), or keep more workers (`network.ases.*.workers`).",
			      {"timeline", "network.ases.*.workers"}},
	[REASON_LINK_DOWN] = {"The link is down and carries nothing.",
			      "Set it up again (`network.links`, or an event of `timeline`).",
			      {"network.links", "timeline"}},
	[REASON_LINK_LOSS] = {"The link lost the packet by chance, as often as its `loss` says.",
			      "Lower `loss` of the link (`network.links`, or an event of `timeline`).",
			      {"network.links", "timeline"}},
	[REASON_QUEUE_FULL] =
		{"More bytes are queued for the link than its queue holds: the link is too slow for what is "
		 "sent.",
		 "Give the link a higher `rate` or a longer `queue` (`network.links`), or send less at once.",
		 {"network.links", "flows.*.send"}},
	[REASON_TTL_EXPIRED] =
		{"The packet passed more routers than its TTL allows, most often because routes form a loop.",
		 "Look for routes that point at each other (`network.route_tables`).",
		 {"network.route_tables"}},
	[REASON_FRAGMENTATION_NEEDED] =
		{"The packet is too large for the next link and may not be fragmented; the router "
		 "sends back the size that fits.",
		 "Let the gateway lower the segments that connections agree on "
		 "(`network.sites.*.gateway.clamp_mss`), or send less at once (`flows.*.send`).",
		 {"network.sites.*.gateway.clamp_mss", "flows.*.send"}},
	[REASON_BAD_CHECKSUM] = {"The packet was damaged on its way: its checksum is wrong.",
				 "Correct the packet where the flow makes it (`flows.*.packets`).",
				 {"flows"}},
	[REASON_NOT_PEERED] =
		{"The address is in a virtual network that is not peered with the sender's; peering is not "
		 "transitive.",
		 "Peer the two networks (`network.vnets.*.peers`), or route through an appliance in a network "
		 "that both are peered with (`network.route_tables`).",
		 {"network.vnets.*.peers", "network.route_tables"}},
	[REASON_ICMP_NOT_TRANSLATED] = {"A NAT or a private endpoint on the way does not carry ICMP.",
					"Probe by TCP or UDP; a NAT translates ICMP with `icmp: translate`.",
					{"icmp"}},
	[REASON_FRAGMENT_NOT_TRANSLATED] = {"This NAT does not translate fragments of packets.",
					    "Set `fragments: translate`, or send datagrams that fit into one packet "
					    "(`flows.*.send`).",
					    {"fragments", "flows.*.send"}},
	[REASON_NOT_FORWARDING] =
		{"A route sent the packet to a machine that is not its destination and does not forward "
		 "packets of others.",
		 "Let the machine forward (`network.hosts.*.forwards`), or give the route another next hop "
		 "(`network.route_tables`).",
		 {"network.hosts.*.forwards", "network.route_tables"}},
	[REASON_FRAGMENT_OUT_OF_ORDER] = {"A virtual network drops fragments that are out of order, and this one was.",
					  "Send datagrams that fit into one packet (`flows.*.send`), or remove the "
					  "jitter of the links (`network.links`).",
					  {"flows.*.send", "network.links"}},
	[REASON_NO_OUTBOUND] =
		{"The machine has no way to the Internet: a standard load balancer has it in a pool, which takes "
		 "the lent address away, and no rule lets its calls out.",
		 "Give its subnet a NAT gateway (`network.vnets.*.subnets`), the machine a public "
		 "address (`network.hosts.*.public_ip`), or the load balancer an outbound rule "
		 "(`network.load_balancers`).",
		 {"network.vnets.*.subnets", "network.hosts.*.public_ip", "network.load_balancers"}},
	[REASON_LOAD_BALANCER_LOOP] =
		{"The load balancer chose the machine that calls; its answer would come from itself, so "
		 "none arrives.",
		 "Call the machine's own address, or put caller and server into different machines "
		 "(`network.load_balancers`).",
		 {"network.load_balancers", "flows.*.to"}},
	[REASON_NO_HEALTHY_BACKEND] =
		{"No machine behind the load balancer is healthy: none answers its probes, so a new call gets no "
		 "answer.",
		 "Let a machine of the pool answer the probe: start it (`timeline`), let it listen "
		 "(`network.hosts.*.listen`), and admit azure-load-balancer (`network.nsgs`).",
		 {"network.load_balancers", "network.hosts.*.listen", "network.nsgs", "timeline"}},
	[REASON_NO_STATE] =
		{"The appliance keeps the state of connections and has no state of this one: its first packet took "
		 "another way, or the state has expired.",
		 "Send both directions through the appliance (`network.route_tables`), or let it forward without state "
		 "(`network.hosts.*.stateful`).",
		 {"network.route_tables", "network.hosts.*.stateful"}},
	[REASON_FIREWALL_DENY] = {"No rule of the firewall allows the packet, or one denies it; the firewall drops it.",
				  "Allow it by a rule of the firewall (`network.firewalls`).",
				  {"network.firewalls"}},
};
_Static_assert(sizeof reasons / sizeof *reasons == REASON_COUNT, "words for each reason");

const char *cause_of_reason(enum reason reason)
{
	return reasons[reason].what;
}

const char *cause_help_of_reason(enum reason reason)
{
	return reasons[reason].helps;
}

const char *const *cause_settings_of_reason(enum reason reason)
{
	return reasons[reason].settings;
}

#define ANY_FLOW "flows.*."

/* With the name of the packet's flow in place of that of any. */
static void put_of_flow(struct maker *maker, const char *text)
{
	const struct flow_config *flow = maker_flow(maker);
	const char *at;
	for (; flow && (at = strstr(text, ANY_FLOW)); text = at + strlen(ANY_FLOW)) {
		buf_append(&maker->helps, text, (size_t)(at - text));
		buf_printf(&maker->helps, "flows.%s.", flow->name);
	}
	buf_puts(&maker->helps, text);
}

/* A key of a NAT stands below the keys of the NAT that decided. */
static void put_key(struct maker *maker, const char *key)
{
	bool is_path = false;
	const struct flow_config *flow = maker_flow(maker);
	const char *of_flow = flow ? text_behind(key, ANY_FLOW) : NULL;
	if (of_flow) {
		maker_setting(maker, "flows.%s.%s", flow->name, of_flow);
		return;
	}
	for (const char *c = key; *c; c++)
		is_path = is_path || *c == '.';
	const char *path = is_path ? key : nat_setting(maker, maker->at, key);
	if (path)
		maker_setting(maker, "%s", path);
}

static void in_general(struct maker *maker)
{
	enum reason reason = maker->step->verdict.reason;
	if (maker->what.size_bytes == 0)
		buf_puts(&maker->what, reasons[reason].what);
	if (maker->helps.size_bytes == 0) {
		const char *of_need = cause_help_of_need(maker);
		put_of_flow(maker, of_need ? of_need : reasons[reason].helps);
	}
	if (maker->cause->n_settings > 0)
		return;
	for (size_t i = 0; i < MAX_KEYS - 1 && reasons[reason].settings[i]; i++)
		if (!maker->need || !text_behind(reasons[reason].settings[i], "flows"))
			put_key(maker, reasons[reason].settings[i]);
}

void cause_of_loss(struct maker *maker)
{
	switch (maker->step->verdict.reason) {
	case REASON_NSG_DENY:
		tell_group(maker);
		break;
	case REASON_ROUTE_NONE:
		tell_route(maker);
		break;
	case REASON_NO_ROUTE:
		tell_address(maker);
		break;
	case REASON_NO_MAPPING:
		tell_no_mapping(maker);
		break;
	case REASON_FILTERED:
		tell_filter(maker);
		break;
	case REASON_VIP_PORT_CLOSED:
		tell_closed_port(maker);
		break;
	case REASON_NO_LISTENER:
		tell_listener(maker);
		break;
	case REASON_LINK_DOWN:
	case REASON_LINK_LOSS:
	case REASON_QUEUE_FULL:
		tell_link(maker);
		break;
	case REASON_TTL_EXPIRED:
		tell_circle(maker);
		break;
	case REASON_NOT_PEERED:
		tell_peering(maker);
		break;
	case REASON_ICMP_NOT_TRANSLATED:
		tell_untranslated(maker, "icmp", "ICMP");
		break;
	case REASON_FRAGMENT_NOT_TRANSLATED:
		tell_untranslated(maker, "fragments", "fragments of packets");
		break;
	case REASON_NOT_FORWARDING:
		tell_forwarding(maker);
		break;
	case REASON_SAME_SUBNET_AS_ASE:
		tell_own_subnet(maker);
		break;
	case REASON_HOST_DOWN:
		tell_stopped(maker);
		break;
	case REASON_FRAGMENTATION_NEEDED:
		tell_too_large(maker);
		break;
	case REASON_BAD_CHECKSUM:
		tell_damaged(maker);
		break;
	case REASON_FRAGMENT_OUT_OF_ORDER:
		tell_order(maker);
		break;
	case REASON_NO_OUTBOUND:
		tell_no_way_out(maker);
		break;
	case REASON_NO_STATE:
		tell_no_state(maker);
		break;
	case REASON_FIREWALL_DENY:
		tell_firewall(maker);
		break;
	case REASON_LOAD_BALANCER_LOOP:
		tell_own_call(maker);
		break;
	case REASON_NO_HEALTHY_BACKEND:
		tell_unhealthy(maker);
		break;
	case REASON_SNAT_PORTS_EXHAUSTED:
	case REASON_NONE:
	case REASON_COUNT:
		break;
	}
	in_general(maker);
}
