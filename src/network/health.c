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
static const struct machine *running(const struct world *world, uint32_t first, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (machine_at(world, first + i)->up)
			return machine_at(world, first + i);
	return NULL;
}

/* ---- a call to a service ---- */

static struct world_need_loss loss_of(const struct world *world, const struct world_fate *fate,
				      const struct world_need_loss *call)
{
	struct world_need_loss loss = *call;
	loss.verdict = fate->verdict;
	loss.at = world->now;
	loss.node = fate->node;
	loss.tuple = fate->tuple;
	loss.step_flags = fate->step_flags;
	return loss;
}

static struct world_need_loss down(const struct world *world, const struct world_need_loss *call, bool lacks_worker)
{
	uint32_t node = world->model->elements->vip[call->ase];
	struct world_fate fate = {.verdict = {.reason = REASON_HOST_DOWN,
					      .by = world->nodes[node].name,
					      .detail = lacks_worker ? "no worker runs" : "no front end runs"},
				  .node = node};
	struct world_need_loss loss = loss_of(world, &fate, call);
	loss.lacks_worker = lacks_worker;
	return loss;
}

/* By its name, as the environment's network has it. */
static struct world_need_loss reach(const struct world *world, uint32_t ase, const struct machine *worker,
				    uint32_t host, enum need need, uint16_t port)
{
	struct world_need_loss call = {.need = need, .ase = ase, .from = NONE, .host = host};
	if (!worker)
		return down(world, &call, true);
	const struct endpoint service = {.kind = ENDPOINT_HOST, .index = host};
	call.from = worker->node;
	call.call = (struct tuple){worker->addr, resolve_endpoint(world, &service, worker),
				   be16_from(worker->next_port), be16_from(port), PROTO_TCP};
	struct world_fate fate;
	struct trial trial;
	fate_from(world, (struct leg){PASSAGE_NIC_OUT, worker->node, NONE}, &call.call, &trial, &fate);
	return loss_of(world, &fate, &call);
}

/* ---- management calls in ---- */

/* The answer has to come from the address that the call was sent to. Where the scenario has no management host, the
 * answer has done its part when it is on the Internet. */
static struct world_need_loss answered(const struct world *world, const struct world_fate *fate_of_call,
				       const struct trial *trial, struct world_need_loss *call)
{
	struct world_fate fate;
	fate_of_answer(world, fate_of_call->node, &fate_of_call->tuple, trial, &fate);
	const struct tuple expected = tuple_reverse(call->call);
	bool is_right = tuple_equal(&fate.tuple, &expected);
	if (call->from == NONE && fate.node == element_internet(world->model) && is_right)
		fate.verdict = (struct verdict){.by = ""};
	if (fate.verdict.reason == REASON_NONE && !is_right)
		fate.verdict =
			(struct verdict){.reason = REASON_NO_MAPPING,
					 .by = world->nodes[fate.seen_by != NONE ? fate.seen_by : fate.node].name,
					 .detail = "the answer comes from another address than the call was sent to"};
	call->is_answer = true;
	return loss_of(world, &fate, call);
}

/* Where a call of management begins: at its host, or, of one of the addresses that Azure publishes, at the VIP. */
static struct leg leg_of_management(const struct world *world, const struct world_need_loss *call)
{
	uint32_t vip = world->model->elements->vip[call->ase];
	bool is_azure = call->from == NONE;
	return (struct leg){is_azure ? PASSAGE_VIP_IN : PASSAGE_PUBLIC, is_azure ? vip : call->from, NONE};
}

static struct world_need_loss admit(const struct world *world, struct world_need_loss call, be32 addr, uint16_t port)
{
	const struct translator *vip = translator_at(world, world->model->elements->vip[call.ase]);
	if (!running(world, element_front_end(world->model, call.ase, 0), world->model->ases[call.ase].front_ends))
		return down(world, &call, false);
	call.call = (struct tuple){addr, vip->addr, be16_from(EPHEMERAL_FIRST), be16_from(port), PROTO_TCP};
	struct world_fate fate;
	struct trial trial;
	fate_from(world, leg_of_management(world, &call), &call.call, &trial, &fate);
	if (fate.verdict.reason == REASON_VIP_PORT_CLOSED)
		fate.verdict.detail = "management needs ports 454 and 455";
	if (fate.verdict.reason != REASON_NONE)
		return loss_of(world, &fate, &call);
	return answered(world, &fate, &trial, &call);
}

/* ---- all needs ---- */

static size_t place_of(enum need need)
{
	return need == NEED_STORAGE ? 0 : need == NEED_SQL ? 1 : need == NEED_MANAGEMENT ? 2 : 3;
}

