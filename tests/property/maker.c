/* Scenarios made by chance.
 *
 * DOC: the maker writes what a user could write: one to three environments in one or two virtual networks, machines,
 * Internet hosts and services, sites behind gateways and NATs, security groups, routes, an appliance, flows of all
 * kinds between them, and a timeline that disturbs them. Every choice is a counted draw from the seed. It prefers what
 * is tight: few ports a worker, short pauses against the NAT's timers, links that lose, so that mappings expire, run
 * out and are made again. Every map entry is one line, which makes it easy to write the same scenario in another
 * order. */
#include "maker_internal.h"

#include <string.h>

static void shuffle(const struct maker *m, struct entries *e)
{
	if (m->wish->order == 0)
		return;
	for (uint32_t i = e->n; i > 1; i--) {
		uint32_t j = random_below(random_join(m->wish->order, i), i);
		const char *line = e->line[i - 1];
		e->line[i - 1] = e->line[j];
		e->line[j] = line;
	}
}

static void write_map(const struct maker *m, struct buf *out, const char *indent, const char *key, struct entries *e)
{
	if (e->n == 0)
		return;
	shuffle(m, e);
	buf_printf(out, "%s%s:\n", indent, key);
	for (uint32_t i = 0; i < e->n; i++)
		buf_printf(out, "%s  %s\n", indent, e->line[i]);
}

/* ---- network ---- */
static void make_links(struct maker *m, struct entries *links)
{
	if (chance(m, 50))
		add(m, links,
		    TEXT(m, "internet: {latency: %ums, loss: 0.%02u%s}", 1 + draw(m, 40), draw(m, 12),
			 chance(m, 50) ? ", jitter: 3ms" : ""));
	if (chance(m, 30))
		add(m, links,
		    TEXT(m, "region: {latency: %uus, rate: %uMbit/s, queue: %ukB}", 100 + draw(m, 900), 1 + draw(m, 10),
			 4 + draw(m, 40)));
	if (chance(m, 20))
		add(m, links, TEXT(m, "subnet: {loss: 0.0%u}", 1 + draw(m, 5)));
}

/* What the networks say of their peering: nothing, a list, which stands for both sides, or a map each. */
static void make_peers(struct maker *m, const char *ret[2])
{
	ret[0] = ret[1] = "";
	if (m->n_vnets < 2 || chance(m, 40))
		return;
	if (chance(m, 40)) {
		ret[1] = "peers: [vnet-0], ";
		return;
	}
	bool transit = m->has_hq && chance(m, 50);
	ret[0] = TEXT(m, "peers: {vnet-1: {access: %s, forwarded: %s, gateway_transit: %s}}, ",
		      PICK(m, "true", "true", "false"), PICK(m, "true", "false"), transit ? "true" : "false");
	ret[1] = TEXT(m, "peers: {vnet-0: {access: %s, forwarded: %s, use_remote_gateway: %s}}, ",
		      PICK(m, "true", "true", "false"), PICK(m, "true", "false"), transit ? "true" : "false");
}

static void make_vnets(struct maker *m, struct entries *vnets)
{
	const char *peers[2];
	make_peers(m, peers);
	for (uint32_t v = 0; v < m->n_vnets; v++)
		add(m, vnets,
		    TEXT(m,
			 "vnet-%u: {region: region-%u, space: [10.%u.0.0/16], %ssubnets: {ase-0: {cidr: "
			 "10.%u.0.0/26%s}, "
			 "ase-1: {cidr: 10.%u.0.64/26}, ase-2: {cidr: 10.%u.0.128/26}, data: {cidr: "
			 "10.%u.200.0/24%s%s%s%s%s}, dmz: {cidr: 10.%u.201.0/24%s}%s}}",
			 v, draw(m, m->n_regions), v, peers[v], v, m->guarded && chance(m, 30) ? ", nsg: guard" : "", v,
			 v, v, m->guarded && chance(m, 60) ? ", nsg: guard" : "",
			 m->routed && v == 0 ? ", routes: table" : "", chance(m, 20) ? ", private: true" : "",
			 chance(m, 30) ? ", service_endpoints: [sql]" : "", v == 0 ? maker_azure_data(m) : "", v,
			 chance(m, 10) ? ", private: true" : "", v == 0 ? maker_azure_subnets(m) : ""));
}

