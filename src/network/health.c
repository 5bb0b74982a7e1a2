/* DOC: an environment's health (L5): can it reach storage, SQL and management, and can management reach it and be
 * answered? Asked of the driver (fate.c), as packets would meet it, without sending one: security groups, routes,
 * gateways and appliances on the way, a port at each NAT, links, the service itself. All services of a kind must be
 * reachable. Management also calls in, on ports 454 and 455 of the VIP (IN); an environment of v3 has the balancer's probe
 * on port 80 in its place (environment/networking). */
#include "model/defaults.h"
#include "network/drive.h"
#include <errno.h>
#include <stdlib.h>

static uint16_t port_of(enum service_kind service)
{
	return service == SERVICE_SQL ? 1433 : 443;
}

static enum need need_of(enum service_kind service)
{
	switch (service) {
	case SERVICE_STORAGE:
		return NEED_STORAGE;
	case SERVICE_SQL:
		return NEED_SQL;
	case SERVICE_MANAGEMENT:
		return NEED_MANAGEMENT;
	case SERVICE_NONE:
		break;
	}
	return 0;
}

/* Any instance that runs; NONE where none does. */
static uint32_t running(const struct world *world, uint32_t first, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (world->machines[first + i].up)
			return first + i;
	return NONE;
}

/* ---- a call to a service ---- */

static struct world_loss loss_of(const struct world *world, const struct world_fate *fate)
{
	return (struct world_loss){
		.verdict = fate->verdict, .at = world->now, .node = fate->node, .tuple = fate->tuple};
}

static struct world_loss down(const struct world *world, uint32_t node, const char *detail)
{
	struct verdict verdict = {.reason = REASON_HOST_DOWN, .by = world->nodes[node].name, .detail = detail};
	return (struct world_loss){.verdict = verdict, .at = world->now, .node = node};
}

/* By its name, as the environment's network has it. */
static struct world_loss reach(const struct world *world, uint32_t ase, uint32_t from, uint32_t host, uint16_t port)
{
	if (from == NONE)
		return down(world, world->translators[world->ase_translator[ase]].node, "no worker runs");
	const struct machine *worker = &world->machines[from];
	const struct endpoint service = {.kind = ENDPOINT_HOST, .index = host};
	struct tuple tuple = {worker->addr, resolve_endpoint(world, &service, worker), be16_from(worker->next_port),
			      be16_from(port), PROTO_TCP};
	struct world_fate fate;
	struct trial trial;
	fate_from(world, (struct leg){PASSAGE_NIC_OUT, worker->node, NONE}, &tuple, &trial, &fate);
	return loss_of(world, &fate);
}

/* ---- management calls in ---- */

/* The answer has to come from the address that the call was sent to. Where the scenario has no management host, the
 * answer has done its part when it is on the Internet. */
static struct world_loss answered(const struct world *world, const struct world_fate *call, const struct trial *trial,
				  const struct tuple *sent, uint32_t caller)
{
	struct world_fate fate;
	fate_of_answer(world, call->node, &call->tuple, trial, &fate);
	const struct tuple expected = tuple_reverse(*sent);
	bool is_right = tuple_equal(&fate.tuple, &expected);
	if (caller == NONE && fate.node == world->internet_node && is_right)
		fate.verdict = (struct verdict){.by = ""};
	if (fate.verdict.reason == REASON_NONE && !is_right)
		fate.verdict =
			(struct verdict){.reason = REASON_NO_MAPPING,
					 .by = world->nodes[fate.seen_by != NONE ? fate.seen_by : fate.node].name,
					 .detail = "the answer comes from another address than the call was sent to"};
	return loss_of(world, &fate);
}

/* `from`: node of the management host; NONE: one of the addresses that Azure publishes. */
static struct world_loss admit(const struct world *world, uint32_t ase, uint32_t from, be32 addr, uint16_t port)
{
	const struct translator *vip = &world->translators[world->ase_translator[ase]];
	if (running(world, world->first_front_end[ase], world->model->ases[ase].front_ends) == NONE)
		return down(world, vip->node, "no front end runs");
	struct tuple tuple = {addr, vip->addr, be16_from(EPHEMERAL_FIRST), be16_from(port), PROTO_TCP};
	struct leg leg = {from == NONE ? PASSAGE_VIP_IN : PASSAGE_PUBLIC, from == NONE ? vip->node : from, NONE};
	struct world_fate fate;
	struct trial trial;
	fate_from(world, leg, &tuple, &trial, &fate);
	if (fate.verdict.reason == REASON_VIP_PORT_CLOSED)
		fate.verdict.detail = "management needs ports 454 and 455";
	if (fate.verdict.reason != REASON_NONE)
		return loss_of(world, &fate);
	return answered(world, &fate, &trial, &tuple, from);
}

/* ---- all needs ---- */

static size_t place_of(enum need need)
{
	return need == NEED_STORAGE ? 0 : need == NEED_SQL ? 1 : need == NEED_MANAGEMENT ? 2 : 3;
}

