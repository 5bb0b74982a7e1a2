/* DOC: the section `load_balancers`. Frontends, pools and probes go into arrays of the model that all balancers share, so
 * that rules refer to them by index; rules stay in the order of the file. What does not go together is
 * balancers_check.c's. */
#include "scenario/balancers.h"
#include "scenario/decode.h"
#include <string.h>

static const struct tree *section_of(const struct decoder *d)
{
	return tree_get(tree_get(d->root, "network"), "load_balancers");
}

const struct tree *balancer_node(const struct decoder *d, const struct balancer_config *balancer)
{
	return tree_get(section_of(d), balancer->name);
}

const struct tree *balancer_rule_node(const struct decoder *d, const struct balancer_config *balancer, const char *list,
				      struct place place)
{
	const struct tree *items = tree_get(balancer_node(d, balancer), list);
	for (const struct tree *item = items && items->kind == TREE_LIST ? items->first : NULL; item; item = item->next)
		if (item->place.file == place.file && item->place.line == place.line &&
		    item->place.column == place.column)
			return item;
	return items;
}

/* ---- values of their own shape ---- */

/* "443/tcp"; false where it is none. */
static bool read_service(const char *text, uint16_t *ret_port, uint8_t *ret_proto)
{
	char digits[8] = "";
	const char *slash = strchr(text, '/');
	uint64_t port;
	if (!slash || slash == text || (size_t)(slash - text) >= sizeof digits)
		return false;
	memcpy(digits, text, (size_t)(slash - text));
	bool tcp = strcmp(slash, "/tcp") == 0;
	if ((!tcp && strcmp(slash, "/udp") != 0) || !read_number(digits, UINT16_MAX, &port) || port == 0)
		return false;
	*ret_port = (uint16_t)port;
	*ret_proto = tcp ? PROTO_TCP : PROTO_UDP;
	return true;
}

/* `any` counts where `ret_any` is not NULL. */
static bool decode_service(struct decoder *d, const struct tree *node, enum section section, uint16_t *ret_port,
			   uint8_t *ret_proto, bool *ret_any)
{
	const char *text = decode_text(d, node, section, "port");
	if (!text)
		return false;
	if (ret_any && strcmp(text, "any") == 0) {
		*ret_any = true;
		return true;
	}
	if (read_service(text, ret_port, ret_proto))
		return true;
	diag_error(d->diags, decode_place(node, "port"),
		   ret_any ? "such as 443/tcp or 53/udp; `any` for HA ports" : "such as 443/tcp or 53/udp",
		   "`%s` is not a port with its protocol", text);
	return false;
}

/* "vm-1:22" */
static bool decode_machine_port(struct decoder *d, const struct tree *node, uint32_t *ret_host, uint16_t *ret_port)
{
	const struct model *model = d->model;
	const char *text = decode_text(d, node, SECTION_INBOUND_NAT, "to");
	const char *colon = text ? strrchr(text, ':') : NULL;
	uint64_t port;
	*ret_host = NONE;
	if (!text)
		return false;
	if (!colon || !read_number(colon + 1, UINT16_MAX, &port) || port == 0) {
		diag_error(d->diags, decode_place(node, "to"), "write HOST:PORT, such as \"vm-1:22\"",
			   "`%s` is not a port of a machine", text);
		return false;
	}
	const char *name = arena_strndup(d->arena, text, (size_t)(colon - text));
	*ret_port = (uint16_t)port;
	*ret_host = name ? find_by_name(model->hosts, model->n_hosts, name) : NONE;
	if (name && *ret_host == NONE)
		unknown_name(d, decode_place(node, "to"), "host", name, model->hosts, model->n_hosts,
			     sizeof *model->hosts);
	return *ret_host != NONE;
}

/* An item of one of the balancer's maps, by `key`: its index in the model's array of all. */
static uint32_t decode_own_ref(struct decoder *d, const struct tree *place_node, const char *name, const char *what,
			       const void *own, size_t n, size_t size_bytes, size_t first)
{
	uint32_t index = find_named(own, n, size_bytes, name);
	if (index != NONE)
		return (uint32_t)first + index;
	unknown_name(d, place_node->place, what, name, own, n, size_bytes);
	return NONE;
}

static uint32_t frontend_ref(struct decoder *d, const struct balancer_config *balancer, const struct tree *node,
			     const char *name)
{
	return decode_own_ref(d, node, name, "frontend", balancer->frontends, balancer->n_frontends,
			      sizeof *balancer->frontends, (size_t)(balancer->frontends - d->model->frontends));
}