/* ---- groups, routes, sites ---- */
static void make_nsgs(struct maker *m, struct entries *nsgs)
{
	struct buf rules = {0};
	uint32_t n = 1 + draw(m, 4);

	if (m->has_balancer)
		add(m, nsgs,
		    TEXT(m,
			 "open: {inbound: [{name: web, priority: 100, action: allow, proto: %s, src: %s, dst: any}], "
			 "outbound: []}",
			 PICK(m, "tcp", "any"), PICK(m, "internet", "any")));
	if (!m->guarded)
		return;
	for (uint32_t i = 0; i < n; i++)
		buf_printf(&rules,
			   "%s{name: rule-%u, priority: %u, action: %s, proto: %s, src: %s, dst: %s, dst_ports: %s}",
			   i ? ", " : "", i, 100 + i, PICK(m, "allow", "allow", "deny"),
			   PICK(m, "tcp", "udp", "icmp", "any"),
			   PICK(m, "any", "internet", "virtual-network", "Cloud.Some", "10.0.0.0/8"),
			   PICK(m, "any", "virtual-network", "10.0.200.0/24"),
			   PICK(m, "any", "443", "[80, 1433]", "\"9000-9001\""));
	add(m, nsgs,
	    TEXT(m, "guard: {inbound: [%s], outbound: [{name: out, priority: 100, action: %s, dst: %s}]}",
		 buf_text(&rules), PICK(m, "allow", "deny"),
		 PICK(m, "internet", "sql", "203.0.113.11/32", "10.1.0.0/16")));
	m->failed |= buf_failed(&rules);
	buf_free(&rules);
}

static void make_tables(struct maker *m, struct entries *tables)
{
	if (!m->routed)
		return;
	const char *box = m->has_wall && chance(m, 70) ? "wall" : "fw";
	const char *some = PICK(m, box, box, "internet", "none");
	const char *all = PICK(m, box, "internet", "internet", "gateway");
	m->to_gateway = strcmp(all, "gateway") == 0;
	add(m, tables,
	    TEXT(m,
		 "table: {gateway_routes: %s, routes: {some: {prefix: 203.0.113.0/28, next_hop: %s}, all: {prefix: "
		 "0.0.0.0/0, next_hop: %s}, peer: {prefix: 10.1.0.0/16, next_hop: %s}}}",
		 PICK(m, "true", "false"), some, all, PICK(m, box, "vnet", "vnet")));
}

/* A NAT of any kind; few ports, so that they run out. */
static const char *make_nat(struct maker *m, const char *address, const char *inside)
{
	if (chance(m, 45))
		return maker_profile_nat(m, address, inside);
	return TEXT(m,
		    "{%s%smapping: %s, filtering: %s, allocation: %s, reuse: %s, hairpin: %s, icmp: %s, fragments: %s, "
		    "port_range: \"%s\", ports_per_worker: %s, tcp_idle: %us, udp_idle: %us, reset_on_idle: %s}",
		    address, address[0] ? ", " : "",
		    PICK(m, "endpoint-independent", "address-dependent", "address-and-port-dependent"),
		    PICK(m, "endpoint-independent", "address-dependent", "address-and-port-dependent"),
		    PICK(m, "sequential", "preserve", "random"), PICK(m, "per-destination", "never"),
		    PICK(m, "true", "true", "false"), PICK(m, "translate", "translate", "drop"),
		    PICK(m, "translate", "translate", "drop"), PICK(m, "2000-2007", "1024-65535"),
		    PICK(m, "shared", "shared", "auto", "3", "40"), 20 + draw(m, 300), 20 + draw(m, 300),
		    PICK(m, "true", "false"));
}

static void make_sites(struct maker *m, struct entries *sites)
{
	if (m->has_hq)
		add(m, sites,
		    TEXT(m,
			 "hq: {prefixes: [192.168.0.0/16], gateway: {vnet: vnet-0, kind: %s, clamp_mss: %s, "
			 "advertises: [%s192.168.0.0/16]}%s}",
			 PICK(m, "vpn", "vpn", m->to_gateway ? "vpn" : "express-route"), PICK(m, "true", "false"),
			 chance(m, 30) ? "0.0.0.0/0, " : "",
			 chance(m, 50) ? TEXT(m, ", nat: %s", make_nat(m, "address: 198.51.100.210", "desk")) : ""));
	if (m->has_home)
		add(m, sites,
		    TEXT(m, "home: {prefixes: [172.20.5.0/24], nat: %s}",
			 make_nat(m, PICK(m, "address: 198.51.100.200", "address: [198.51.100.200, 198.51.100.201]"),
				  "laptop-0")));
}

