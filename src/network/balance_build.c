/* DOC: from the model to what balancers decide by: the rules of a VIP and of each frontend, whose machines they have, by
 * which frontend a machine's calls leave, and which ports are whose. */
#include "model/snat_ports.h"
#include "network/balance.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PORTS_OF_A_RULE 8u /* aligned, of an address's: load-balancer-outbound-connections */

/* ---- an environment's VIP ---- */

/* Two rules: FTP needs the front end of its control connection for its data connections, too. */
int balance_build_vip(struct world *world, uint32_t index)
{
	struct translator *translator = &world->translators[index];
	const struct ase_config *ase = &world->model->ases[translator->owner];
	struct balance *balance = arena_alloc(world->arena, sizeof *balance);
	struct balancing *rules = arena_array(world->arena, 2, sizeof *rules);
	struct backend *backends = arena_array(world->arena, ase->front_ends, sizeof *backends);
	if (!balance || !rules || !backends)
		return -ENOMEM;
	for (uint32_t i = 0; i < ase->front_ends; i++)
		backends[i] = (struct backend){
			.machine = machine_number(world, element_front_end(world->model, translator->owner, i)),
			.is_in = true,
			.since = INSTANT_NEVER};
	rules[0] = (struct balancing){.name = "load-balancer",
				      .by_power = true,
				      .backends = backends,
				      .n_backends = ase->front_ends,
				      .all_out = INSTANT_NEVER,
				      .place = ase->place};
	rules[1] = rules[0];
	rules[1].affinity = AFFINITY_SOURCE_DESTINATION;
	*balance = (struct balance){.rules = rules, .n_rules = 2, .armed = INSTANT_NEVER};
	translator->balance = balance;
	return flows_new(&ase->idle_ns, 1, &translator->flows);
}

/* ---- rules of a frontend ---- */

static void fill_backends(struct world *world, struct balancing *rule, const uint32_t *hosts, size_t n)
{
	rule->backends = arena_array(world->arena, n, sizeof *rule->backends);
	if (!rule->backends) {
		world_fail(world, -ENOMEM);
		return;
	}
	for (size_t i = 0; i < n; i++)
		rule->backends[i] =
			(struct backend){.machine = machine_number(world, world->model->elements->host[hosts[i]]),
					 .answers = true,
					 .is_in = true,
					 .since = INSTANT_NEVER};
	rule->n_backends = (uint32_t)n;
}

static struct balancing rule_of(const struct model *model, const struct balancing_config *config)
{
	struct balancing rule = {.name = config->name,
				 .all_ports = config->all_ports,
				 .floating = config->floating,
				 .resets = config->reset,
				 .proto = config->proto,
				 .port = config->port,
				 .to = config->to,
				 .affinity = config->affinity,
				 .all_out = INSTANT_NEVER,
				 .place = config->place};
	if (config->probe != NONE) {
		rule.every_ns = model->probes[config->probe].every_ns;
		rule.count = model->probes[config->probe].count;
		rule.probe_port = model->probes[config->probe].port;
	}
	return rule;
}

static struct balancing rule_of_inbound_nat(const struct inbound_nat_config *config)
{
	return (struct balancing){.name = config->name,
				  .resets = config->reset,
				  .proto = config->proto,
				  .port = config->port,
				  .to = config->to,
				  .all_out = INSTANT_NEVER,
				  .place = config->place};
}

static int build_rules(struct world *world, struct translator *translator, uint32_t frontend)
{
	const struct model *model = world->model;
	const struct balancer_config *config = &model->balancers[model->frontends[frontend].balancer];
	size_t most = config->n_rules + config->n_inbound_nat;
	struct balance *balance = arena_alloc(world->arena, sizeof *balance);
	struct balancing *rules = arena_array(world->arena, most, sizeof *rules);
	int64_t *idle_ns = arena_array(world->arena, most + 1, sizeof *idle_ns);
	if (!balance || !rules || !idle_ns)
		return -ENOMEM;
	uint32_t n = 0;
	for (size_t i = 0; i < config->n_rules; i++) {
		if (config->rules[i].frontend != frontend)
			continue;
		const struct pool_config *pool = &model->pools[config->rules[i].pool];
		idle_ns[n] = config->rules[i].idle_ns;
		rules[n] = rule_of(model, &config->rules[i]);
		fill_backends(world, &rules[n++], pool->hosts, pool->n_hosts);
	}
	for (size_t i = 0; i < config->n_inbound_nat; i++) {
		if (config->inbound_nat[i].frontend != frontend)
			continue;
		idle_ns[n] = config->inbound_nat[i].idle_ns;
		rules[n] = rule_of_inbound_nat(&config->inbound_nat[i]);
		fill_backends(world, &rules[n++], &config->inbound_nat[i].host, 1);
	}
	*balance = (struct balance){.rules = rules,
				    .n_rules = n,
				    .is_internal = model->frontends[frontend].is_internal,
				    .is_standard = config->sku == SKU_STANDARD,
				    .seed = world->seed,
				    .armed = INSTANT_NEVER};
	translator->balance = balance;
	int r = flows_new(idle_ns, n > 0 ? n : 1, &translator->flows);
	for (uint32_t i = 0; r == 0 && i < n; i++) {
		rules[i].lane = i;
		world->has_probes |= rules[i].every_ns != 0;
		if (rules[i].resets)
			flows_watch(translator->flows, i);
	}
	return r;
}