static uint32_t decode_frontend_ref(struct decoder *d, const struct balancer_config *balancer, const struct tree *node,
				    enum section section)
{
	const char *name = decode_text(d, node, section, "frontend");
	return name ? frontend_ref(d, balancer, tree_get(node, "frontend"), name) : NONE;
}

static uint32_t decode_pool_ref(struct decoder *d, const struct balancer_config *balancer, const struct tree *node,
				enum section section)
{
	const char *name = decode_text(d, node, section, "pool");
	return name ? decode_own_ref(d, tree_get(node, "pool"), name, "pool", balancer->pools, balancer->n_pools,
				     sizeof *balancer->pools, (size_t)(balancer->pools - d->model->pools))
		    : NONE;
}

static uint32_t decode_probe_ref(struct decoder *d, const struct balancer_config *balancer, const struct tree *node)
{
	const char *name = decode_text(d, node, SECTION_BALANCING, "probe");
	return name ? decode_own_ref(d, tree_get(node, "probe"), name, "probe", balancer->probes, balancer->n_probes,
				     sizeof *balancer->probes, (size_t)(balancer->probes - d->model->probes))
		    : NONE;
}

/* ---- frontends, pools, probes ---- */

static void decode_frontend(struct decoder *d, const struct tree *node, uint32_t balancer)
{
	struct frontend_config *frontend = &d->model->frontends[d->model->n_frontends++];
	*frontend = (struct frontend_config){.name = node->key,
					     .balancer = balancer,
					     .subnet = NONE,
					     .outbound = NONE,
					     .nat_of = NONE,
					     .place = node->key_place};
	if (!decode_section(d, node, SECTION_FRONTEND))
		return;
	frontend->subnet = decode_subnet_ref(d, node, SECTION_FRONTEND, "subnet");
	frontend->is_internal = decode_has(node, "subnet");
	(void)decode_address(d, node, SECTION_FRONTEND, "address", &frontend->addr);
	if (!decode_has(node, "address") && !frontend->is_internal)
		diag_error(d->diags, node->key_place,
			   "give a public `address`, or the `subnet: VNET/SUBNET` in which it stands",
			   "frontend `%s` has no address", frontend->name);
}

static void decode_pool(struct decoder *d, const struct tree *node, uint32_t balancer)
{
	const struct model *model = d->model;
	struct pool_config *pool = &d->model->pools[d->model->n_pools++];
	size_t n;
	*pool = (struct pool_config){.name = node->key, .balancer = balancer, .place = node->key_place};
	const struct tree **items = decode_list(d, node, "a pool", true, &n);
	pool->hosts = decode_array(d, n, sizeof *pool->hosts);
	bool *is_there = decode_array(d, model->n_hosts, sizeof *is_there);
	for (size_t i = 0; pool->hosts && is_there && i < n; i++) {
		const char *name = decode_shown(items[i]);
		uint32_t host = find_by_name(model->hosts, model->n_hosts, name);
		if (host == NONE) {
			unknown_name(d, items[i]->place, "host", name, model->hosts, model->n_hosts,
				     sizeof *model->hosts);
			continue;
		}
		if (is_there[host])
			diag_error(d->diags, items[i]->place, "remove one of the two", "`%s` stands here twice", name);
		else if (model->hosts[host].kind != HOST_VM)
			diag_error(d->diags, items[i]->place, "name machines in a VNet",
				   "`%s` is no machine of a virtual network: no balancer reaches it", name);
		else
			pool->hosts[pool->n_hosts++] = host;
		is_there[host] = is_there[host] || model->hosts[host].kind == HOST_VM;
	}
}

static void decode_probe(struct decoder *d, const struct tree *node, uint32_t balancer)
{
	struct probe_config *probe = &d->model->probes[d->model->n_probes++];
	int64_t count = 1;
	*probe = (struct probe_config){
		.name = node->key, .balancer = balancer, .proto = PROTO_TCP, .place = node->key_place};
	(void)decode_duration(d, NULL, SECTION_PROBE, "every", &probe->every_ns);
	if (!decode_section(d, node, SECTION_PROBE))
		return;
	if (decode_service(d, node, SECTION_PROBE, &probe->port, &probe->proto, NULL) && probe->proto != PROTO_TCP)
		diag_error(d->diags, decode_place(node, "port"), "probe a TCP port of the machines",
			   "probes are TCP connections; there are none by UDP");
	(void)decode_duration(d, node, SECTION_PROBE, "every", &probe->every_ns);
	(void)decode_int(d, node, SECTION_PROBE, "count", &count);
	probe->count = (uint32_t)count;
}

/* ---- rules ---- */