static const char *make_snat(struct maker *m, uint32_t a)
{
	if (chance(m, 40))
		return "";
	return TEXT(m,
		    ", snat: {ports_per_worker: %s, mapping: %s, filtering: %s, allocation: %s, reuse: %s, hairpin: "
		    "%s, tcp_idle: %us%s%s}",
		    PICK(m, "8", "16", "64", "auto", "shared"),
		    PICK(m, "endpoint-independent", "address-dependent", "address-and-port-dependent"),
		    PICK(m, "endpoint-independent", "address-dependent", "address-and-port-dependent"),
		    PICK(m, "sequential", "preserve", "random"), PICK(m, "per-destination", "never"),
		    PICK(m, "true", "true", "false"), 20 + draw(m, 300),
		    PICK(m, "", ", reset_on_idle: true", ", icmp: translate, fragments: translate"),
		    chance(m, 20) ? TEXT(m, ", address: [192.23.2.%u, 192.23.3.%u]", a + 2, a + 2) : "");
}

static void make_ases(struct maker *m, struct entries *ases)
{
	for (uint32_t a = 0; a < m->n_ases; a++) {
		m->workers[a] = 1 + draw(m, 4);
		const char *on = chance(m, 50) ? TEXT(m, "on: [worker-%u], ", draw(m, m->workers[a])) : "";
		add(m, ases,
		    TEXT(m,
			 "ase-%u: {subnet: vnet-%u/ase-%u, vip: 192.23.1.%u, front_ends: %u, workers: %u, "
			 "apps: {web: {%slisten: [80/tcp, 443/tcp]}, jobs: {}}%s}",
			 a, draw(m, m->n_vnets), a, a + 2, 1 + draw(m, 3), m->workers[a], on, make_snat(m, a)));
	}
}

static void make_hosts(struct maker *m, struct entries *hosts)
{
	for (uint32_t i = 0; i < m->n_vms; i++) {
		const char *ip = chance(m, 50) ? TEXT(m, ", public_ip: 198.51.100.%u", 50 + i) : "";
		add(m, hosts,
		    TEXT(m, "vm-%u: {subnet: vnet-%u/data, listen: [1433/tcp, 9000/udp]%s}", i, draw(m, m->n_vnets),
			 ip));
	}
	for (uint32_t i = 0; i < m->n_nets; i++)
		add(m, hosts,
		    TEXT(m,
			 "net-%u: {internet: true, ip: 203.0.113.%u, listen: [80/tcp, 443/tcp, 9000/udp], dns: "
			 "n%u.example.net}",
			 i, 10 + i, i));
	for (uint32_t i = 0; i < m->n_services; i++)
		add(m, hosts,
		    TEXT(m, "sql-%u: {region: region-%u, service: sql, ip: 203.0.113.%u, listen: [1433/tcp]}", i,
			 draw(m, m->n_regions), 100 + i));
	if (m->routed)
		add(m, hosts,
		    TEXT(m, "fw: {subnet: vnet-0/dmz, ip: 10.0.201.10, listen: [1433/tcp], forwards: true%s%s}",
			 chance(m, 60) ? TEXT(m, ", nat: %s", make_nat(m, "", NULL)) : "",
			 chance(m, 30) ? ", public_ip: 198.51.100.60" : ""));
	if (m->has_hq)
		add(m, hosts, "desk: {site: hq, ip: 192.168.0.10, listen: [443/tcp, 9000/udp]}");
	for (uint32_t i = 0; m->has_home && i < 2; i++)
		add(m, hosts,
		    TEXT(m, "laptop-%u: {site: home, ip: 172.20.5.%u, listen: [443/tcp, 9000/udp]}", i, 10 + i));
	maker_azure_hosts(m, hosts);
	if (m->wish->with_bystander) {
		add(m, hosts, "bystander-a: {internet: true, ip: 203.0.113.200}");
		add(m, hosts, "bystander-z: {internet: true, ip: 203.0.113.201, listen: [443/tcp]}");
	}
}

