/* DOC: a scenario of flows that were seen. Addresses become hosts: those inside stand in a network whose subnets are the
 * /24s they lie in, or the prefixes that are given; other private ones stand at a site; all else is on the Internet. A
 * host listens where it answered. Sizes of a flow are those of an average round, as the language has one size for all
 * of them. */
#include "import/capture_map.h"
#include "base/units.h"
#include "import/map.h"
#include "net/prefix.h"
#include <stdlib.h>
#include <string.h>

#define MAX_SUBNETS 4000u

struct seen_host {
	uint32_t addr;
	const char *given;
	struct doc *doc;
	bool inside, has_public;
};

struct drawing {
	struct map map;
	const struct prefix *inside;
	size_t n_inside;
	struct seen_host *hosts;
	size_t n_hosts;
	struct prefix *subnets; /* of the network */
	size_t n_subnets;
	struct prefix last_subnet; /* in which the host before stands: addresses come sorted */
	const char *last_name;
	struct doc *site_prefixes;
	struct prefix *site;
	size_t n_site;
	struct doc *vnet_space, *vnet_subnets;
};

static bool is_private(uint32_t addr)
{
	return addr >> 24 == 10 || addr >> 20 == 0xac1 || addr >> 16 == 0xc0a8 || addr >> 22 == (100u << 2 | 1);
}

static bool is_inside(const struct drawing *drawing, uint32_t addr)
{
	if (drawing->n_inside == 0)
		return is_private(addr);
	for (size_t i = 0; i < drawing->n_inside; i++)
		if (prefix_contains(drawing->inside[i], be32_from(addr)))
			return true;
	return false;
}

static const char *prefix_text(struct drawing *drawing, struct prefix prefix)
{
	char text[PREFIX_TEXT_BYTES];
	const char *printed = prefix_print(prefix, text);
	return store_text(drawing->map.store, printed, strlen(printed));
}

/* ---- networks ---- */

static bool keep_prefix(struct drawing *drawing, struct prefix **list, size_t *n, struct prefix prefix)
{
	void *items = *list;
	if (*n >= MAX_SUBNETS || !store_grow(drawing->map.store, &items, *n, sizeof **list))
		return false;
	*list = items;
	(*list)[(*n)++] = prefix;
	return true;
}

static const char *subnet_name(struct drawing *drawing, struct prefix prefix)
{
	const char *text = prefix_text(drawing, prefix);
	char *name = store_array(drawing->map.store, strlen(text) + 5, 1);
	if (!name)
		return "net";
	(void)strcpy(name, "net-");
	for (size_t i = 0; text[i]; i++)
		name[4 + i] = text[i] == '.' || text[i] == '/' ? '-' : text[i];
	return name;
}

static const char *subnet_of(struct drawing *drawing, uint32_t addr)
{
	struct store *store = drawing->map.store;
	struct prefix prefix = {be32_from(addr & 0xffffff00u), 24};
	for (size_t i = 0; i < drawing->n_inside; i++)
		if (prefix_contains(drawing->inside[i], be32_from(addr)))
			prefix = drawing->inside[i];
	if (drawing->last_name && be32_equal(drawing->last_subnet.addr, prefix.addr) &&
	    drawing->last_subnet.length == prefix.length)
		return drawing->last_name;
	const char *name = store_printf(store, "captured/%s", subnet_name(drawing, prefix));
	drawing->last_subnet = prefix;
	drawing->last_name = name;
	for (size_t i = 0; i < drawing->n_subnets; i++)
		if (be32_equal(drawing->subnets[i].addr, prefix.addr))
			return name;
	if (!keep_prefix(drawing, &drawing->subnets, &drawing->n_subnets, prefix))
		return NULL;
	if (!drawing->vnet_space) {
		struct doc *vnet = doc_map(store, drawing->map.vnets, "captured", false);
		vnet->comment = "ASSUMED: a network of the addresses that were seen inside. --inside PREFIX";
		drawing->vnet_space = doc_list(store, vnet, "space", true);
		drawing->vnet_subnets = doc_map(store, vnet, "subnets", false);
	}
	doc_scalar(store, drawing->vnet_space, NULL, prefix_text(drawing, prefix));
	struct doc *subnet = doc_map(store, drawing->vnet_subnets, subnet_name(drawing, prefix), true);
	doc_scalar(store, subnet, "cidr", prefix_text(drawing, prefix));
	return name;
}

static void put_on_site(struct drawing *drawing, uint32_t addr)
{
	struct store *store = drawing->map.store;
	struct prefix prefix = {be32_from(addr & 0xffffff00u), 24};
	for (size_t i = 0; i < drawing->n_site; i++)
		if (be32_equal(drawing->site[i].addr, prefix.addr))
			return;
	if (!keep_prefix(drawing, &drawing->site, &drawing->n_site, prefix))
		return;
	if (!drawing->site_prefixes) {
		struct doc *site = doc_map(store, drawing->map.sites, "elsewhere", false);
		site->comment = "ASSUMED: private addresses that are not inside";
		drawing->site_prefixes = doc_list(store, site, "prefixes", true);
		struct doc *gateway = doc_map(store, site, "gateway", true);
		doc_scalar(store, gateway, "vnet", "captured");
		doc_scalar(store, gateway, "kind", "vpn");
	}
	doc_scalar(store, drawing->site_prefixes, NULL, prefix_text(drawing, prefix));
}