static void decode_balancing(struct decoder *d, const struct tree *node, struct balancer_config *balancer)
{
	struct balancing_config *rule = &balancer->rules[balancer->n_rules++];
	unsigned affinity = 0;
	int64_t to;
	*rule = (struct balancing_config){
		.name = "", .frontend = NONE, .pool = NONE, .probe = NONE, .outbound_snat = true, .place = node->place};
	(void)decode_duration(d, NULL, SECTION_BALANCING, "idle", &rule->idle_ns);
	if (!decode_section(d, node, SECTION_BALANCING))
		return;
	const char *name = decode_text(d, node, SECTION_BALANCING, "name");
	rule->name = name ? name : "";
	rule->frontend = decode_frontend_ref(d, balancer, node, SECTION_BALANCING);
	rule->pool = decode_pool_ref(d, balancer, node, SECTION_BALANCING);
	rule->probe = decode_probe_ref(d, balancer, node);
	(void)decode_service(d, node, SECTION_BALANCING, &rule->port, &rule->proto, &rule->all_ports);
	rule->to = decode_int(d, node, SECTION_BALANCING, "to", &to) ? (uint16_t)to : rule->port;
	(void)decode_duration(d, node, SECTION_BALANCING, "idle", &rule->idle_ns);
	(void)decode_bool(d, node, SECTION_BALANCING, "reset", &rule->reset);
	(void)decode_enum(d, node, SECTION_BALANCING, "affinity", &affinity);
	rule->affinity = (enum balancer_affinity)affinity;
	(void)decode_bool(d, node, SECTION_BALANCING, "floating", &rule->floating);
	(void)decode_bool(d, node, SECTION_BALANCING, "outbound_snat", &rule->outbound_snat);
}

static void decode_inbound_nat(struct decoder *d, const struct tree *node, struct balancer_config *balancer)
{
	struct inbound_nat_config *rule = &balancer->inbound_nat[balancer->n_inbound_nat++];
	*rule = (struct inbound_nat_config){.name = "", .frontend = NONE, .host = NONE, .place = node->place};
	(void)decode_duration(d, NULL, SECTION_INBOUND_NAT, "idle", &rule->idle_ns);
	if (!decode_section(d, node, SECTION_INBOUND_NAT))
		return;
	const char *name = decode_text(d, node, SECTION_INBOUND_NAT, "name");
	rule->name = name ? name : "";
	rule->frontend = decode_frontend_ref(d, balancer, node, SECTION_INBOUND_NAT);
	(void)decode_service(d, node, SECTION_INBOUND_NAT, &rule->port, &rule->proto, NULL);
	(void)decode_machine_port(d, node, &rule->host, &rule->to);
	(void)decode_duration(d, node, SECTION_INBOUND_NAT, "idle", &rule->idle_ns);
	(void)decode_bool(d, node, SECTION_INBOUND_NAT, "reset", &rule->reset);
}

static void decode_ports_per_machine(struct decoder *d, const struct tree *node, struct outbound_config *rule)
{
	const char *text = decode_text(d, node, SECTION_OUTBOUND, "ports_per_machine");
	uint64_t n;
	rule->ports_per_machine = NAT_PORTS_AUTO;
	if (!text || strcmp(text, "auto") == 0)
		return;
	if (read_number(text, BALANCER_PORTS, &n) && n > 0 && n % 8 == 0)
		rule->ports_per_machine = (uint32_t)n;
	else
		diag_error(d->diags, decode_place(node, "ports_per_machine"), "a multiple of 8 up to 64000, or `auto`",
			   "`%s` is not a value of `ports_per_machine`", text);
}

static void decode_outbound(struct decoder *d, const struct tree *node, struct balancer_config *balancer)
{
	static const uint8_t protos[] = {PROTO_TCP, PROTO_UDP, 0};
	struct outbound_config *rule = &balancer->outbound[balancer->n_outbound++];
	unsigned proto = 2;
	size_t n;
	*rule = (struct outbound_config){.name = "", .pool = NONE, .place = node->place};
	(void)decode_duration(d, NULL, SECTION_OUTBOUND, "idle", &rule->idle_ns);
	if (!decode_section(d, node, SECTION_OUTBOUND))
		return;
	const char *name = decode_text(d, node, SECTION_OUTBOUND, "name");
	rule->name = name ? name : "";
	const struct tree *frontends = tree_get(node, "frontends");
	const struct tree **items = tree_is_null(frontends) ? NULL : decode_some(d, frontends, "`frontends`", &n);
	rule->frontends = decode_array(d, items ? n : 0, sizeof *rule->frontends);
	for (size_t i = 0; items && rule->frontends && i < n; i++) {
		uint32_t frontend = frontend_ref(d, balancer, items[i], decode_shown(items[i]));
		if (frontend != NONE)
			rule->frontends[rule->n_frontends++] = frontend;
	}
	rule->pool = decode_pool_ref(d, balancer, node, SECTION_OUTBOUND);
	decode_ports_per_machine(d, node, rule);
	if (decode_enum(d, node, SECTION_OUTBOUND, "proto", &proto))
		rule->proto = protos[proto];
	(void)decode_duration(d, node, SECTION_OUTBOUND, "idle", &rule->idle_ns);
	(void)decode_bool(d, node, SECTION_OUTBOUND, "reset", &rule->reset);
}

