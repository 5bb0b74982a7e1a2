/* DOC: what may stand in a scenario; docs/language.md says it for people. Defaults stand here as text, with units, and
 * are read by the same code that reads files; those of Azure (latencies, a NAT's keys by profile) stand in
 * model/defaults.c. */
#include "scenario/keys.h"
#include <string.h>

#define S 1000000000LL
#define MAX_TIME (1825LL * 86400LL * S) /* five years: sums of a few of these are far from overflow */

static const struct key top[] = {
	{.name = "scenario",
	 .type = KEY_INT,
	 .required = true,
	 .min = 1,
	 .max = 1,
	 .help = "Version of the language, always 1."},
	{.name = "name", .type = KEY_NAME, .help = "Name; output goes to captures/NAME/. Default: the file's stem."},
	{.name = "about", .type = KEY_TEXT, .help = "Prose."},
	{.name = "include",
	 .type = KEY_FILES,
	 .help = "Files that belong to this one, relative to it: their maps are joined, a key twice is an error."},
	{.name = "vars",
	 .type = KEY_VARS,
	 .help = "Variables: {NAME: VALUE}. A whole value `${NAME}` is replaced; `--var NAME=VALUE` gives another; "
		 "without a value it must be given."},
	{.name = "seed",
	 .type = KEY_INT,
	 .fallback = "1",
	 .min = 0,
	 .max = INT64_MAX,
	 .help = "Seed of every random choice."},
	{.name = "start",
	 .type = KEY_WALL_TIME,
	 .fallback = "2015-12-17T00:00:00Z",
	 .help = "Wall time of virtual time 0, in traces."},
	{.name = "stop",
	 .type = KEY_DURATION,
	 .max = MAX_TIME,
	 .help = "Virtual time at which the run ends at the latest. Default: when nothing is left to happen."},
	{.name = "network", .type = KEY_SECTION, .of = SECTION_NETWORK, .help = "The network."},
	{.name = "flows", .type = KEY_NAMED, .of = SECTION_FLOW, .help = "The traffic, by name."},
	{.name = "timeline", .type = KEY_LIST, .of = SECTION_EVENT, .help = "What happens to the network meanwhile."},
	{.name = "taps", .type = KEY_TAPS, .of = SECTION_TAP, .help = "Further captures by name, or `none`."},
	{.name = "expect", .type = KEY_LIST, .of = SECTION_EXPECT, .help = "What must come out."},
};
static const struct key network[] = {
	{.name = "regions",
	 .type = KEY_NAMED,
	 .of = SECTION_REGION,
	 .help = "Azure regions, by name. Default: one, `region`."},
	{.name = "links",
	 .type = KEY_SECTION,
	 .of = SECTION_LINKS,
	 .help = "One-way properties of each class of link."},
	{.name = "vnets", .type = KEY_NAMED, .of = SECTION_VNET, .help = "Virtual networks, by name."},
	{.name = "nsgs", .type = KEY_NAMED, .of = SECTION_NSG, .help = "Network security groups, by name."},
	{.name = "route_tables",
	 .type = KEY_NAMED,
	 .of = SECTION_ROUTE_TABLE,
	 .help = "Tables of user-defined routes, by name."},
	{.name = "ases", .type = KEY_NAMED, .of = SECTION_ASE, .help = "App Service Environments, by name."},
	{.name = "hosts", .type = KEY_NAMED, .of = SECTION_HOST, .help = "Machines, by name."},
	{.name = "sites", .type = KEY_NAMED, .of = SECTION_SITE, .help = "Private networks outside Azure, by name."},
};
static const struct key links[] = {
	{.name = "subnet",
	 .type = KEY_SECTION,
	 .of = SECTION_LINK,
	 .help = "Between machines of one subnet; latency 450us."},
	{.name = "vnet", .type = KEY_SECTION, .of = SECTION_LINK, .help = "Between subnets of a VNet; latency 450us."},
	{.name = "region",
	 .type = KEY_SECTION,
	 .of = SECTION_LINK,
	 .help = "Across a region's network; latency 775us."},
	{.name = "backbone", .type = KEY_SECTION, .of = SECTION_LINK, .help = "Between regions; latency 15ms."},
	{.name = "gateway", .type = KEY_SECTION, .of = SECTION_LINK, .help = "Through a VNet's gateway; latency 5ms."},
	{.name = "internet", .type = KEY_SECTION, .of = SECTION_LINK, .help = "Across the Internet; latency 15ms."},
};
static const struct key link[] = {
	{.name = "latency", .type = KEY_DURATION, .max = 3600 * S, .help = "One way."},
	{.name = "jitter",
	 .type = KEY_DURATION,
	 .fallback = "0s",
	 .max = 3600 * S,
	 .help = "Added to the latency, uniform from 0 to this."},
	{.name = "loss", .type = KEY_FRACTION, .fallback = "0", .help = "Fraction of packets lost, 0 to 1."},
	{.name = "rate", .type = KEY_RATE, .help = "Of each line; no limit by default."},
	{.name = "queue",
	 .type = KEY_SIZE,
	 .min = 1,
	 .max = 1LL << 40,
	 .help = "Bytes that may wait for a line with a rate; no limit by default."},
	{.name = "state",
	 .type = KEY_ENUM,
	 .fallback = "up",
	 .values = "up|down",
	 .help = "Whether it carries anything."},
};
static const struct key vnet[] = {
	{.name = "region", .type = KEY_REF, .help = "Its region; may be left out where there is one."},
	{.name = "space", .type = KEY_PREFIXES, .required = true, .help = "Address space."},
	{.name = "peers",
	 .type = KEY_REFS,
	 .help = "VNets that it is peered with: one or a list. Both ways, whoever names it."},
	{.name = "subnets", .type = KEY_NAMED, .of = SECTION_SUBNET, .help = "Subnets, by name."},
};
static const struct key subnet[] = {
	{.name = "cidr",
	 .type = KEY_PREFIX,
	 .required = true,
	 .help = "Its range, inside the VNet's space; /29 or larger. Azure keeps the first four addresses and the "
		 "last."},
	{.name = "nsg", .type = KEY_REF, .help = "Its security group."},
	{.name = "routes", .type = KEY_REF, .help = "Its route table."},
};
static const struct key nsg[] = {
	{.name = "inbound", .type = KEY_LIST, .of = SECTION_RULE, .help = "Rules for what comes in."},
	{.name = "outbound", .type = KEY_LIST, .of = SECTION_RULE, .help = "Rules for what goes out."},
};
#define ACTIONS "allow|deny"
#define PROTOS "tcp|udp|icmp|any"
#define WHOM                                                                                                           \
	"A prefix, a tag (any, virtual-network, internet, azure-load-balancer, storage, sql, azure-management), or a " \
	"list."
