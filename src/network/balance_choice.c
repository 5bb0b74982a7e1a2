/* DOC: which machine behind a balancer a flow is for. The choice is a function of the flow and the scenario's seed
 * (docs/model.md, "The choice of a machine"):
 *
 *   1. the key: five-tuple; or source and destination address; or these and the protocol
 *   2. h = join(join(join(addresses, rest), name), seed), with SplitMix64's finaliser in join() (base/random.h)
 *   3. machine number h * n / 2^64 of the pool; where that one is out, others in an order that h gives
 *
 * So who else calls makes no difference, and a machine that is taken out moves the flows that it would have had, alone.
 * At an HA-ports rule both directions have one key: the smaller end comes first. The VIP of an environment leaves out the
 * seed. */
#include "model/defaults.h"
#include "network/balance.h"

/* ---- rules ---- */

/* Its rules are an environment's: the ports that are open there. */
static bool is_environments(const struct translator *translator)
{
	return translator->kind == ELEMENT_VIP || translator->kind == ELEMENT_INTERNAL;
}

/* An environment with an internal address serves its apps there, and management alone at its VIP. */
static const struct balancing *rule_of_vip(const struct world *world, const struct translator *translator,
					   const struct tuple *arriving)
{
	uint16_t port = be16_to(arriving->dst_port);
	bool is_split = world->model->ases[translator->owner].internal.raw != 0;
	bool is_managements = port >= DEFAULT_MANAGEMENT_FIRST && port <= DEFAULT_MANAGEMENT_LAST;
	if (!vip_port_is_open(translator, arriving->proto, port) ||
	    (is_split && is_managements == (translator->kind == ELEMENT_INTERNAL)))
		return NULL;
	bool ftp = port == DEFAULT_FTP_PORT || (port >= DEFAULT_PASSIVE_FIRST && port <= DEFAULT_PASSIVE_LAST);
	return &translator->balance->rules[ftp];
}

const struct balancing *balance_rule(const struct world *world, const struct translator *translator,
				     const struct tuple *arriving)
{
	const struct balance *balance = translator->balance;
	const struct balancing *all = NULL;
	bool own = be32_equal(arriving->dst, translator->addr);
	if (is_environments(translator))
		return own ? rule_of_vip(world, translator, arriving) : NULL;
	if (arriving->proto != PROTO_TCP && arriving->proto != PROTO_UDP)
		return NULL;
	for (uint32_t i = 0; balance && i < balance->n_rules; i++) {
		const struct balancing *rule = &balance->rules[i];
		if (rule->all_ports)
			all = rule;
		else if (own && rule->port == be16_to(arriving->dst_port) && rule->proto == arriving->proto)
			return rule;
	}
	return all;
}

struct tuple balance_key(const struct translator *translator, const struct tuple *arriving)
{
	const struct tuple key = *arriving;
	if (be32_equal(key.dst, translator->addr))
		return key;
	uint64_t src = (uint64_t)be32_to(key.src) << 16 | be16_to(key.src_port),
		 dst = (uint64_t)be32_to(key.dst) << 16 | be16_to(key.dst_port);
	return dst < src ? tuple_reverse(key) : key;
}

/* ---- the choice ---- */

static uint64_t hash_of(const struct world *world, const struct translator *translator, const struct balancing *rule,
			const struct tuple *key)
{
	uint64_t addresses = (uint64_t)be32_to(key->src) << 32 | be32_to(key->dst), rest = 0, hash;
	switch (rule->affinity) {
	case AFFINITY_FIVE_TUPLE:
		rest = (uint64_t)be16_to(key->src_port) << 32 | (uint64_t)be16_to(key->dst_port) << 16 | key->proto;
		break;
	case AFFINITY_SOURCE_DESTINATION:
		break;
	case AFFINITY_SOURCE_DESTINATION_PROTOCOL:
		rest = key->proto;
		break;
	}
	hash = random_join(random_join(addresses, rest), world->nodes[translator->node].identity);
	return translator->kind == ELEMENT_VIP ? hash : random_join(hash, translator->balance->seed);
}

