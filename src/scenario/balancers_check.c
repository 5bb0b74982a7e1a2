/* DOC: what does not go together in a load balancer, each at its place; and whose calls leave by which frontend, with the
 * NAT's rules of each. An outbound rule's first frontend has the NAT of all its frontends; a public frontend of balancing
 * rules has one of its own, for the machines of their pools, in the order of the file. */
#include "model/defaults.h"
#include "model/snat_ports.h"
#include "scenario/balancers.h"
#include <string.h>

struct check {
	struct decoder *d;
	struct balancer_config *balancer;
};

static struct place place_in(const struct check *check, const char *list, struct place item, const char *key)
{
	const struct tree *node = balancer_rule_node(check->d, check->balancer, list, item);
	return node && tree_get(node, key) ? tree_get(node, key)->place : item;
}

static struct frontend_config *frontend_at(const struct check *check, uint32_t frontend)
{
	return &check->d->model->frontends[frontend];
}

/* ---- names ---- */

static const char *name_of(const struct balancer_config *balancer, size_t i, struct place *ret_place)
{
	if (i < balancer->n_rules) {
		*ret_place = balancer->rules[i].place;
		return balancer->rules[i].name;
	}
	i -= balancer->n_rules;
	if (i < balancer->n_inbound_nat) {
		*ret_place = balancer->inbound_nat[i].place;
		return balancer->inbound_nat[i].name;
	}
	i -= balancer->n_inbound_nat;
	*ret_place = balancer->outbound[i].place;
	return balancer->outbound[i].name;
}

static void check_names(const struct check *check)
{
	const struct balancer_config *balancer = check->balancer;
	size_t n = balancer->n_rules + balancer->n_inbound_nat + balancer->n_outbound;
	for (size_t i = 0; i < n; i++) {
		struct place place, other;
		const char *name = name_of(balancer, i, &place);
		if (*name)
			check_azure_name(check->d, name, place);
		for (size_t k = 0; k < i; k++)
			if (*name && strcmp(name, name_of(balancer, k, &other)) == 0) {
				diag_error(check->d->diags, place, "give each rule of a balancer a name of its own",
					   "two rules of balancer `%s` are called `%s`", balancer->name, name);
				break;
			}
	}
}

/* ---- ports of frontends ---- */

/* A port of a frontend that a rule takes. */
struct port_use {
	uint32_t frontend;
	bool all_ports;
	uint16_t port;
	uint8_t proto;
	const char *name, *list;
	struct place place;
};

static bool use_at(const struct balancer_config *balancer, size_t i, struct port_use *ret)
{
	if (i < balancer->n_rules) {
		const struct balancing_config *rule = &balancer->rules[i];
		*ret = (struct port_use){rule->frontend, rule->all_ports, rule->port, rule->proto,
					 rule->name,     "rules",         rule->place};
		return true;
	}
	i -= balancer->n_rules;
	if (i >= balancer->n_inbound_nat)
		return false;
	const struct inbound_nat_config *rule = &balancer->inbound_nat[i];
	*ret = (struct port_use){rule->frontend, false,         rule->port, rule->proto,
				 rule->name,     "inbound_nat", rule->place};
	return true;
}

/* HA ports are all of a frontend's (load-balancer-ha-ports-overview). */
static void ports_clash(const struct check *check, const struct port_use *use, const struct port_use *other)
{
	const struct port_use *all = use->all_ports ? use : other, *one = use->all_ports ? other : use;
	diag_error(check->d->diags, place_in(check, use->list, use->place, "port"),
		   "give one of the two another frontend",
		   "rule `%s` has all ports of frontend `%s`: rule `%s` has none", all->name,
		   frontend_at(check, use->frontend)->name, one->name);
}

static void check_ports(const struct check *check)
{
	struct port_use use, other;
	for (size_t i = 0; use_at(check->balancer, i, &use); i++)
		for (size_t k = 0; use.frontend != NONE && k < i && use_at(check->balancer, k, &other); k++) {
			if (other.frontend != use.frontend)
				continue;
			if (other.all_ports != use.all_ports) {
				ports_clash(check, &use, &other);
				break;
			}
			if (other.port != use.port || other.proto != use.proto)
				continue;
			diag_error(check->d->diags, place_in(check, use.list, use.place, "port"),
				   arena_printf(check->d->arena, "rule `%s` has it; use another port or frontend",
						other.name),
				   "rule `%s`: frontend `%s` has a rule for this port already", use.name,
				   frontend_at(check, use.frontend)->name);
			break;
		}
}