/* ---- a balancer ---- */

/* Which of the section's lists and maps goes where. */
static const struct tree **items_of(struct decoder *d, const struct tree *node, const char *key, size_t *ret_n)
{
	const struct tree *value = tree_get(node, key);
	*ret_n = 0;
	return tree_is_null(value) ? NULL : decode_list(d, value, arena_printf(d->arena, "`%s`", key), false, ret_n);
}

static void decode_maps(struct decoder *d, const struct tree *node, struct balancer_config *balancer, uint32_t index)
{
	struct model *model = d->model;
	size_t n;
	const struct tree **items = decode_map(d, tree_get(node, "frontends"), "frontends", &n);
	balancer->frontends = model->frontends + model->n_frontends;
	balancer->n_frontends = n;
	for (size_t i = 0; i < n; i++)
		decode_frontend(d, items[i], index);
	items = decode_map(d, tree_get(node, "pools"), "pools", &n);
	balancer->pools = model->pools + model->n_pools;
	balancer->n_pools = n;
	for (size_t i = 0; i < n; i++)
		decode_pool(d, items[i], index);
	items = decode_map(d, tree_get(node, "probes"), "probes", &n);
	balancer->probes = model->probes + model->n_probes;
	balancer->n_probes = n;
	for (size_t i = 0; i < n; i++)
		decode_probe(d, items[i], index);
}

static void decode_lists(struct decoder *d, const struct tree *node, struct balancer_config *balancer)
{
	size_t n;
	const struct tree **items = items_of(d, node, "rules", &n);
	balancer->rules = decode_array(d, n, sizeof *balancer->rules);
	for (size_t i = 0; balancer->rules && i < n; i++)
		decode_balancing(d, items[i], balancer);
	items = items_of(d, node, "inbound_nat", &n);
	balancer->inbound_nat = decode_array(d, n, sizeof *balancer->inbound_nat);
	for (size_t i = 0; balancer->inbound_nat && i < n; i++)
		decode_inbound_nat(d, items[i], balancer);
	items = items_of(d, node, "outbound", &n);
	balancer->outbound = decode_array(d, n, sizeof *balancer->outbound);
	for (size_t i = 0; balancer->outbound && i < n; i++)
		decode_outbound(d, items[i], balancer);
}

static void decode_balancer(struct decoder *d, const struct tree *node)
{
	struct model *model = d->model;
	uint32_t index = (uint32_t)model->n_balancers++;
	struct balancer_config *balancer = &model->balancers[index];
	unsigned sku = SKU_STANDARD;
	*balancer = (struct balancer_config){.name = node->key, .place = node->key_place};
	check_reserved(d, balancer->name, balancer->place);
	if (!decode_section(d, node, SECTION_BALANCER))
		return;
	if (decode_enum(d, node, SECTION_BALANCER, "sku", &sku))
		balancer->sku = (enum balancer_sku)sku;
	decode_maps(d, node, balancer, index);
	decode_lists(d, node, balancer);
}

void decode_balancers(struct decoder *d)
{
	struct model *model = d->model;
	size_t n, n_frontends = 0, n_pools = 0, n_probes = 0;
	const struct tree **items = decode_map(d, section_of(d), "load_balancers", &n);
	for (size_t i = 0; i < n; i++) {
		n_frontends += tree_count(items[i], "frontends");
		n_pools += tree_count(items[i], "pools");
		n_probes += tree_count(items[i], "probes");
	}
	model->balancers = decode_array(d, n, sizeof *model->balancers);
	model->frontends = decode_array(d, n_frontends, sizeof *model->frontends);
	model->pools = decode_array(d, n_pools, sizeof *model->pools);
	model->probes = decode_array(d, n_probes, sizeof *model->probes);
	if (!model->balancers || !model->frontends || !model->pools || !model->probes)
		return;
	for (size_t i = 0; i < n; i++)
		decode_balancer(d, items[i]);
	for (size_t i = 0; i < model->n_balancers; i++)
		check_balancer(d, &model->balancers[i]);
}