/* `host`: index of the management host; NONE: one of the addresses that Azure publishes. */
static struct world_need_loss try_management(const struct world *world, uint32_t ase, uint32_t host, be32 addr)
{
	const struct world_need_loss call = {.need = NEED_MANAGEMENT,
					     .ase = ase,
					     .from = host == NONE ? NONE : world->model->elements->host[host],
					     .host = host};
	struct world_need_loss loss = admit(world, call, addr, 454);
	return loss.verdict.reason != REASON_NONE ? loss : admit(world, call, addr, 455);
}

/* ---- the balancer's probe ---- */

/* Azure asks port 80 of the instances, whatever the apps listen on (environment/networking): groups decide. */
static struct world_need_loss probed(const struct world *world, uint32_t ase)
{
	struct world_need_loss call = {.need = NEED_PROBE, .ase = ase, .from = NONE, .host = NONE};
	const struct ase_config *config = &world->model->ases[ase];
	const struct machine *front_end = running(world, element_front_end(world->model, ase, 0), config->front_ends);
	if (!front_end)
		return down(world, &call, false);
	call.call = (struct tuple){be32_from(AZURE_DNS_ADDR), front_end->addr, be16_from(EPHEMERAL_FIRST),
				   be16_from(DEFAULT_HTTP_PORT), PROTO_TCP};
	struct world_fate fate;
	struct trial trial;
	fate_from(world, (struct leg){PASSAGE_NIC_IN, front_end->node, NONE}, &call.call, &trial, &fate);
	if (fate.verdict.reason == REASON_NO_LISTENER)
		fate.verdict = (struct verdict){.by = ""};
	return loss_of(world, &fate, &call);
}

/* ---- all of them ---- */

static uint32_t failed(const struct world_need_loss *loss, struct world_need_loss ret_losses[N_NEEDS])
{
	if (loss->verdict.reason == REASON_NONE)
		return 0;
	ret_losses[place_of(loss->need)] = *loss;
	return loss->need;
}

/* Of a need for which the scenario has no service nothing is asked; that management may call in is, where `needs` names
 * it. */
uint32_t world_health(const struct world *world, uint32_t ase, struct world_need_loss ret_losses[N_NEEDS])
{
	const struct ase_config *config = &world->model->ases[ase];
	const struct machine *worker = running(world, element_worker(world->model, ase, 0), world->workers[ase]);
	uint32_t failing = 0, has = 0;
	for (uint32_t i = 0; i < world->model->n_hosts; i++) {
		const struct host_config *host = &world->model->hosts[i];
		enum need need = host->kind == HOST_SERVICE ? need_of(host->service) : 0;
		has |= need;
		if (!(config->needs & need) || (failing & need))
			continue;
		struct world_need_loss loss = reach(world, ase, worker, i, need, port_of(host->service));
		if (need == NEED_MANAGEMENT && loss.verdict.reason == REASON_NONE)
			loss = try_management(world, ase, i, host->addr);
		failing |= failed(&loss, ret_losses);
	}
	if ((config->needs & NEED_MANAGEMENT) && !(has & NEED_MANAGEMENT)) {
		size_t n;
		struct world_need_loss loss =
			try_management(world, ase, NONE, be32_from(default_management_addresses(&n)[0]));
		failing |= failed(&loss, ret_losses);
	}
	if (config->needs & NEED_PROBE) {
		struct world_need_loss loss = probed(world, ase);
		failing |= failed(&loss, ret_losses);
	}
	return failing;
}

/* ---- why one fails ---- */

void world_need_step(const struct world *world, const struct world_need_loss *loss, struct packet *ret_packet,
		     struct step *ret)
{
	fate_packet(world, &loss->tuple, loss->is_answer, ret_packet);
	*ret = (struct step){.at = loss->at,
			     .packet = ret_packet,
			     .flow = NONE,
			     .node = loss->node,
			     .kind = STEP_DROP,
			     .flags = loss->step_flags,
			     .verdict = loss->verdict,
			     .before = loss->tuple,
			     .after = loss->tuple};
}

bool world_need_ways(const struct world *world, const struct world_need_loss *loss, struct world_way *ret_there,
		     struct world_way *ret_back)
{
	bool is_azure = loss->from == NONE;
	ret_there->n = ret_back->n = 0;
	if (loss->call.proto == 0 || loss->need == NEED_PROBE) /* the platform is next to the front end */
		return false;
	fate_ways(world, is_azure ? NULL : machine_at(world, loss->from), leg_of_management(world, loss), &loss->call,
		  ret_there, ret_back);
	return true;
}

/* ---- over time ---- */

static bool same_loss(const struct world_need_loss *a, const struct world_need_loss *b)
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
	return world->health_observer ? world->health_observer(world->health_observer_context, change) : 0;
}

void world_observe_health(struct world *world, int (*changed)(void *context, const struct world_health_change *change),
			  void *context)
{
	world->health_observer = changed;
	world->health_observer_context = context;
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