/* Aligned eights of an address's ports that its rules take. */
static uint32_t ports_of_rules(const struct check *check, uint32_t frontend)
{
	uint32_t n = 0;
	struct port_use use, other;
	for (size_t i = 0; use_at(check->balancer, i, &use); i++) {
		bool counts = use.frontend == frontend && !use.all_ports;
		for (size_t k = 0; counts && k < i && use_at(check->balancer, k, &other); k++)
			counts = other.frontend != frontend || other.all_ports || other.port / 8 != use.port / 8;
		n += counts;
	}
	return 8 * n;
}

/* ---- rules ---- */

static void no_reset_at_basic(const struct check *check, bool reset, const char *list, struct place place)
{
	if (reset && check->balancer->sku == SKU_BASIC)
		diag_error(check->d->diags, place_in(check, list, place, "reset"),
			   "leave `reset` out, or make it `sku: standard`", "a basic balancer sends no resets");
}

static void check_all_ports(const struct check *check, const struct balancing_config *rule)
{
	struct place place = place_in(check, "rules", rule->place, "port");
	const struct tree *node = balancer_rule_node(check->d, check->balancer, "rules", rule->place);
	if (check->balancer->sku == SKU_BASIC)
		diag_error(check->d->diags, place, "name the port, or make it `sku: standard`",
			   "a basic balancer has no HA ports");
	else if (!frontend_at(check, rule->frontend)->is_internal)
		diag_error(check->d->diags, place, "name the port, such as 443/tcp, or use an internal frontend",
			   "HA ports are for internal frontends; `%s` is public",
			   frontend_at(check, rule->frontend)->name);
	if (decode_has(node, "to"))
		diag_error(check->d->diags, place_in(check, "rules", rule->place, "to"), "leave it out",
			   "an HA-ports rule keeps the port");
}

static void check_rules(const struct check *check)
{
	struct balancer_config *balancer = check->balancer;
	for (size_t i = 0; i < balancer->n_rules; i++) {
		const struct balancing_config *rule = &balancer->rules[i];
		no_reset_at_basic(check, rule->reset, "rules", rule->place);
		if (rule->frontend == NONE)
			continue;
		if (rule->all_ports)
			check_all_ports(check, rule);
	}
	for (size_t i = 0; i < balancer->n_inbound_nat; i++)
		no_reset_at_basic(check, balancer->inbound_nat[i].reset, "inbound_nat", balancer->inbound_nat[i].place);
}

/* All machines and internal frontends of a balancer stand in one network: that is the balancer's. */
static void take_network(const struct check *check, uint32_t subnet, const char *name, struct place place)
{
	const struct model *model = check->d->model;
	struct balancer_config *balancer = check->balancer;
	if (subnet == NONE)
		return;
	uint32_t vnet = model->subnets[subnet].vnet;
	if (balancer->vnet != NONE && balancer->vnet != vnet)
		diag_error(check->d->diags, place, "make a balancer for each network",
			   "`%s` stands in VNet `%s`, other parts of balancer `%s` in `%s`", name,
			   model->vnets[vnet].name, balancer->name, model->vnets[balancer->vnet].name);
	else
		balancer->vnet = vnet;
}