/* Of a need for which the scenario has no service nothing is asked; that management may call in is, where `needs` names
 * it. */
static struct world_loss try_management(const struct world *world, uint32_t ase, uint32_t from, be32 addr)
{
	struct world_loss loss = admit(world, ase, from, addr, 454);
	return loss.verdict.reason != REASON_NONE ? loss : admit(world, ase, from, addr, 455);
}

/* ---- the balancer's probe ---- */

/* Azure asks port 80 of the instances, whatever the apps listen on (environment/networking): groups decide. */
static struct world_loss probed(const struct world *world, uint32_t ase)
{
	const struct ase_config *config = &world->model->ases[ase];
	uint32_t machine = running(world, world->first_front_end[ase], config->front_ends);
	if (machine == NONE)
		return down(world, world->translators[world->ase_translator[ase]].node, "no front end runs");
	const struct machine *front_end = &world->machines[machine];
	struct tuple tuple = {be32_from(AZURE_DNS_ADDR), front_end->addr, be16_from(EPHEMERAL_FIRST),
			      be16_from(DEFAULT_HTTP_PORT), PROTO_TCP};
	struct world_fate fate;
	struct trial trial;
	fate_from(world, (struct leg){PASSAGE_NIC_IN, front_end->node, NONE}, &tuple, &trial, &fate);
	if (fate.verdict.reason == REASON_NO_LISTENER)
		fate.verdict = (struct verdict){.by = ""};
	return loss_of(world, &fate);
}

uint32_t world_health(const struct world *world, uint32_t ase, struct world_loss ret_losses[N_NEEDS])
{
	const struct ase_config *config = &world->model->ases[ase];
	uint32_t failing = 0, has = 0, from = running(world, world->first_worker[ase], world->workers[ase]);
	for (uint32_t i = 0; i < world->model->n_hosts; i++) {
		const struct host_config *host = &world->model->hosts[i];
		enum need need = host->kind == HOST_SERVICE ? need_of(host->service) : 0;
		has |= need;
		if (!(config->needs & need) || (failing & need))
			continue;
		struct world_loss loss = reach(world, ase, from, i, port_of(host->service));
		if (need == NEED_MANAGEMENT && loss.verdict.reason == REASON_NONE)
			loss = try_management(world, ase, world->machines[world->host_machine[i]].node, host->addr);
		if (loss.verdict.reason == REASON_NONE)
			continue;
		failing |= need;
		ret_losses[place_of(need)] = loss;
	}
	if ((config->needs & NEED_MANAGEMENT) && !(has & NEED_MANAGEMENT)) {
		size_t n;
		struct world_loss loss =
			try_management(world, ase, NONE, be32_from(default_management_addresses(&n)[0]));
		if (loss.verdict.reason != REASON_NONE) {
			failing |= NEED_MANAGEMENT;
			ret_losses[place_of(NEED_MANAGEMENT)] = loss;
		}
	}
	if (config->needs & NEED_PROBE) {
		struct world_loss loss = probed(world, ase);
		if (loss.verdict.reason != REASON_NONE) {
			failing |= NEED_PROBE;
			ret_losses[place_of(NEED_PROBE)] = loss;
		}
	}
	return failing;
}

/* ---- over time ---- */

static bool same_loss(const struct world_loss *a, const struct world_loss *b)
{
	return a->verdict.reason == b->verdict.reason && a->node == b->node && a->verdict.by == b->verdict.by &&
	       a->verdict.rule == b->verdict.rule;
}

static bool same_health(const struct world_health_change *a, const struct world_health_change *b)
{
	bool same = a->failing == b->failing;
	for (uint32_t need = 0; same && need < N_NEEDS; need++)
		same = same_loss(&a->losses[need], &b->losses[need]);
	return same;
}

static int note(struct world *world, const struct world_health_change *change)
{
	for (size_t i = world->n_health; i-- > 0;)
		if (world->health[i].ase == change->ase) {
			if (same_health(&world->health[i], change))
				return 0;
			break;
		}
	if (world->n_health == world->capacity_health) {
		size_t capacity = world->capacity_health ? world->capacity_health * 2 : 16;
		struct world_health_change *grown = realloc(world->health, capacity * sizeof *grown);
		if (!grown)
			return -ENOMEM;
		world->health = grown;
		world->capacity_health = capacity;
	}
	world->health[world->n_health++] = *change;
	return 0;
}

int health_note(struct world *world)
{
	int r = 0;
	for (uint32_t i = 0; r == 0 && i < world->model->n_ases; i++) {
		struct world_health_change change = {.at = world->now, .ase = i};
		change.failing = world_health(world, i, change.losses);
		r = note(world, &change);
	}
	return r;
}

const struct world_health_change *world_health_changes(const struct world *world, size_t *ret_n)
{
	*ret_n = world->n_health;
	return world->health;
}