/* ---- flows ---- */
static const char *make_target(struct maker *m, bool from_internet)
{
	if (m->has_hq && chance(m, 12))
		return PICK(m, "desk:443/tcp", "desk:9000/udp", "desk/icmp");
	if (m->has_home && chance(m, 8))
		return PICK(m, "laptop-0:443/tcp", "198.51.100.200:443/tcp", "198.51.100.200:9000/udp",
			    "198.51.100.200:8080/tcp", "laptop-1/icmp");
	if (m->routed && chance(m, 5))
		return "fw:1433/tcp";
	const char *other = maker_azure_target(m);
	if (other)
		return other;
	switch (draw(m, from_internet ? 5 : 9)) {
	case 0:
		if (chance(m, 20))
			return TEXT(m, "net-%u/icmp", draw(m, m->n_nets));
		return TEXT(m, "net-%u:%s", draw(m, m->n_nets), PICK(m, "80/tcp", "443/tcp", "9000/udp"));
	case 1:
	case 2:
		return TEXT(m, "ase-%u/%s:%s", draw(m, m->n_ases), PICK(m, "web", "jobs"),
			    PICK(m, "80/tcp", "443/tcp", "21/tcp"));
	case 3:
		return TEXT(m, "net-%u:%s", draw(m, m->n_nets),
			    PICK(m, "81/tcp", "9001/udp")); /* nothing listens there */
	case 4:
		return TEXT(m, "192.23.1.%u:%u/tcp", 2 + draw(m, m->n_ases),
			    4000 + draw(m, 40)); /* most of them closed at the VIP */
	case 5:
		return TEXT(m, "vm-%u/icmp", draw(m, m->n_vms));
	case 6:
		return TEXT(m, "sql-%u:1433/tcp", draw(m, m->n_services));
	default:
		return TEXT(m, "vm-%u:%s", draw(m, m->n_vms), PICK(m, "1433/tcp", "9000/udp", "1434/tcp"));
	}
}

static const char *make_source(struct maker *m, bool *ret_internet)
{
	uint32_t ase = draw(m, m->n_ases);

	*ret_internet = false;
	if (m->has_hq && chance(m, 12))
		return "desk";
	if (m->has_home && chance(m, 20))
		return PICK(m, "laptop-0", "laptop-1");
	if (m->has_balancer && chance(m, 15))
		return PICK(m, "pool-0", "pool-1", "pool-2");
	switch (draw(m, 5)) {
	case 0:
	case 1:
		return TEXT(m, "ase-%u/%s", ase, PICK(m, "web", "jobs"));
	case 2:
		return TEXT(m, "ase-%u/worker-%u", ase, draw(m, m->workers[ase]));
	case 3:
		return TEXT(m, "vm-%u", draw(m, m->n_vms));
	default:
		*ret_internet = true;
		return TEXT(m, "net-%u", draw(m, m->n_nets));
	}
}

static void make_held_pair(struct maker *m, struct entries *flows, uint32_t i)
{
	uint32_t ase = draw(m, m->n_ases), net = draw(m, m->n_nets), at_s = draw(m, 30);

	add(m, flows,
	    TEXT(m, "flow-%u: {from: ase-%u/worker-%u, to: \"net-%u:443/tcp\", at: %us, then: hold}", i, ase,
		 draw(m, m->workers[ase]), net, at_s));
	add(m, flows,
	    TEXT(m, "flow-%u-late: {late: {on: flow-%u, by: net-%u, at: %us, send: %uB}}", i, i, net,
		 at_s + 30 + draw(m, 500), 1 + draw(m, 4000)));
}