static void check_networks(const struct check *check)
{
	const struct model *model = check->d->model;
	struct balancer_config *balancer = check->balancer;
	balancer->vnet = NONE;
	for (size_t i = 0; i < balancer->n_pools; i++)
		for (size_t k = 0; k < balancer->pools[i].n_hosts; k++) {
			const struct host_config *host = &model->hosts[balancer->pools[i].hosts[k]];
			take_network(check, host->subnet, host->name, balancer->pools[i].place);
		}
	for (size_t i = 0; i < balancer->n_frontends; i++)
		take_network(check, balancer->frontends[i].subnet, balancer->frontends[i].name,
			     balancer->frontends[i].place);
	for (size_t i = 0; i < balancer->n_inbound_nat; i++) {
		const struct inbound_nat_config *rule = &balancer->inbound_nat[i];
		const struct host_config *host = rule->host == NONE ? NULL : &model->hosts[rule->host];
		if (host && host->kind != HOST_VM)
			diag_error(check->d->diags, place_in(check, "inbound_nat", rule->place, "to"),
				   "name a machine in a VNet", "`%s` is no machine of a virtual network", host->name);
		else if (host)
			take_network(check, host->subnet, host->name,
				     place_in(check, "inbound_nat", rule->place, "to"));
	}
	balancer->region = balancer->vnet == NONE ? 0 : model->vnets[balancer->vnet].region;
}

/* ---- source NAT ---- */

static void rules_of_nat(const struct check *check, struct frontend_config *frontend, struct place place)
{
	decode_nat(check->d, NULL, place, NAT_PROFILE_AZURE, &frontend->nat);
	frontend->nat.port_last = (uint16_t)(frontend->nat.port_first + BALANCER_PORTS - 1);
	frontend->translates = true;
}

/* Ports of each of n machines, as the NAT gives them. */
static uint32_t ports_each(uint32_t ports_per_machine, size_t n_machines)
{
	return ports_per_machine == NAT_PORTS_AUTO ? azure_snat_ports((uint32_t)n_machines) : ports_per_machine;
}

static void check_room(const struct check *check, const struct outbound_config *rule, size_t n_machines)
{
	uint64_t room = 0, n_blocks = 0;
	uint32_t ports = ports_each(rule->ports_per_machine, n_machines);
	for (size_t i = 0; i < rule->n_frontends; i++) {
		room += BALANCER_PORTS - ports_of_rules(check, rule->frontends[i]);
		n_blocks += BALANCER_PORTS / ports;
	}
	struct place place = place_in(check, "outbound", rule->place, "ports_per_machine");
	if ((uint64_t)ports * n_machines > room)
		diag_error(check->d->diags, place, "give fewer `ports_per_machine`, or more frontends",
			   "%zu machines with %u ports each do not fit into %llu ports of %zu address%s", n_machines,
			   ports, (unsigned long long)room, rule->n_frontends, rule->n_frontends == 1 ? "" : "es");
	else if (n_blocks < n_machines)
		diag_error(check->d->diags, place, "give fewer `ports_per_machine`, or more frontends",
			   "a machine's %u ports are of one address, and %zu address%s have room for %llu machines",
			   ports, rule->n_frontends, rule->n_frontends == 1 ? "" : "es", (unsigned long long)n_blocks);
}

static bool is_shared_with(const struct check *check, const struct outbound_config *rule, uint32_t frontend,
			   const struct outbound_config **ret)
{
	for (size_t i = 0; i < check->balancer->n_outbound; i++) {
		const struct outbound_config *other = &check->balancer->outbound[i];
		for (size_t k = 0; other < rule && k < other->n_frontends; k++)
			if (other->frontends[k] == frontend) {
				*ret = other;
				return true;
			}
	}
	return false;
}

static bool check_frontends(const struct check *check, const struct outbound_config *rule)
{
	bool sound = rule->n_frontends > 0;
	struct place place = place_in(check, "outbound", rule->place, "frontends");
	for (size_t i = 0; i < rule->n_frontends; i++) {
		const struct frontend_config *frontend = frontend_at(check, rule->frontends[i]);
		const struct outbound_config *other;
		for (size_t k = 0; k < i; k++)
			if (rule->frontends[k] == rule->frontends[i]) {
				diag_error(check->d->diags, place, "remove one of the two", "`%s` stands here twice",
					   frontend->name);
				sound = false;
			}
		if (frontend->is_internal)
			diag_error(check->d->diags, place, "name public frontends",
				   "frontend `%s` is internal: no call to the Internet leaves by it", frontend->name);
		else if (is_shared_with(check, rule, rule->frontends[i], &other))
			diag_error(check->d->diags, place, "give each outbound rule frontends of its own",
				   "outbound rule `%s` has frontend `%s` already", other->name, frontend->name);
		else
			continue;
		sound = false;
	}
	if (rule->n_frontends > NAT_MAX_ADDRESSES) {
		diag_error(check->d->diags, place, "leave some out", "an outbound rule has at most %u frontends",
			   NAT_MAX_ADDRESSES);
		sound = false;
	}
	return sound;
}

