#include "layered.h"
#include "model/elements.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define PORT 5000 /* neither HTTP's nor TLS's: the payload is text, and its length what was asked for */

static void add_host(struct layered *l, uint32_t i)
{
	char *name = l->names[3 * i];
	(void)snprintf(name, sizeof l->names[0], "host-%02u", (unsigned)i);
	l->hosts[i] = (struct host_config){.name = name,
					   .kind = HOST_INTERNET,
					   .subnet = NONE,
					   .region = NONE,
					   .site = NONE,
					   .nsg = NONE,
					   .addr = be32_from(0xcb00710au + i),
					   .listen = &l->port,
					   .n_listen = 1};
}

static void add_flow(struct layered *l, const char *verb, uint32_t host, uint32_t count, enum flow_then then,
		     int64_t at_ns, int64_t every_ns)
{
	if (count == 0)
		return;
	size_t n = l->model.n_flows++;
	char *name = l->names[3 * host + (then == THEN_HOLD ? 1 : 2)];
	(void)snprintf(name, sizeof l->names[0], "%s-%02u", verb, (unsigned)host);
	l->flows[n] = (struct flow_config){.name = name,
					   .to_text = l->hosts[host].name,
					   .from = {.kind = ENDPOINT_APP},
					   .to = {.kind = ENDPOINT_HOST, .index = host},
					   .port = PORT,
					   .proto = PROTO_TCP,
					   .at_ns = at_ns,
					   .count = count,
					   .every_ns = every_ns,
					   .send_bytes = 200,
					   .reply_bytes = 5840,
					   .rounds = 1,
					   .then = then,
					   .repeated = true};
}

/* Connections start evenly spread over virtual time; each host's flows a little apart, so that no two start in the same
 * nanosecond. */
static void add_flows(struct layered *l, const struct layered_config *config)
{
	int64_t length_ns = (int64_t)config->n_connections * NS_PER_S / config->per_second;
	for (uint32_t i = 0; i < config->n_hosts; i++) {
		uint32_t n = config->n_connections / config->n_hosts + (i < config->n_connections % config->n_hosts);
		uint32_t held = (uint32_t)((uint64_t)n * config->held_percent / 100);
		int64_t at_ns = 1 + (int64_t)i * 7919;
		add_flow(l, "hold", i, held, THEN_HOLD, at_ns, held ? length_ns / held : 0);
		add_flow(l, "call", i, n - held, THEN_CLOSE, at_ns + 3, n > held ? length_ns / (n - held) : 0);
	}
	l->all_open = (struct instant){length_ns + NS_PER_S};
}

int layered_make(struct layered *l, const struct layered_config *config)
{
	static const int64_t latency_ns[LINK_CLASS_COUNT] = {100 * NS_PER_US, 450 * NS_PER_US, 775 * NS_PER_US,
							     15 * NS_PER_MS,  5 * NS_PER_MS,   15 * NS_PER_MS};
	arena_free(l->arena);
	memset(l, 0, sizeof *l);
	l->region.name = "region";
	l->space = (struct prefix){be32_from(0x0a000000), 16};
	l->vnet = (struct vnet_config){.name = "contoso", .space = &l->space, .n_space = 1};
	l->subnet = (struct subnet_config){.name = "ase-one",
					   .cidr = {be32_from(0x0a000100), 24},
					   .nsg = NONE,
					   .routes = NONE,
					   .nat_gateway = NONE};
	l->port = (struct service_port){.port = PORT, .proto = PROTO_TCP};
	l->app = (struct app_config){.name = "web", .dns = "web.example", .on_all = true};
	for (uint32_t i = 0; i < 2 + LAYERED_WORKERS; i++)
		l->addresses[i] = be32_from(0x0a000104u + i);
	struct nat_rules nat = {.mapping = NAT_ON_ADDRESS_AND_PORT,
				.udp_mapping = NAT_ON_ADDRESS,
				.filtering = NAT_ON_ADDRESS_AND_PORT,
				.port_first = 1024,
				.port_last = 65535,
				.hairpin = true,
				.tcp_idle_ns = 240 * NS_PER_S,
				.tcp_transitory_ns = 240 * NS_PER_S,
				.tcp_reset_ns = 15 * NS_PER_S,
				.udp_idle_ns = 240 * NS_PER_S,
				.udp_stream_ns = 240 * NS_PER_S,
				.icmp_idle_ns = 60 * NS_PER_S};
	l->ase = (struct ase_config){.name = "ase-one",
				     .vip = be32_from(0xc0170102),
				     .front_ends = 2,
				     .workers = LAYERED_WORKERS,
				     .max_workers = LAYERED_WORKERS,
				     .addresses = l->addresses,
				     .snat = nat,
				     .ports = VIP_PORTS_ALL,
				     .n_apps = 1};
	l->model = (struct model){.file = "layered",
				  .name = "layered",
				  .seed = 1,
				  .lent_nat = nat,
				  .regions = &l->region,
				  .n_regions = 1,
				  .vnets = &l->vnet,
				  .n_vnets = 1,
				  .subnets = &l->subnet,
				  .n_subnets = 1,
				  .ases = &l->ase,
				  .n_ases = 1,
				  .apps = &l->app,
				  .n_apps = 1,
				  .hosts = l->hosts,
				  .n_hosts = config->n_hosts,
				  .flows = l->flows};
	l->model.lent_nat.ports_per_worker = NAT_PORTS_SHARED;
	for (size_t i = 0; i < LINK_CLASS_COUNT; i++)
		l->model.links[i] = (struct link_config){.latency_ns = latency_ns[i], .up = true};
	for (uint32_t i = 0; i < config->n_hosts; i++)
		add_host(l, i);
	add_flows(l, config);
	l->arena = arena_new();
	return l->arena ? elements_register(l->arena, &l->model) : -ENOMEM;
}
