/* DOC: what a made scenario has of the Azure of today, all in vnet-0: a NAT gateway, a load balancer with its machines, a
 * firewall and a private endpoint; and NATs by profile, with the keys that profiles imply. */
#include "maker_internal.h"
#include <string.h>

void maker_azure_draw(struct maker *m)
{
	m->has_gateway = chance(m, 30);
	m->has_balancer = chance(m, 35);
	m->has_wall = chance(m, 30);
	m->has_endpoint = chance(m, 25);
	m->is_basic = chance(m, 25);
}

/* ---- subnets ---- */

const char *maker_azure_data(struct maker *m)
{
	const char *policies =
		m->has_endpoint ? PICK(m, "", ", private_endpoint_policies: all", ", private_endpoint_policies: routes")
				: "";
	return TEXT(m, "%s%s", m->has_gateway && chance(m, 60) ? ", nat_gateway: gw" : "", policies);
}

const char *maker_azure_subnets(struct maker *m)
{
	const char *back = !m->has_balancer
				   ? ""
				   : TEXT(m, ", back: {cidr: 10.0.202.0/24%s%s%s}",
					  m->has_gateway && chance(m, 30) ? ", nat_gateway: gw" : "",
					  chance(m, 70) ? ", nsg: open" : "", chance(m, 20) ? ", private: true" : "");
	const char *wall = !m->has_wall ? ""
					: TEXT(m, ", AzureFirewallSubnet: {cidr: 10.0.203.0/26%s}",
					       m->has_gateway && chance(m, 30) ? ", nat_gateway: gw" : "");
	const char *late = m->has_gateway ? ", late: {cidr: 10.0.204.0/24, nat_gateway: gw}" : "";
	return TEXT(m, "%s%s%s", back, wall, late);
}

void maker_azure_hosts(struct maker *m, struct entries *hosts)
{
	for (uint32_t i = 0; m->has_balancer && i < 3; i++)
		add(m, hosts,
		    TEXT(m, "pool-%u: {subnet: vnet-0/back, listen: [443/tcp, 8443/tcp, 9000/udp]%s}", i,
			 i == 2 && chance(m, 30) ? ", public_ip: 198.51.100.80" : ""));
}

/* ---- the elements ---- */

static void write_balancer(struct maker *m, struct buf *out)
{
	bool out_rule = !m->is_basic && chance(m, 50), ha = !m->is_basic && chance(m, 50);
	buf_printf(out,
		   "  load_balancers:\n    lb: {sku: %s, frontends: {web: {address: 198.51.100.90}, in: {subnet: "
		   "vnet-0/back, address: 10.0.202.200}}, pools: {all: [pool-0, pool-1, pool-2], one: [pool-0]}, "
		   "probes: {p: {port: 443/tcp, every: 5s, count: %u}}, rules: [",
		   m->is_basic ? "basic" : "standard", 1 + draw(m, 2));
	buf_printf(out, "{name: https, frontend: web, port: 443/tcp, pool: all%s%s, affinity: %s, outbound_snat: %s}",
		   PICK(m, ", to: 8443", ""), PICK(m, "", ", probe: p"),
		   PICK(m, "five-tuple", "source-destination", "source-destination-protocol"),
		   out_rule || chance(m, 30) ? "false" : "true");
	if (ha)
		buf_printf(out, ", {name: ha, frontend: in, port: any, pool: all%s}", PICK(m, "", ", probe: p"));
	else
		buf_printf(out,
			   ", {name: inner, frontend: in, port: 443/tcp, pool: all%s}, {name: dns, frontend: in, port: "
			   "9000/udp, pool: one%s}",
			   PICK(m, "", ", probe: p", ", floating: false"), PICK(m, "", ", idle: 5m"));
	buf_printf(out, "], inbound_nat: [{name: ssh, frontend: web, port: 50001/tcp, to: \"pool-1:443\"%s}]",
		   m->is_basic ? "" : PICK(m, "", ", reset: true"));
	if (out_rule)
		buf_printf(out, ", outbound: [{name: out, frontends: [web], pool: all, ports_per_machine: %s%s}]",
			   PICK(m, "8", "1024", "auto"), PICK(m, "", ", proto: tcp", ", reset: true"));
	buf_puts(out, "}\n");
}

static void write_wall(struct maker *m, struct buf *out)
{
	buf_printf(out,
		   "  firewalls:\n    wall: {subnet: vnet-0/AzureFirewallSubnet, address: 10.0.203.4, public: %s, "
		   "private_ranges: %s, rules: {dnat: [{name: in, priority: 100, rules: [{name: web, proto: tcp, src: "
		   "any, dst: 198.51.100.95, dst_ports: 443, to: \"vm-0:1433\"}]}], network: [{name: net, priority: "
		   "200, action: %s, rules: [{name: some, proto: %s, src: %s, dst: %s, dst_ports: %s}]}, {name: rest, "
		   "priority: 300, action: %s, rules: [{name: all, proto: any, src: any, dst: any, dst_ports: any}]}]",
		   PICK(m, "198.51.100.95", "[198.51.100.95, 198.51.100.96]"),
		   PICK(m, "iana", "0.0.0.0/0", "255.255.255.255/32"), PICK(m, "allow", "deny"),
		   PICK(m, "tcp", "udp", "[tcp, icmp]"), PICK(m, "any", "10.0.0.0/8"),
		   PICK(m, "any", "10.1.0.0/16", "203.0.113.0/24"), PICK(m, "any", "443", "[80, \"1433-1434\"]"),
		   PICK(m, "allow", "deny"));
	if (chance(m, 50))
		buf_printf(out,
			   ", application: [{name: app, priority: 400, action: %s, rules: [{name: names, src: any, "
			   "fqdns: [%s], proto: https}]}]",
			   PICK(m, "allow", "deny"), PICK(m, "\"*.example.net\"", "n0.example.net", "\"*\""));
	buf_puts(out, "}}\n");
}