#define PORTS "any, a number, \"FIRST-LAST\", or a list."
static const struct key rule[] = {
	{.name = "name", .type = KEY_NAME, .required = true, .help = "Unique in its group."},
	{.name = "priority",
	 .type = KEY_INT,
	 .required = true,
	 .min = 100,
	 .max = 4096,
	 .help = "Unique in its direction; the lowest number is asked first."},
	{.name = "action",
	 .type = KEY_ENUM,
	 .required = true,
	 .values = ACTIONS,
	 .help = "What becomes of a packet that matches."},
	{.name = "proto", .type = KEY_ENUM, .fallback = "any", .values = PROTOS, .help = "Protocol."},
	{.name = "src", .type = KEY_WHOM, .fallback = "any", .help = "Source: " WHOM},
	{.name = "src_ports", .type = KEY_PORTS, .fallback = "any", .help = "Source ports: " PORTS},
	{.name = "dst", .type = KEY_WHOM, .fallback = "any", .help = "Destination: " WHOM},
	{.name = "dst_ports", .type = KEY_PORTS, .fallback = "any", .help = "Destination ports: " PORTS},
};
static const struct key rule_set[] = {
	{.name = "priority", .type = KEY_INT, .min = 100, .max = 4096, .help = "New priority."},
	{.name = "action", .type = KEY_ENUM, .values = ACTIONS, .help = "New action."},
	{.name = "proto", .type = KEY_ENUM, .values = PROTOS, .help = "New protocol."},
	{.name = "src", .type = KEY_WHOM, .help = "New source: " WHOM},
	{.name = "src_ports", .type = KEY_PORTS, .help = "New source ports: " PORTS},
	{.name = "dst", .type = KEY_WHOM, .help = "New destination: " WHOM},
	{.name = "dst_ports", .type = KEY_PORTS, .help = "New destination ports: " PORTS},
};
static const struct key route_table[] = {
	{.name = "gateway_routes",
	 .type = KEY_BOOL,
	 .fallback = "true",
	 .help = "Whether routes that gateways learn (BGP) hold in subnets with this table."},
	{.name = "routes", .type = KEY_NAMED, .of = SECTION_ROUTE, .help = "User-defined routes, by name."},
};
#define NEXT_HOP "internet, vnet, gateway, none, or a host that forwards."
static const struct key route[] = {
	{.name = "prefix", .type = KEY_PREFIX, .required = true, .help = "Destinations."},
	{.name = "next_hop", .type = KEY_REF, .required = true, .help = NEXT_HOP},
};
static const struct key route_add[] = {
	{.name = "name", .type = KEY_NAME, .help = "Name of the route. Default: its prefix."},
	{.name = "prefix", .type = KEY_PREFIX, .required = true, .help = "Destinations."},
	{.name = "next_hop", .type = KEY_REF, .required = true, .help = NEXT_HOP},
};
static const struct key site[] = {
	{.name = "prefixes", .type = KEY_PREFIXES, .required = true, .help = "Its private address space."},
	{.name = "gateway", .type = KEY_SECTION, .of = SECTION_GATEWAY, .help = "Joins it to a VNet."},
	{.name = "nat",
	 .type = KEY_SECTION,
	 .of = SECTION_NAT,
	 .help = "Joins it to the Internet, behind `address`; profile `home` where none is given."},
};
static const struct key gateway[] = {
	{.name = "vnet", .type = KEY_REF, .required = true, .help = "The VNet that it joins the site to."},
	{.name = "kind",
	 .type = KEY_ENUM,
	 .required = true,
	 .values = "vpn|express-route",
	 .help = "vpn: packets have room for 1400 bytes."},
	{.name = "advertises",
	 .type = KEY_PREFIXES,
	 .help = "Prefixes that the VNet learns (BGP); 0.0.0.0/0 is forced tunnelling. Default: the site's own."},
	{.name = "clamp_mss",
	 .type = KEY_BOOL,
	 .fallback = "false",
	 .help = "Whether the gateway lowers the MSS that SYNs announce, to 1350 bytes; without it end points discover "
		 "the path's MTU."},
};
static const struct key ase[] = {
	{.name = "subnet", .type = KEY_SUBNET, .required = true, .help = "VNET/SUBNET in which it stands (L1)."},
	{.name = "vip", .type = KEY_ADDRESS, .required = true, .help = "Public virtual IP (L2, L8)."},
	{.name = "front_ends",
	 .type = KEY_INT,
	 .fallback = "2",
	 .min = 1,
	 .max = 1000,
	 .help = "Number of front ends."},
	{.name = "workers",
	 .type = KEY_INT,
	 .fallback = "2",
	 .min = 1,
	 .max = 1000,
	 .help = "Number of workers at the start."},
	{.name = "apps", .type = KEY_NAMED, .of = SECTION_APP, .help = "Apps, by name."},
	{.name = "snat", .type = KEY_SECTION, .of = SECTION_NAT, .help = "Source NAT of outbound calls."},
	{.name = "ports",
	 .type = KEY_WORDS,
	 .values = "ftp|debug|management",
	 .help = "VIP ports that are open besides the apps': a list of ftp, debug, management. Default: all."},
	{.name = "needs",
	 .type = KEY_WORDS,
	 .values = "storage|sql|management",
	 .help = "Services that it must reach: a list of storage, sql, management. Default: all that the scenario "
		 "has."},
};
static const struct key app[] = {
	{.name = "on", .type = KEY_WORKERS, .help = "Workers that run it: a list of worker-N. Default: all."},
	{.name = "listen", .type = KEY_LISTEN, .fallback = "[80/tcp, 443/tcp]", .help = "Ports: a list of PORT/PROTO."},
	{.name = "dns", .type = KEY_TEXT, .help = "Its DNS name. Default: APP.ASE.p.azurewebsites.cn."},
};
static const struct key nat[] = {
	{.name = "profile",
	 .type = KEY_ENUM,
	 .values = "azure|linux|home",
	 .help = "Fills in what is not given. Default: azure for an environment, home for a site, linux for an "
		 "appliance."},
	{.name = "address",
	 .type = KEY_ADDRESSES,
	 .help = "Public address. Default: the VIP, or an appliance's own address; a site's has none."},
	{.name = "mapping",
	 .type = KEY_ENUM,
	 .values = "endpoint-independent|address-dependent|address-and-port-dependent",
	 .help = "RFC 4787 4.1."},
	{.name = "filtering",
	 .type = KEY_ENUM,
	 .values = "endpoint-independent|address-dependent|address-and-port-dependent",
	 .help = "RFC 4787 5."},
	{.name = "allocation",
	 .type = KEY_ENUM,
	 .values = "sequential|preserve|random",
	 .help = "Which free port a mapping gets."},
	{.name = "port_range", .type = KEY_PORT_RANGE, .help = "\"FIRST-LAST\"."},
	{.name = "ports_per_worker",
	 .type = KEY_BLOCK,
	 .help = "Ports of each worker's own, of each machine's behind a site's NAT or an appliance: a number, `auto` "
		 "(Azure's table by pool size) or `shared`."},
	{.name = "reuse",
	 .type = KEY_ENUM,
	 .values = "per-destination|never",
	 .help = "Whether a port serves several destinations at once."},
	{.name = "hairpin", .type = KEY_BOOL, .help = "Whether calls to its own public address come back in."},
	{.name = "icmp", .type = KEY_ENUM, .values = "translate|drop", .help = "What becomes of ICMP."},
	{.name = "fragments", .type = KEY_ENUM, .values = "translate|drop", .help = "What becomes of IP fragments."},
	{.name = "tcp_idle", .type = KEY_DURATION, .min = 1, .max = MAX_TIME, .help = "TCP mapping without traffic."},
	{.name = "tcp_transitory",
	 .type = KEY_DURATION,
	 .min = 1,
	 .max = MAX_TIME,
	 .help = "After FIN from both sides."},
	{.name = "tcp_reset", .type = KEY_DURATION, .min = 1, .max = MAX_TIME, .help = "After RST."},
	{.name = "udp_idle", .type = KEY_DURATION, .min = 1, .max = MAX_TIME, .help = "UDP mapping without traffic."},
	{.name = "icmp_idle",
	 .type = KEY_DURATION,
	 .min = 1,
	 .max = MAX_TIME,
	 .help = "ICMP query mapping without traffic."},
	{.name = "reset_on_idle", .type = KEY_BOOL, .help = "Send a TCP reset both ways when a mapping expires."},
};
static const struct key host[] = {
	{.name = "subnet", .type = KEY_SUBNET, .help = "VNET/SUBNET: a VM."},
	{.name = "internet", .type = KEY_BOOL, .help = "true: a host on the Internet."},
	{.name = "region", .type = KEY_REF, .help = "Region of a platform service."},
	{.name = "service", .type = KEY_ENUM, .values = "sql|storage|management", .help = "An Azure platform service."},
	{.name = "ip", .type = KEY_ADDRESS, .help = "Its address; of a VM automatic where it is not given."},
	{.name = "listen", .type = KEY_LISTEN, .help = "Ports: a list of PORT/PROTO."},
	{.name = "dns", .type = KEY_TEXT, .help = "A DNS name."},
	{.name = "public_ip", .type = KEY_ADDRESS, .help = "A VM's own public address."},
	{.name = "site", .type = KEY_REF, .help = "A machine of this site; with `ip`."},
	{.name = "nsg", .type = KEY_REF, .help = "Security group on a VM's NIC."},
	{.name = "forwards",
	 .type = KEY_BOOL,
	 .fallback = "false",
	 .help = "true: a VM that is a network virtual appliance."},
	{.name = "nat",
	 .type = KEY_SECTION,
	 .of = SECTION_NAT,
	 .help = "The appliance translates what it forwards, to its own address; profile `linux` where none is given."},
};
static const struct key flow[] = {
	{.name = "from", .type = KEY_FROM, .help = "ASE/APP, ASE/worker-N or a host."},
	{.name = "to", .type = KEY_TO, .help = "HOST:PORT/PROTO, ASE/APP:PORT/PROTO, IP:PORT/PROTO or HOST/icmp."},
	{.name = "at",
	 .type = KEY_DURATION,
	 .fallback = "0s",
	 .max = MAX_TIME,
	 .help = "When the first connection starts."},
	{.name = "repeat", .type = KEY_SECTION, .of = SECTION_REPEAT, .help = "That many connections."},
	{.name = "send",
	 .type = KEY_SIZE,
	 .fallback = "200B",
	 .min = 1,
	 .max = 1073741824,
	 .help = "Payload of a request."},
	{.name = "reply", .type = KEY_SIZE, .fallback = "1000B", .max = 1073741824, .help = "Payload of a reply."},
	{.name = "rounds",
	 .type = KEY_INT,
	 .fallback = "1",
	 .min = 1,
	 .max = 1000000,
	 .help = "Requests and replies in a connection."},
	{.name = "pause", .type = KEY_DURATION, .fallback = "0s", .max = MAX_TIME, .help = "Between two rounds."},
	{.name = "then",
	 .type = KEY_ENUM,
	 .fallback = "close",
	 .values = "close|hold|reset",
	 .help = "FIN, left open, or RST."},
	{.name = "dns", .type = KEY_BOOL, .fallback = "false", .help = "A DNS query and answer precede the call."},
	{.name = "late",
	 .type = KEY_SECTION,
	 .of = SECTION_LATE,
	 .help = "Pushes data on a connection that another flow holds open."},
};
static const struct key repeat[] = {
	{.name = "count",
	 .type = KEY_INT,
	 .required = true,
	 .min = 1,
	 .max = 10000000,
	 .help = "Number of connections."},
	{.name = "every",
	 .type = KEY_DURATION,
	 .required = true,
	 .max = MAX_TIME,
	 .help = "Between two starts; where `arrivals` are not constant, on average."},
	{.name = "arrivals",
	 .type = KEY_ENUM,
	 .fallback = "constant",
	 .values = "constant|poisson|burst",
	 .help = "How the starts are spread: `constant` evenly, `poisson` with exponential gaps, `burst` those of each "
		 "second together at its beginning."},
	{.name = "hold",
	 .type = KEY_HOLD,
	 .max = MAX_TIME,
	 .help = "How long each connection stays open after its last answer, before `then`: a duration, or "
		 "exponential(MEAN). TCP alone. Default: not at all."},
};
static const struct key late[] = {
	{.name = "on", .type = KEY_FLOWS, .required = true, .help = "FLOW or FLOW[I], which is held open."},
	{.name = "by", .type = KEY_FROM, .required = true, .help = "The end that pushes."},
	{.name = "at", .type = KEY_DURATION, .required = true, .max = MAX_TIME, .help = "When."},
	{.name = "send", .type = KEY_SIZE, .fallback = "64B", .min = 1, .max = 1073741824, .help = "How much."},
};
static const struct key event[] = {
	{.name = "at", .type = KEY_DURATION, .required = true, .max = MAX_TIME, .help = "When."},
	{.name = "scale", .type = KEY_REF, .help = "An environment, with `workers`."},
	{.name = "workers", .type = KEY_INT, .min = 1, .max = 1000, .help = "New number of workers."},
	{.name = "move", .type = KEY_FROM, .help = "ASE/APP, with `to`."},
	{.name = "to",
	 .type = KEY_BY_FORM,
	 .help = "Of `move`: workers that run the app from now on, worker-N or a list. Of `vip`: the new address."},
	{.name = "nsg", .type = KEY_REF, .help = "A security group, with `rule` and `set` or `remove`, or with `add`."},
	{.name = "rule", .type = KEY_NAME, .help = "A rule of the group."},
	{.name = "set", .type = KEY_SECTION, .of = SECTION_RULE_SET, .help = "Keys of the rule and their new values."},
	{.name = "add", .type = KEY_BY_FORM, .help = "Of `nsg`: a rule. Of `route`: {name, prefix, next_hop}."},
	{.name = "direction",
	 .type = KEY_ENUM,
	 .fallback = "inbound",
	 .values = "inbound|outbound",
	 .help = "Of the rule that `add` adds."},
	{.name = "remove",
	 .type = KEY_BY_FORM,
	 .help = "Of `nsg`: true takes `rule` away. Of `route`: the name of the route, or a list."},
	{.name = "route", .type = KEY_REF, .help = "A route table, with `add` or `remove`."},
	{.name = "vip", .type = KEY_REF, .help = "An environment whose VIP changes, with `to`."},
	{.name = "link",
	 .type = KEY_TEXT,
	 .help = "A class of link, or A--B, two neighbouring points; with `state`, `latency` or `loss`."},
	{.name = "state", .type = KEY_ENUM, .values = "up|down", .help = "Of the link."},
	{.name = "latency", .type = KEY_DURATION, .max = 3600 * S, .help = "Of the link."},
	{.name = "loss", .type = KEY_FRACTION, .help = "Of the link."},
	{.name = "stop", .type = KEY_POINT, .help = "ASE/worker-N, ASE/front-end-N or a host stops."},
	{.name = "start", .type = KEY_POINT, .help = "It runs again."},
};
static const struct key tap[] = {
	{.name = "at", .type = KEY_POINT, .required = true, .help = "realms, all, drops or a point."},
	{.name = "flows", .type = KEY_REFS, .help = "A flow or a list. Default: all."},
	{.name = "file", .type = KEY_TEXT, .help = "File name; .pcap is classic, else pcapng. Default: NAME.pcapng."},
	{.name = "snaplen",
	 .type = KEY_SIZE,
	 .fallback = "262144B",
	 .min = 60,
	 .max = 262144,
	 .help = "Bytes kept of each packet."},
	{.name = "filter", .type = KEY_TEXT, .help = "pcap-filter expression."},
	{.name = "notes", .type = KEY_BOOL, .fallback = "true", .help = "What happened to each packet, as comments."},
	{.name = "names", .type = KEY_BOOL, .fallback = "true", .help = "Names of hosts."},
};
static const struct key expect[] = {
	{.name = "id", .type = KEY_TEXT, .help = "Names the item in reports."},
	{.name = "flow", .type = KEY_FLOWS, .help = "NAME, NAME[3], NAME[0..9] or a list."},
	{.name = "outcome",
	 .type = KEY_ENUM,
	 .values = "delivered|refused|reset|timed_out|bad_gateway",
	 .help = "As the caller sees it."},
	{.name = "seen_at", .type = KEY_POINT, .help = "A point that the opening packet passes."},
	{.name = "pass",
	 .beside = "seen_at",
	 .type = KEY_PASS,
	 .help = "Which of its passes there: N or last. Default: 1."},
	{.name = "src", .beside = "seen_at", .type = KEY_ADDRESS, .help = "Its source there."},
	{.name = "src_in", .beside = "seen_at", .type = KEY_PREFIXES, .help = "Its source lies in one of these."},
	{.name = "src_not_in", .beside = "seen_at", .type = KEY_PREFIXES, .help = "Its source lies in none of these."},
	{.name = "src_port",
	 .beside = "seen_at",
	 .type = KEY_COUNT,
	 .min = 1,
	 .max = 65535,
	 .help = "Its source port there: N or {min, max}."},
	{.name = "dst", .beside = "seen_at", .type = KEY_ADDRESS, .help = "Its destination there."},
	{.name = "dst_in", .beside = "seen_at", .type = KEY_PREFIXES, .help = "Its destination lies in one of these."},
	{.name = "hops", .type = KEY_POINTS, .help = "Points in this order, others may lie between."},
	{.name = "crosses", .type = KEY_POINTS, .help = "Points that it passes."},
	{.name = "never_crosses", .type = KEY_POINTS, .help = "Points that no packet of it passes."},
	{.name = "reason", .type = KEY_REASON, .help = "Why the first packet was lost or refused."},
	{.name = "by", .type = KEY_TEXT, .help = "Who decided that."},
	{.name = "rule", .type = KEY_TEXT, .help = "By which rule."},
	{.name = "connections",
	 .type = KEY_SECTION,
	 .of = SECTION_CONNECTIONS,
	 .help = "How many connections ended how."},
	{.name = "tap", .type = KEY_POINT, .help = "A point at which packets are counted."},
	{.name = "filter", .type = KEY_TEXT, .help = "pcap-filter expression."},
	{.name = "packets", .type = KEY_COUNT, .help = "How many: N or {min, max}."},
	{.name = "nat", .type = KEY_REF, .help = "An environment, a site, or an appliance."},
	{.name = "metric",
	 .type = KEY_ENUM,
	 .values = "ports_in_use|mappings|expired|exhausted",
	 .help = "Of its NAT."},
	{.name = "worker", .type = KEY_WORKER, .help = "Of one instance: N or worker-N."},
	{.name = "value", .type = KEY_COUNT, .help = "N or {min, max}."},
	{.name = "min", .type = KEY_INT, .max = INT64_MAX, .help = "At least."},
	{.name = "max", .type = KEY_INT, .max = INT64_MAX, .help = "At most."},
	{.name = "at", .type = KEY_DURATION, .max = MAX_TIME, .help = "When; else over the run."},
	{.name = "resolve", .type = KEY_TEXT, .help = "A DNS name."},
	{.name = "to", .type = KEY_ADDRESS, .help = "What it resolves to."},
	{.name = "ase", .type = KEY_REF, .help = "An environment."},
	{.name = "health", .type = KEY_ENUM, .values = "ok|degraded", .help = "Its health at the end."},
	{.name = "because",
	 .type = KEY_WORDS,
	 .values = "storage|sql|management",
	 .help = "What cannot be reached: a list of storage, sql, management."},
};
static const struct key count_range[] = {
	{.name = "min", .type = KEY_INT, .max = INT64_MAX, .help = "At least."},
	{.name = "max", .type = KEY_INT, .max = INT64_MAX, .help = "At most."},
};
static const struct key connections[] = {
	{.name = "delivered", .type = KEY_COUNT, .max = UINT32_MAX, .help = "How many: N or {min, max}."},
	{.name = "refused", .type = KEY_COUNT, .max = UINT32_MAX, .help = "How many: N or {min, max}."},
	{.name = "reset", .type = KEY_COUNT, .max = UINT32_MAX, .help = "How many: N or {min, max}."},
	{.name = "timed_out", .type = KEY_COUNT, .max = UINT32_MAX, .help = "How many: N or {min, max}."},
	{.name = "bad_gateway", .type = KEY_COUNT, .max = UINT32_MAX, .help = "How many: N or {min, max}."},
};

