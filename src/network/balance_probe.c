/* DOC: health probes. What a probe finds depends on the network alone (groups, machines that are stopped, listeners), and
 * that changes with the timeline's events alone. So no probe is an event: it is asked once after each change what probes
 * find from then on, and a machine's state at an instant follows from how many probes there were by then. Probes keep no
 * run alive, are in no capture and refresh no record.
 *
 * Probes of a rule are at 0 s, `every`, 2 * `every`, ... (load-balancer-custom-probe-overview). An event of the timeline
 * comes before a probe of the same instant. `count` that differ from a machine's state in a row change it. */
#include "network/balance.h"

/* ---- arithmetic ---- */

/* Probes before this instant. */
static int64_t probes_before(const struct balancing *rule, struct instant at)
{
	return at.ns <= 0 ? 0 : (at.ns - 1) / rule->every_ns + 1;
}

static struct instant probe_at(const struct balancing *rule, int64_t number)
{
	return (struct instant){number * rule->every_ns};
}

/* When the machine's state turns, if nothing changes; NEVER. */
static struct instant turns_at(const struct balancing *rule, const struct backend *backend)
{
	if (backend->answers == backend->is_in)
		return INSTANT_NEVER;
	uint32_t more = rule->count > backend->n_run ? rule->count - backend->n_run : 1;
	return probe_at(rule, probes_before(rule, rule->synced) + more - 1);
}

static bool is_in_at(const struct balancing *rule, const struct backend *backend, struct instant at)
{
	return instant_before(at, turns_at(rule, backend)) ? backend->is_in : backend->answers;
}

bool balance_is_in(const struct world *world, const struct balancing *rule, uint32_t backend)
{
	if (rule->every_ns == 0)
		return !rule->by_power || world->machines[rule->backends[backend].machine].up;
	return is_in_at(rule, &rule->backends[backend], world->now);
}

struct instant balance_since(const struct world *world, const struct balancing *rule, uint32_t backend)
{
	const struct backend *of = &rule->backends[backend];
	if (rule->every_ns == 0 || is_in_at(rule, of, world->now) == of->is_in)
		return of->since;
	return turns_at(rule, of);
}

/* The last instant up to this one at which all machines were out; NEVER: there was none. */
static struct instant all_out_until(const struct balancing *rule, struct instant at)
{
	bool were_out = rule->n_backends > 0, are_out = rule->n_backends > 0;
	struct instant first_back = INSTANT_NEVER;
	for (uint32_t i = 0; i < rule->n_backends; i++) {
		const struct backend *backend = &rule->backends[i];
		were_out &= !backend->is_in;
		are_out &= !is_in_at(rule, backend, at);
		if (!backend->is_in)
			first_back = instant_min(first_back, turns_at(rule, backend));
	}
	return are_out ? at : were_out ? first_back : rule->all_out;
}

/* ---- flows ---- */

bool balance_keeps(const struct world *world, const struct balance *balance, const struct balancing *rule,
		   const struct balanced_flow *flow)
{
	if (rule->every_ns == 0)
		return !rule->by_power || world->machines[flow->backend].up;
	struct instant all_out = all_out_until(rule, world->now);
	bool ended = !instant_is_never(all_out) && !instant_before(all_out, flow->last_used);
	bool tcp = flow->arriving.proto == PROTO_TCP;
	if (ended && !(tcp && balance->is_standard && rule->n_backends > 1))
		return false;
	if (tcp)
		return true;
	for (uint32_t i = 0; i < rule->n_backends; i++)
		if (rule->backends[i].machine == flow->backend)
			return balance_is_in(world, rule, i);
	return false;
}

/* ---- before and after a change of the network ---- */

static void count_probes(struct balancing *rule, struct backend *backend, struct instant until)
{
	int64_t n = probes_before(rule, until) - probes_before(rule, rule->synced);
	bool is_in = is_in_at(rule, backend, (struct instant){until.ns - 1});
	if (n == 0)
		return;
	if (is_in != backend->is_in)
		backend->since = turns_at(rule, backend);
	backend->n_run = is_in != backend->answers ? backend->n_run + (uint32_t)n : 0;
	backend->is_in = is_in;
}

static void sync_rule(const struct world *world, struct balancing *rule)
{
	struct instant before = {world->now.ns - 1};
	if (!instant_before(rule->synced, world->now))
		return;
	rule->all_out = all_out_until(rule, before);
	for (uint32_t i = 0; i < rule->n_backends; i++)
		count_probes(rule, &rule->backends[i], world->now);
	rule->synced = world->now;
}

static struct tuple probe_of(const struct balancing *rule, const struct machine *machine)
{
	return (struct tuple){be32_from(AZURE_DNS_ADDR), machine->addr, be16_from(EPHEMERAL_FIRST),
			      be16_from(rule->probe_port), PROTO_TCP};
}

void balance_probe_fate(const struct world *world, const struct balancing *rule, uint32_t machine,
			struct world_fate *ret)
{
	const struct machine *probed = &world->machines[machine];
	const struct tuple tuple = probe_of(rule, probed);
	struct trial trial = {0};
	fate_walk(world, (struct leg){PASSAGE_NIC_IN, probed->node, NONE}, &tuple, false, &trial, NULL, NULL, ret);
}

static bool is_answered(const struct world *world, const struct balancing *rule, uint32_t machine_index)
{
	const struct machine *machine = &world->machines[machine_index];
	const struct tuple tuple = probe_of(rule, machine);
	struct world_fate fate;
	struct trial trial;
	fate_from(world, (struct leg){PASSAGE_NIC_IN, machine->node, NONE}, &tuple, &trial, &fate);
	return fate.verdict.reason == REASON_NONE;
}

static void each_probed(struct world *world, void (*visit)(const struct world *world, struct balancing *rule))
{
	for (uint32_t i = 0; world->has_probes && i < world->n_translators; i++) {
		struct balance *balance = world->translators[i].balance;
		for (uint32_t k = 0; balance && k < balance->n_rules; k++)
			if (balance->rules[k].every_ns != 0)
				visit(world, &balance->rules[k]);
	}
}

static void ask_rule(const struct world *world, struct balancing *rule)
{
	for (uint32_t i = 0; i < rule->n_backends; i++)
		rule->backends[i].answers = is_answered(world, rule, rule->backends[i].machine);
}

void balance_sync(struct world *world)
{
	each_probed(world, sync_rule);
}

void balance_probe(struct world *world)
{
	each_probed(world, ask_rule);
}