void maker_azure_write(struct maker *m, struct buf *out)
{
	if (m->has_gateway)
		buf_printf(out, "  nat_gateways:\n    gw: {address: %s%s%s}\n",
			   PICK(m, "198.51.100.97", "[198.51.100.97, 198.51.100.98, 198.51.100.99]"),
			   PICK(m, "", ", sku: v2"), PICK(m, "", ", tcp_idle: 6m"));
	if (m->has_balancer)
		write_balancer(m, out);
	if (m->has_wall)
		write_wall(m, out);
	if (m->has_endpoint)
		buf_printf(out,
			   "  private_endpoints:\n    pe: {subnet: vnet-0/dmz, address: 10.0.201.20, to: sql-0, dns: "
			   "[%s]}\n",
			   PICK(m, "vnet-0", ""));
}

/* ---- traffic ---- */

const char *maker_azure_target(struct maker *m)
{
	if (m->has_balancer && chance(m, 15))
		return PICK(m, "lb/web:443/tcp", "lb/in:443/tcp", "lb/in:9000/udp", "lb/web:50001/tcp", "lb/web:81/tcp",
			    "pool-1:443/tcp", "pool-2/icmp");
	if (m->has_wall && chance(m, 10))
		return PICK(m, "198.51.100.95:443/tcp", "198.51.100.95:80/tcp", "net-0:443/tcp");
	if (m->has_endpoint && chance(m, 10))
		return PICK(m, "sql-0:1433/tcp", "10.0.201.20:1433/tcp");
	return NULL;
}

void maker_azure_timeline(struct maker *m, struct buf *out)
{
	if (m->has_gateway && chance(m, 30))
		buf_printf(out, "  - {at: %us, nat_gateway: vnet-0/data, to: %s}\n", draw(m, 60),
			   PICK(m, "gw", "none"));
	if (m->has_balancer && chance(m, 30))
		buf_printf(out, "  - {at: %us, stop: pool-%u}\n", draw(m, 30), draw(m, 3));
	if (m->has_balancer && chance(m, 20))
		buf_printf(out, "  - {at: %us, address: lb/web, to: 198.51.100.91}\n", draw(m, 60));
	if (m->has_wall && chance(m, 40))
		buf_printf(out, "  - {at: %us, firewall: wall, rule: rest, set: {action: %s}}\n", draw(m, 60),
			   PICK(m, "allow", "deny"));
}

/* ---- NATs by profile ---- */

/* The keys that the products of clouds cannot have. */
static const char *for_hosts(struct maker *m, const char *inside)
{
	if (!inside)
		return "";
	return TEXT(m, "%s%s",
		    chance(m, 50) ? TEXT(m, ", forward: {8080/tcp: \"%s:443\", 9000/udp: %s}", inside, inside) : "",
		    chance(m, 20) ? TEXT(m, ", static: {198.51.100.2%u9: %s}", *inside == 'd' ? 1u : 2u, inside) : "");
}

const char *maker_profile_nat(struct maker *m, const char *address, const char *inside)
{
	const char *cloud = PICK(m, "azure", "azure-nat-gateway", "azure-firewall", "aws-nat-gateway", "gcp-cloud-nat");
	const char *own = PICK(m, "linux", "linux", "docker", "home", "cilium", "pf", "vpp", "cgnat");
	bool is_cloud = chance(m, 35);
	/* The kernel gives the port of a connection that is over to a SYN by its sequence number, which a question
	 * beforehand does not have: there are as many ports as it likes. */
	const char *few = is_cloud || (strcmp(own, "linux") != 0 && strcmp(own, "docker") != 0)
				  ? "port_range: \"2000-2007\", "
				  : "";
	const char *limit = PICK(m, "", "", "max_per_destination: 3, ", "max_per_host: 4, ", "max_mappings: 6, ");
	const char *keys = PICK(m, "", "", "pooling: random, ", "pooling: paired, ", "pooling: by-destination, ",
				"pooling: one-at-a-time, ", "reuse: when-exhausted, ", "unknown: reset, ",
				"unknown: reset-inside, ", "invalid: drop, ", "loose: true, ", "tcp_state: loose, ",
				"tcp_time_wait: 20s, ", few, "except: [203.0.113.10/32], ", "only: [203.0.113.0/28], ",
				"icmp: echo, ", "fragments: udp, ");
	return TEXT(m, "{profile: %s, %s%s%s%sudp_idle: %us%s}", is_cloud ? cloud : own, address,
		    address[0] ? ", " : "", limit, keys, 20 + draw(m, 300), is_cloud ? "" : for_hosts(m, inside));
}