/* ---- whose rules a machine stands behind ---- */

static int by_machine(const void *a, const void *b)
{
	const struct membership *x = a, *y = b;
	if (x->machine != y->machine)
		return x->machine < y->machine ? -1 : 1;
	if (x->translator != y->translator)
		return x->translator < y->translator ? -1 : 1;
	return x->rule < y->rule ? -1 : x->rule > y->rule;
}

static bool has_members(const struct translator *translator)
{
	return translator->kind == ELEMENT_FRONTEND || translator->kind == ELEMENT_INTERNAL;
}

/* Both rules of an environment have the same front ends. */
static uint32_t n_member_rules(const struct translator *translator)
{
	return translator->kind == ELEMENT_INTERNAL ? 1 : translator->balance->n_rules;
}

static size_t n_members(const struct world *world)
{
	size_t n = 0;
	for (uint32_t i = 0; i < world->n_translators; i++) {
		const struct translator *translator = &world->translators[i];
		for (uint32_t k = 0; has_members(translator) && k < n_member_rules(translator); k++)
			n += translator->balance->rules[k].n_backends;
	}
	return n;
}

static int build_members(struct world *world)
{
	uint32_t n = 0;
	world->members = arena_array(world->arena, n_members(world), sizeof *world->members);
	if (!world->members)
		return -ENOMEM;
	for (uint32_t i = 0; i < world->n_translators; i++) {
		const struct translator *translator = &world->translators[i];
		for (uint32_t k = 0; has_members(translator) && k < n_member_rules(translator); k++) {
			const struct balancing *rule = &translator->balance->rules[k];
			for (uint32_t b = 0; b < rule->n_backends; b++)
				world->members[n++] = (struct membership){rule->backends[b].machine, i, k};
		}
	}
	if (n > 1)
		qsort(world->members, n, sizeof *world->members, by_machine);
	for (uint32_t i = n; i-- > 0;) {
		struct machine *machine = &world->machines[world->members[i].machine];
		machine->first_member = i;
		machine->n_members++;
	}
	return 0;
}

/* ---- source NAT ---- */

static void reserve_ports(const struct translator *translator)
{
	for (uint32_t i = 0; i < translator->balance->n_rules; i++) {
		const struct balancing *rule = &translator->balance->rules[i];
		uint32_t first = rule->port / PORTS_OF_A_RULE * PORTS_OF_A_RULE;
		for (uint32_t port = first; !rule->all_ports && port < first + PORTS_OF_A_RULE; port++)
			nat_reserve(translator->nat, (uint16_t)port);
	}
}

static int build_blocks(struct world *world, struct translator *translator, const struct frontend_config *frontend)
{
	uint32_t n = frontend->n_machines > 0 ? (uint32_t)frontend->n_machines : 1;
	uint32_t ports = frontend->nat.ports_per_worker;
	ports = ports == NAT_PORTS_AUTO ? azure_snat_ports(n) : ports;
	struct nat_blocks blocks = {.n_owners = n,
				    .block_ports = ports,
				    .root_ports = ports,
				    .n_roots = UINT32_MAX,
				    .around_reserved = true};
	return nat_resize(translator->nat, &blocks, world->now);
}

static uint32_t owner_in(const struct frontend_config *frontend, uint32_t host)
{
	for (uint32_t i = 0; i < frontend->n_machines; i++)
		if (frontend->machines[i] == host)
			return i;
	return NONE;
}

uint32_t balance_owner(const struct world *world, const struct translator *translator, const struct machine *machine)
{
	const struct frontend_config *frontend = &world->model->frontends[translator->owner];
	return frontend->nat_of == NONE || !element_is_vm(machine->kind)
		       ? NONE
		       : owner_in(&world->model->frontends[frontend->nat_of], machine->owner);
}