uint32_t balance_choose(const struct world *world, const struct translator *translator, const struct balancing *rule,
			const struct tuple *arriving)
{
	uint32_t n = rule->n_backends;
	if (n == 0)
		return NONE;
	const struct tuple key = balance_key(translator, arriving);
	uint64_t hash = hash_of(world, translator, rule, &key);
	uint32_t chosen = random_below(hash, n);
	for (uint32_t i = 0; i < n && !balance_is_in(world, rule, chosen); i++)
		chosen = (chosen + 1 + random_below(random_mix(hash + i), n)) % n;
	for (uint32_t i = 0; i < n && !balance_is_in(world, rule, chosen); i++)
		chosen = (chosen + 1) % n;
	bool is_in = rule->by_power || balance_is_in(world, rule, chosen);
	return is_in ? rule->backends[chosen].machine : NONE;
}

/* ---- answers ---- */

/* A call that is not sent, but asked about, has left its flow in the trial. */
static bool is_supposed(const struct ask *ask, uint32_t node, const struct tuple *key)
{
	for (uint32_t i = 0; ask->trial && i < ask->trial->n_mappings; i++)
		if (ask->trial->mappings[i].node == node && tuple_equal(&ask->trial->mappings[i].outside, key))
			return true;
	return false;
}

/* Has the machine a flow here, of what it sends with this tuple? */
static bool is_flow_of(const struct ask *ask, const struct machine *machine, const struct membership *member,
		       const struct tuple *sent, struct balanced_answer *ret)
{
	const struct world *world = ask->world;
	const struct translator *translator = &world->translators[member->translator];
	const struct balancing *rule = &translator->balance->rules[member->rule];
	be32 own = rule->floating ? translator->addr : machine->addr;
	bool of_environment = is_environments(translator);
	bool keeps_port = rule->all_ports || of_environment;
	bool is_open = of_environment && vip_port_is_open(translator, sent->proto, be16_to(sent->src_port));
	if (!be32_equal(sent->src, own) || (of_environment && !is_open) ||
	    (!keeps_port && (rule->proto != sent->proto || rule->to != be16_to(sent->src_port))))
		return false;
	*ret = (struct balanced_answer){.translator = member->translator,
					.rule = rule,
					.port = keeps_port ? sent->src_port : be16_from(rule->port)};
	ret->key = (struct tuple){sent->dst, translator->addr, sent->dst_port, ret->port, sent->proto};
	const struct balanced_flow *flow = flows_find(translator->flows, &ret->key, world->now);
	if (flow && flow->backend == (uint32_t)(machine - world->machines) &&
	    balance_keeps(world, translator->balance, rule, flow))
		return true;
	struct tuple outside = tuple_reverse(ret->key);
	return is_supposed(ask, translator->node, &outside);
}

bool balance_is_loopback(const struct world *world, const struct machine *machine, be32 addr)
{
	for (uint32_t i = 0; i < machine->n_members; i++) {
		const struct membership *member = &world->members[machine->first_member + i];
		const struct translator *translator = &world->translators[member->translator];
		if (translator->balance->rules[member->rule].floating && be32_equal(translator->addr, addr))
			return true;
	}
	return false;
}

bool balance_find_answer(const struct ask *ask, const struct machine *machine, struct balanced_answer *ret)
{
	struct tuple sent = packet_tuple(ask->packet), about;
	bool is_error = translate_is_error(ask->packet);
	const struct translator *first =
		&ask->world->translators[ask->world->members[machine->first_member].translator];
	if (is_error) {
		if (translate_error_about(first, ask->packet, &about) != REASON_NONE)
			return false;
		sent = tuple_reverse(about);
	}
	for (uint32_t i = 0; i < machine->n_members; i++)
		if (is_flow_of(ask, machine, &ask->world->members[machine->first_member + i], &sent, ret)) {
			ret->is_error = is_error;
			return true;
		}
	return false;
}