#define TABLE(words, array)                                                                                            \
	{                                                                                                              \
		words, array, sizeof(array) / sizeof *(array)                                                          \
	}
static const struct {
	const char *name;
	const struct key *keys;
	size_t n;
} sections[] = {
	[SECTION_TOP] = TABLE("a scenario", top),
	[SECTION_NETWORK] = TABLE("`network`", network),
	[SECTION_REGION] = {"a region", NULL, 0},
	[SECTION_LINKS] = TABLE("`links`", links),
	[SECTION_LINK] = TABLE("a class of link", link),
	[SECTION_VNET] = TABLE("a VNet", vnet),
	[SECTION_SUBNET] = TABLE("a subnet", subnet),
	[SECTION_NSG] = TABLE("a security group", nsg),
	[SECTION_RULE] = TABLE("a rule", rule),
	[SECTION_RULE_SET] = TABLE("`set`", rule_set),
	[SECTION_ROUTE_TABLE] = TABLE("a route table", route_table),
	[SECTION_ROUTE] = TABLE("a route", route),
	[SECTION_ROUTE_ADD] = TABLE("a route", route_add),
	[SECTION_SITE] = TABLE("a site", site),
	[SECTION_GATEWAY] = TABLE("a gateway", gateway),
	[SECTION_ASE] = TABLE("an environment", ase),
	[SECTION_APP] = TABLE("an app", app),
	[SECTION_NAT] = TABLE("a NAT", nat),
	[SECTION_HOST] = TABLE("a host", host),
	[SECTION_FLOW] = TABLE("a flow", flow),
	[SECTION_REPEAT] = TABLE("`repeat`", repeat),
	[SECTION_LATE] = TABLE("`late`", late),
	[SECTION_EVENT] = TABLE("an event of the timeline", event),
	[SECTION_TAP] = TABLE("a tap", tap),
	[SECTION_EXPECT] = TABLE("an expectation", expect),
	[SECTION_COUNT_RANGE] = TABLE("a range", count_range),
	[SECTION_CONNECTIONS] = TABLE("`connections`", connections),
};
_Static_assert(sizeof sections / sizeof *sections == SECTION_COUNT, "keys for each section");

const char *section_name(enum section section)
{
	return sections[section].name;
}

const struct key *keys_of(enum section section, size_t *ret_n)
{
	*ret_n = sections[section].n;
	return sections[section].keys;
}

const struct key *key_find(enum section section, const char *name)
{
	for (size_t i = 0; i < sections[section].n; i++)
		if (strcmp(sections[section].keys[i].name, name) == 0)
			return &sections[section].keys[i];
	return NULL;
}