uint32_t balance_nat_node(const struct world *world, const struct translator *translator)
{
	const struct model *model = world->model;
	return model->elements->frontend[model->frontends[translator->owner].nat_of];
}

static void let_out(struct world *world, uint32_t *egress, const uint32_t *hosts, size_t n, uint8_t proto,
		    uint32_t frontend)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t *by_proto =
			&egress[EGRESS_COUNT * machine_number(world, world->model->elements->host[hosts[i]])];
		if (proto != PROTO_UDP && by_proto[EGRESS_TCP] == NONE)
			by_proto[EGRESS_TCP] = frontend;
		if (proto != PROTO_TCP && by_proto[EGRESS_UDP] == NONE)
			by_proto[EGRESS_UDP] = frontend;
		/* No balancer carries ICMP: whichever it is drops it. */
		if (by_proto[EGRESS_ICMP] == NONE)
			by_proto[EGRESS_ICMP] = frontend;
	}
}

static int build_egress(struct world *world)
{
	const struct model *model = world->model;
	size_t n = (size_t)world->n_machines * EGRESS_COUNT;
	world->egress_by_rule = arena_array(world->arena, n, sizeof *world->egress_by_rule);
	world->egress_automatic = arena_array(world->arena, n, sizeof *world->egress_automatic);
	if (!world->egress_by_rule || !world->egress_automatic)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		world->egress_by_rule[i] = world->egress_automatic[i] = NONE;
	for (size_t i = 0; i < model->n_balancers; i++) {
		const struct balancer_config *balancer = &model->balancers[i];
		for (size_t k = 0; k < balancer->n_outbound; k++) {
			const struct outbound_config *rule = &balancer->outbound[k];
			const struct pool_config *pool = &model->pools[rule->pool];
			let_out(world, world->egress_by_rule, pool->hosts, pool->n_hosts, rule->proto,
				rule->frontends[0]);
		}
		for (size_t k = 0; k < balancer->n_rules; k++) {
			const struct balancing_config *rule = &balancer->rules[k];
			const struct pool_config *pool = &model->pools[rule->pool];
			if (rule->outbound_snat && !model->frontends[rule->frontend].is_internal)
				let_out(world, world->egress_automatic, pool->hosts, pool->n_hosts, rule->proto,
					rule->frontend);
		}
	}
	return 0;
}

/* The frontends of an outbound rule share one NAT, which the first of them has. */
static void share_nat(struct world *world, struct translator *translator)
{
	uint32_t first = world->model->frontends[translator->owner].nat_of;
	if (first == NONE || first == translator->owner)
		return;
	translator->nat = nat_free(translator->nat);
	const struct translator *lender =
		&world->translators[world->nodes[world->model->elements->frontend[first]].index];
	translator->nat = lender->nat;
	translator->nat_place = lender->nat_place;
	translator->borrows_nat = true;
}

static int build_frontend(struct world *world, struct translator *translator)
{
	int r = build_rules(world, translator, translator->owner);
	if (r < 0)
		return r;
	share_nat(world, translator);
	const struct frontend_config *frontend = &world->model->frontends[translator->owner];
	if (frontend->outbound != NONE)
		translator->rule = world->model->balancers[frontend->balancer].outbound[frontend->outbound].name;
	reserve_ports(translator);
	return 0;
}

/* What is open at an environment, at its internal address. */
static int build_internal(struct world *world, uint32_t index)
{
	struct translator *translator = &world->translators[index];
	memcpy(translator->open, translator_at(world, world->model->elements->vip[translator->owner])->open,
	       sizeof translator->open);
	int r = balance_build_vip(world, index);
	if (r < 0)
		return r;
	translator->balance->is_internal = true;
	translator->balance->seed = world->seed;
	return 0;
}

int balance_build(struct world *world)
{
	int r = 0;
	bool any = world->model->n_balancers > 0;
	for (uint32_t i = 0; r == 0 && i < world->n_translators; i++)
		if (world->translators[i].kind == ELEMENT_INTERNAL) {
			any = true;
			r = build_internal(world, i);
		}
	if (!any || r < 0)
		return r;
	for (uint32_t i = 0; r == 0 && i < world->n_translators; i++)
		if (world->translators[i].kind == ELEMENT_FRONTEND)
			r = build_frontend(world, &world->translators[i]);
	for (uint32_t i = 0; r == 0 && i < world->n_translators; i++) {
		struct translator *translator = &world->translators[i];
		if (translator->kind == ELEMENT_FRONTEND && world->model->frontends[translator->owner].translates)
			r = build_blocks(world, translator, &world->model->frontends[translator->owner]);
	}
	r = r == 0 ? build_members(world) : r;
	return r == 0 ? build_egress(world) : r;
}