/* ---- hosts ---- */

static int by_address(const void *a, const void *b)
{
	const struct seen_host *x = a, *y = b;
	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

static struct seen_host *host_of(struct drawing *drawing, uint32_t addr)
{
	struct seen_host key = {.addr = addr};
	return bsearch(&key, drawing->hosts, drawing->n_hosts, sizeof key, by_address);
}

static void gather_hosts(struct drawing *drawing, const struct flow_table *table)
{
	size_t n = 0;
	drawing->hosts = store_array(drawing->map.store, 2 * table->n, sizeof *drawing->hosts);
	if (!drawing->hosts)
		return;
	for (size_t i = 1; i < table->n; i++) {
		drawing->hosts[n++].addr = table->flows[i].caller;
		drawing->hosts[n++].addr = table->flows[i].called;
	}
	qsort(drawing->hosts, n, sizeof *drawing->hosts, by_address);
	for (size_t i = 0; i < n; i++)
		if (drawing->n_hosts == 0 || drawing->hosts[drawing->n_hosts - 1].addr != drawing->hosts[i].addr)
			drawing->hosts[drawing->n_hosts++] = drawing->hosts[i];
}

static void put_host(struct drawing *drawing, struct seen_host *host)
{
	struct store *store = drawing->map.store;
	char text[ADDR_TEXT_BYTES];
	const char *printed = addr_print(be32_from(host->addr), text);
	const char *address = store_text(store, printed, strlen(printed)), *subnet = NULL;
	host->inside = is_inside(drawing, host->addr);
	if (host->inside)
		subnet = subnet_of(drawing, host->addr);
	char *name = store_array(store, strlen(address) + 6, 1);
	if (!name)
		return;
	(void)strcpy(name, "host-");
	for (size_t i = 0; address[i]; i++)
		name[5 + i] = address[i] == '.' ? '-' : address[i];
	host->given = name;
	host->doc = doc_map(store, drawing->map.hosts, name, true);
	host->doc->what = name;
	if (subnet) {
		doc_scalar(store, host->doc, "subnet", subnet);
	} else if (is_private(host->addr)) {
		put_on_site(drawing, host->addr);
		doc_scalar(store, host->doc, "site", "elsewhere");
	} else {
		doc_scalar(store, host->doc, "internet", "true");
	}
	doc_scalar(store, host->doc, "ip", address);
}

/* ---- flows ---- */

static const char *proto_name(uint8_t protocol)
{
	return protocol == 6 ? "tcp" : "udp";
}

static void put_duration(struct drawing *drawing, struct doc *flow, const char *key, int64_t ns)
{
	char text[UNITS_TEXT_BYTES];
	if (ns <= 0)
		return;
	const char *printed = units_print_duration(ns, text);
	doc_scalar(drawing->map.store, flow, key, store_text(drawing->map.store, printed, strlen(printed)));
}

static void put_size(struct drawing *drawing, struct doc *flow, const char *key, uint64_t bytes, uint64_t least,
		     uint64_t most)
{
	bytes = bytes < least ? least : bytes > most ? most : bytes;
	doc_scalar(drawing->map.store, flow, key, store_printf(drawing->map.store, "%lluB", (unsigned long long)bytes));
}

static void put_end(struct drawing *drawing, struct doc *flow, const struct seen_flow *seen)
{
	if (seen->protocol != 6 || seen->end == FLOW_CLOSED || seen->refused)
		return;
	doc_scalar(drawing->map.store, flow, "then", seen->end == FLOW_RESET ? "reset" : "hold");
}

/* A call from the Internet to a private address came through a public one that the capture does not show. */
static void open_to_internet(struct drawing *drawing, struct seen_host *caller, struct seen_host *called)
{
	if (caller->inside || is_private(caller->addr) || !called->inside || called->has_public ||
	    !is_private(called->addr))
		return;
	bool assumed;
	called->has_public = true;
	doc_scalar(drawing->map.store, called->doc, "public_ip",
		   map_public_address(&drawing->map, NULL, called->given, called->given, &assumed));
	called->doc->comment =
		assumed ? store_printf(drawing->map.store, "ASSUMED: public address. --address %s=IP", called->given)
			: NULL;
}

static void put_flow(struct drawing *drawing, const struct seen_flow *seen, size_t number, int64_t start_ns)
{
	struct store *store = drawing->map.store;
	struct seen_host *caller = host_of(drawing, seen->caller), *called = host_of(drawing, seen->called);
	uint64_t rounds = seen->rounds ? seen->rounds : 1, most = seen->protocol == 6 ? UINT64_C(1073741824) : 65507;
	if (!caller || !called || !caller->given || !called->given)
		return;
	if (caller == called) {
		note(drawing->map.import, SEVERITY_MAY, NULL, "%s: a call to itself", caller->given);
		return;
	}
	open_to_internet(drawing, caller, called);
	const char *name = store_printf(store, "flow-%zu", number);
	struct doc *flow = doc_map(store, drawing->map.flows, name, true);
	flow->what = name;
	doc_scalar(store, flow, "from", caller->given);
	if (seen->protocol == 1) {
		doc_scalar(store, flow, "to", store_printf(store, "%s/icmp", called->given));
	} else {
		const char *port = store_printf(store, "%u/%s", seen->called_port, proto_name(seen->protocol));
		doc_scalar(store, flow, "to", store_printf(store, "%s:%s", called->given, port));
		if (seen->answered && !seen->refused)
			map_listen(&drawing->map, called->doc, port);
		if (knows("flows.from_port") && seen->caller_port)
			doc_scalar(store, flow, "from_port", store_printf(store, "%u", seen->caller_port));
	}
	put_duration(drawing, flow, "at", seen->first_ns - start_ns);
	if (rounds > 1)
		doc_scalar(store, flow, "rounds",
			   store_printf(store, "%llu", (unsigned long long)(rounds > 1000000 ? 1000000 : rounds)));
	put_size(drawing, flow, "send", seen->up_bytes / rounds, 1, most);
	if (seen->protocol != 1)
		put_size(drawing, flow, "reply", seen->down_bytes / rounds, 0, most);
	if (seen->pauses > 0 && rounds > 1)
		put_duration(drawing, flow, "pause", seen->pause_ns / (int64_t)(rounds - 1));
	put_end(drawing, flow, seen);
}

/* ---- what could not be used ---- */

static void note_count(struct import *import, uint64_t n, const char *what)
{
	if (n > 0)
		note(import, SEVERITY_MAY, NULL, "%llu packet%s: %s", (unsigned long long)n, n == 1 ? "" : "s", what);
}

static void note_counts(struct import *import, const struct flow_table *table)
{
	note_count(import, table->not_ip, "neither IPv4 nor IPv6");
	note_count(import, table->ipv6, "IPv6");
	note_count(import, table->other_protocol, "neither TCP nor UDP nor ICMP");
	note_count(import, table->icmp_other, "ICMP that is no echo");
	note_count(import, table->fragments, "later fragments, whose bytes the first one's flow lacks");
	note_count(import, table->not_unicast, "to or from an address that is no host's");
	note_count(import, table->cut_short, "cut before the ports, or damaged");
	note_count(import, table->bad_link, "of a link layer that is not known");
	note_count(import, table->earlier,
		   "earlier than those before them: `reordercap IN OUT` puts a capture in order");
	note_count(import, table->elsewhere,
		   "datagrams or echoes at another interface of the file than their flow's first: taken for the same");
	note_count(import, table->too_many, "of flows beyond the first 50000");
}

/* By their beginnings; of one instant as they were seen. */
static int by_start(const void *a, const void *b)
{
	const struct seen_flow *x = *(const struct seen_flow *const *)a, *y = *(const struct seen_flow *const *)b;
	if (x->first_ns != y->first_ns)
		return x->first_ns < y->first_ns ? -1 : 1;
	return x < y ? -1 : x > y;
}

int capture_map(struct import *import, const struct flow_table *table, const struct prefix *inside, size_t n_inside)
{
	struct drawing drawing = {.map = {.import = import, .store = &import->store, .next_public = 11},
				  .inside = inside,
				  .n_inside = n_inside};
	int64_t start_ns = INT64_MAX;
	size_t number = 0;
	map_begin(&drawing.map);
	drawing.map.flows->lead = "\n# What was seen: sizes are those of an average round.\n";
	gather_hosts(&drawing, table);
	for (size_t i = 0; i < drawing.n_hosts; i++)
		put_host(&drawing, &drawing.hosts[i]);
	for (size_t i = 1; i < table->n; i++)
		start_ns = table->flows[i].first_ns < start_ns ? table->flows[i].first_ns : start_ns;
	const struct seen_flow **order = store_array(drawing.map.store, table->n, sizeof *order);
	for (size_t i = 1; order && i < table->n; i++)
		order[i - 1] = &table->flows[i];
	if (order && table->n > 2)
		qsort(order, table->n - 1, sizeof *order, by_start);
	for (size_t i = 1; order && i < table->n; i++)
		put_flow(&drawing, order[i - 1], ++number, start_ns);
	if (drawing.site_prefixes && !drawing.vnet_space) /* a site joins no network then */
		doc_get(doc_get(drawing.map.sites, "elsewhere"), "gateway")->dropped = true;
	note_counts(import, table);
	return map_end(&drawing.map);
}