static void take_outbound(const struct check *check, uint32_t index)
{
	struct outbound_config *rule = &check->balancer->outbound[index];
	if (check->balancer->sku == SKU_BASIC)
		diag_error(check->d->diags, rule->place,
			   "leave `outbound` out: a basic balancer translates by its balancing rules; or make it `sku: "
			   "standard`",
			   "a basic balancer has no outbound rules");
	if (!check_frontends(check, rule) || rule->pool == NONE)
		return;
	struct frontend_config *first = frontend_at(check, rule->frontends[0]);
	const struct pool_config *pool = &check->d->model->pools[rule->pool];
	be32 *addresses = decode_array(check->d, rule->n_frontends, sizeof *addresses);
	for (size_t i = 0; addresses && i < rule->n_frontends; i++) {
		addresses[i] = frontend_at(check, rule->frontends[i])->addr;
		frontend_at(check, rule->frontends[i])->outbound = index;
		frontend_at(check, rule->frontends[i])->nat_of = rule->frontends[0];
	}
	rules_of_nat(check, first, rule->place);
	first->nat.addresses = addresses;
	first->nat.n_addresses = addresses ? (uint32_t)rule->n_frontends : 0;
	first->nat.ports_per_worker = rule->ports_per_machine;
	first->nat.tcp_idle_ns = first->nat.tcp_opening_ns = rule->idle_ns;
	first->nat.udp_idle_ns = first->nat.udp_stream_ns = rule->idle_ns;
	first->nat.reset_on_idle = rule->reset;
	first->machines = pool->hosts;
	first->n_machines = pool->n_hosts;
	check_room(check, rule, pool->n_hosts);
}

static void add_machines(const struct check *check, struct frontend_config *frontend, const struct pool_config *pool)
{
	uint32_t *machines = decode_array(check->d, frontend->n_machines + pool->n_hosts, sizeof *machines);
	if (!machines)
		return;
	if (frontend->n_machines > 0)
		memcpy(machines, frontend->machines, frontend->n_machines * sizeof *machines);
	for (size_t i = 0; i < pool->n_hosts; i++) {
		bool there = false;
		for (size_t k = 0; k < frontend->n_machines; k++)
			there |= machines[k] == pool->hosts[i];
		if (!there)
			machines[frontend->n_machines++] = pool->hosts[i];
	}
	frontend->machines = machines;
}

static void take_automatic(const struct check *check, const struct balancing_config *rule)
{
	struct frontend_config *frontend = rule->frontend == NONE ? NULL : frontend_at(check, rule->frontend);
	if (!frontend || frontend->is_internal || !rule->outbound_snat || rule->pool == NONE)
		return;
	if (frontend->outbound != NONE) {
		diag_error(check->d->diags, place_in(check, "rules", rule->place, "frontend"),
			   "give the balancing rule `outbound_snat: false`, or the outbound rule another frontend",
			   "outbound rule `%s` has frontend `%s`: a balancing rule cannot translate calls there, too",
			   check->balancer->outbound[frontend->outbound].name, frontend->name);
		return;
	}
	if (!frontend->translates) {
		be32 *address = decode_array(check->d, 1, sizeof *address);
		rules_of_nat(check, frontend, rule->place);
		if (address)
			*address = frontend->addr;
		frontend->nat.addresses = address;
		frontend->nat.n_addresses = address ? 1 : 0;
		frontend->nat_of = rule->frontend;
	}
	add_machines(check, frontend, &check->d->model->pools[rule->pool]);
}

void check_balancer(struct decoder *d, struct balancer_config *balancer)
{
	const struct check check = {d, balancer};
	check_names(&check);
	check_networks(&check);
	check_ports(&check);
	check_rules(&check);
	for (uint32_t i = 0; i < balancer->n_outbound; i++)
		take_outbound(&check, i);
	for (size_t i = 0; i < balancer->n_rules; i++)
		take_automatic(&check, &balancer->rules[i]);
}