static void make_flow(struct maker *m, struct entries *flows, uint32_t i)
{
	bool from_internet;
	const char *from = make_source(m, &from_internet);
	const char *to = make_target(m, from_internet);
	const char *repeat =
		chance(m, 50) ? TEXT(m, ", repeat: {count: %u, every: %ums}", 1 + draw(m, 20), draw(m, 500)) : "";
	const char *rounds = chance(m, 40) ? TEXT(m, ", rounds: %u, pause: %us", 1 + draw(m, 3), draw(m, 400)) : "";
	const char *proto = strrchr(to, '/');
	bool is_tcp = proto && strcmp(proto, "/tcp") == 0;

	add(m, flows,
	    TEXT(m, "flow-%u: {from: %s, to: \"%s\", at: %ums, send: %uB, reply: %uB%s%s%s%s}", i, from, to,
		 draw(m, 40000), 1 + draw(m, is_tcp || chance(m, 50) ? 1200 : 6000),
		 1 + draw(m, is_tcp          ? 20000
			     : chance(m, 50) ? 1200
					     : 6000),
		 repeat, rounds, chance(m, 20) ? ", dns: true" : "",
		 is_tcp ? PICK(m, "", "", ", then: hold", ", then: reset", ", then: hold, keepalive: 20s",
			       ", df: false", ", ttl: 90")
			: PICK(m, "", "", ", ttl: 100", ", df: false", ", df: true")));
}

/* Packets made by hand, sound and damaged, from both ends where the called one is a host. */
static void make_crafted(struct maker *m, struct entries *flows, uint32_t i)
{
	bool from_internet;
	const char *from = make_source(m, &from_internet);
	bool to_host = chance(m, 70);
	const char *to = to_host ? TEXT(m, "net-%u:%s", draw(m, m->n_nets), PICK(m, "443/tcp", "9000/udp"))
				 : make_target(m, from_internet);
	const char *packets = "{fields: {ttl: 60}}";
	for (uint32_t k = 0; k < 1 + draw(m, 6); k++) {
		const char *end = to_host && chance(m, 40) ? "from_end: called, " : "";
		const char *fields =
			PICK(m, "proto: tcp, flags: S", "proto: tcp, flags: A, seq: 7, ack: 9", "proto: tcp, flags: RA",
			     "proto: tcp, flags: \"\", payload: 5B", "proto: udp, payload: 40B",
			     "proto: udp, payload: 40B, bad_checksum: true", "icmp: {type: 8}", "icmp: {type: 13}",
			     "icmp: {type: 0}", "icmp: {type: 3, code: 1, about: 1}", "icmp: {type: 4, about: 1}",
			     "proto: udp, payload: 40B, fragment: {more: true}",
			     "proto: udp, payload: 9B, fragment: {offset: 48}",
			     "proto: udp, payload: 16B, fragment: {offset: 40, more: true}");
		packets = TEXT(m, "%s, {%sat: %ums, fields: {%s}}", packets, end, k * 100 + draw(m, 100), fields);
	}
	add(m, flows,
	    TEXT(m, "flow-%u: {from: %s, to: \"%s\", at: %ums, packets: [%s]}", i, from, to, draw(m, 40000), packets));
}

static void make_flows(struct maker *m, struct entries *flows)
{
	for (uint32_t i = 0; i < m->n_flows; i++) {
		if (chance(m, 20))
			make_held_pair(m, flows, i);
		else if (chance(m, 12))
			make_crafted(m, flows, i);
		else
			make_flow(m, flows, i);
	}
	if (m->wish->with_bystander)
		add(m, flows,
		    BYSTANDER
		    ": {from: bystander-a, to: \"bystander-z:443/tcp\", repeat: {count: 5, every: 7s}, reply: 9kB}");
}

static void make_timeline(struct maker *m, struct buf *out)
{
	uint32_t ase = draw(m, m->n_ases);

	buf_puts(out, "timeline:\n");
	if (chance(m, 50))
		buf_printf(out, "  - {at: %us, scale: ase-%u, workers: %u}\n", draw(m, 60), ase,
			   m->workers[ase] + 1 + draw(m, 40));
	if (chance(m, 50))
		buf_printf(out, "  - {at: %us, move: ase-%u/web, to: [worker-%u]}\n", draw(m, 60), ase,
			   draw(m, m->workers[ase]));
	if (chance(m, 30)) {
		buf_printf(out, "  - {at: %us, stop: vm-0}\n", draw(m, 30));
		buf_printf(out, "  - {at: %us, start: vm-0}\n", 30 + draw(m, 30));
	}
	if (chance(m, 30)) {
		buf_printf(out, "  - {at: %us, link: internet, state: down}\n", draw(m, 20));
		buf_printf(out, "  - {at: %us, link: internet, state: up}\n", 20 + draw(m, 20));
	}
	if (chance(m, 30))
		buf_printf(out, "  - {at: %us, stop: ase-%u/worker-0}\n", 5 + draw(m, 40), draw(m, m->n_ases));
	if (chance(m, 20))
		buf_printf(out, "  - {at: %us, vip: ase-%u, to: 192.23.4.%u}\n", draw(m, 60), ase, 2 + draw(m, 9));
	if (chance(m, 30))
		buf_printf(out, "  - {at: %us, nat: ase-%u, forget: all}\n", draw(m, 60), ase);
	if (m->guarded && chance(m, 50))
		buf_printf(out, "  - {at: %us, nsg: guard, add: {name: late, priority: %u, action: %s, proto: %s}}\n",
			   draw(m, 60), 90 + 20 + draw(m, 90), PICK(m, "allow", "deny"), PICK(m, "tcp", "any"));
	if (m->guarded && chance(m, 30))
		buf_printf(out, "  - {at: %us, nsg: guard, rule: rule-0, set: {action: %s}}\n", draw(m, 60),
			   PICK(m, "allow", "deny"));
	if (m->routed && chance(m, 40))
		buf_printf(out, "  - {at: %us, route: table, remove: %s}\n", draw(m, 60), PICK(m, "all", "some"));
	if (m->routed && chance(m, 20))
		buf_printf(out, "  - {at: %us, stop: fw}\n", draw(m, 60));
	maker_azure_timeline(m, out);
	buf_printf(out, "  - {at: %us, link: vnet, latency: %ums}\n", draw(m, 60), 1 + draw(m, 9));
}

const char *scenario_make(struct arena *arena, const struct maker_wish *wish)
{
	struct maker m = {.arena = arena, .wish = wish};
	struct entries nsgs = {0}, tables = {0}, sites = {0};
	struct entries regions = {0}, links = {0}, vnets = {0}, ases = {0}, hosts = {0}, flows = {0};
	struct buf out = {0};

	m.n_regions = 1 + draw(&m, 2);
	m.n_vnets = 1 + draw(&m, 2);
	m.n_ases = 1 + draw(&m, 3);
	m.n_vms = 1 + draw(&m, 4);
	m.n_nets = 1 + draw(&m, 3);
	m.n_services = 1 + draw(&m, 2);
	m.n_flows = 2 + draw(&m, 9);
	m.guarded = chance(&m, 40);
	m.routed = chance(&m, 40);
	m.has_hq = chance(&m, 40);
	m.has_home = chance(&m, 50);

	maker_azure_draw(&m);

	for (uint32_t i = 0; i < m.n_regions; i++)
		add(&m, &regions, TEXT(&m, "region-%u: {}", i));
	make_links(&m, &links);
	make_vnets(&m, &vnets);
	make_nsgs(&m, &nsgs);
	make_tables(&m, &tables);
	make_sites(&m, &sites);
	make_ases(&m, &ases);
	make_hosts(&m, &hosts);
	make_flows(&m, &flows);

	buf_printf(&out, "scenario: 1\nname: made-by-chance\nseed: %u\nnetwork:\n", 1 + draw(&m, 1000));
	write_map(&m, &out, "  ", "regions", &regions);
	write_map(&m, &out, "  ", "links", &links);
	write_map(&m, &out, "  ", "vnets", &vnets);
	buf_puts(&out, "  tags: {Cloud.Some: [203.0.113.0/28, 198.51.100.64/29]}\n");
	write_map(&m, &out, "  ", "nsgs", &nsgs);
	write_map(&m, &out, "  ", "route_tables", &tables);
	write_map(&m, &out, "  ", "sites", &sites);
	write_map(&m, &out, "  ", "ases", &ases);
	maker_azure_write(&m, &out);
	write_map(&m, &out, "  ", "hosts", &hosts);
	write_map(&m, &out, "", "flows", &flows);
	make_timeline(&m, &out);

	const char *text = m.failed || buf_failed(&out) ? NULL : arena_strdup(arena, buf_text(&out));
	buf_free(&out);
	return text;
}
