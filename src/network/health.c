/* DOC: an environment's health (L5): can it reach storage, SQL and management, and can management reach it? Asked of
 * the same decisions that packets meet, without sending one: security groups, routes, gateways and appliances on the
 * way, a port at each NAT, links, the service itself. All services of a kind must be reachable. Management also calls
 * in, on ports 454 and 455 of the VIP (IN). */
#include "model/defaults.h"
#include "network/world_internal.h"
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
		if (world->stations[first + i].up)
			return first + i;
	return NONE;
}

/* ---- a call to a service, decision by decision ---- */

struct call {
	const struct world *world;
	struct tuple tuple; /* as it is at this point of the way */
	struct world_loss loss;
};

static bool refused(struct call *call, uint32_t node, struct verdict verdict)
{
	call->loss.node = node;
	call->loss.verdict = verdict;
	call->loss.tuple = call->tuple;
	return verdict.reason != REASON_NONE;
}

static struct verdict decision(const struct world *world, uint32_t node, enum reason reason, const char *detail)
{
	return (struct verdict){.reason = reason, .by = world->nodes[node].name, .detail = detail};
}

/* Would the NAT take it now? The call leaves with the address and port that it gives. */
static bool not_translated(struct call *call, const struct translator *translator, uint32_t owner)
{
	const struct nat_question question = {.tuple = call->tuple, .owner = owner, .tcp_flags = TCP_SYN};
	struct nat_answer answer;
	nat_decide_outbound(translator->nat, &question, call->world->now, &answer);
	struct verdict verdict = decision(call->world, translator->node, answer.reason, NULL);
	verdict.rule = translate_rule(translator);
	verdict.place = translate_place(translator, verdict.rule);
	if (answer.reason != REASON_NONE)
		return refused(call, translator->node, verdict);
	call->tuple.src = answer.addr;
	call->tuple.src_port = answer.port;
	return false;
}

static void across(struct call *call, uint32_t from, uint32_t region, const struct station *service)
{
	const struct world *world = call->world;
	uint32_t at, port = be16_to(call->tuple.dst_port);
	struct fabric_route route = fabric_route(world, from, region, service->node, service->region, false);
	struct verdict verdict = fabric_state(world, &route, &at);
	if (refused(call, at, verdict))
		return;
	if (!service->up)
		(void)refused(call, service->node, decision(world, service->node, REASON_HOST_DOWN, "it is stopped"));
	else if (!station_listens(world, service, (uint16_t)port, PROTO_TCP))
		(void)refused(call, service->node, decision(world, service->node, REASON_NO_LISTENER, NULL));
}

/* By a site: forced tunnelling. */
static void by_site(struct call *call, const struct station *from, const struct route *route,
		    const struct station *service)
{
	const struct world *world = call->world;
	uint32_t site = routing_site(world, from->vnet, route, call->tuple.dst), to;
	if (site == NONE) {
		(void)refused(call, from->node,
			      decision(world, from->node, REASON_NO_ROUTE, "the VNet has no gateway"));
		return;
	}
	struct fabric_route tunnel = {.hop = {from->node, world->gateway_node[site]}, .n = 2, .class = LINK_GATEWAY};
	uint32_t at;
	if (refused(call, from->node, fabric_state(world, &tunnel, &at)) ||
	    refused(call, world->gateway_node[site], site_decide(world, site, call->tuple.dst, &to)))
		return;
	const struct translator *nat = &world->translators[world->site_translator[site]];
	if (!not_translated(call, nat, 0))
		across(call, nat->node, NONE, service);
}

static void by_internet(struct call *call, const struct station *from, const struct station *service)
{
	const struct translator *translator = &call->world->translators[from->translator];
	if (from->public_ip.raw != 0 && call->tuple.src.raw == from->addr.raw) {
		call->tuple.src = from->public_ip;
		across(call, from->node, from->region, service);
	} else if (call->tuple.src.raw != from->addr.raw) {
		(void)refused(call, from->node,
			      decision(call->world, from->node, REASON_NO_MAPPING, "the appliance does not translate"));
	} else if (!not_translated(call, translator, from->kind == STATION_WORKER ? from->number : 0)) {
		across(call, translator->node, translator->region, service);
	}
}

/* Into an appliance; false where it ends there. */
static bool into_appliance(struct call *call, const struct station *appliance)
{
	const struct world *world = call->world;
	if (!appliance->up)
		return !refused(call, appliance->node,
				decision(world, appliance->node, REASON_HOST_DOWN, "it is stopped"));
	if (refused(call, appliance->node, security_decide(world, appliance, NSG_INBOUND, &call->tuple)))
		return false;
	if (!appliance->forwards)
		return !refused(call, appliance->node,
				decision(world, appliance->node, REASON_NOT_FORWARDING, "IP forwarding is off on it"));
	return appliance->own_nat == NONE || !not_translated(call, &world->translators[appliance->own_nat], 0);
}

#define MOST_APPLIANCES 16 /* on one way; more is a circle */

static void leave(struct call *call, const struct station *from, const struct station *service)
{
	const struct world *world = call->world;
	for (uint32_t i = 0; i < MOST_APPLIANCES; i++) {
		if (refused(call, from->node, security_decide(world, from, NSG_OUTBOUND, &call->tuple)))
			return;
		const struct route *route = routing_choose(world, from, call->tuple.dst);
		if (route && route->table != NONE)
			world->route_used[route->table][route->id]++;
		switch (route ? route->hop : HOP_NONE) {
		case HOP_INTERNET:
			by_internet(call, from, service);
			return;
		case HOP_GATEWAY:
			by_site(call, from, route, service);
			return;
		case HOP_APPLIANCE:
			from = &world->stations[world->host_station[route->target]];
			world->stations[world->host_station[route->target]].used = true;
			if (!into_appliance(call, from))
				return;
			continue;
		case HOP_NONE:
		case HOP_VNET:
		case HOP_PEERING: {
			struct verdict verdict = route ? routing_verdict(world, route)
						       : decision(world, from->node, REASON_NO_ROUTE, NULL);
			verdict.reason = route && route->hop == HOP_NONE ? REASON_ROUTE_NONE : REASON_NO_ROUTE;
			(void)refused(call, from->node, verdict);
			return;
		}
		}
	}
	(void)refused(call, from->node, decision(world, from->node, REASON_TTL_EXPIRED, "routes lead in a circle"));
}

static struct world_loss reach(const struct world *world, uint32_t ase, uint32_t from, const struct station *service,
			       uint16_t port)
{
	struct call call = {.world = world, .loss = {.at = world->now, .verdict = {.by = ""}}};
	const struct translator *vip = &world->translators[world->ase_translator[ase]];
	if (from == NONE) {
		call.tuple = (struct tuple){vip->addr, service->addr, {0}, be16_from(port), PROTO_TCP};
		(void)refused(&call, vip->node, decision(world, vip->node, REASON_HOST_DOWN, "no worker runs"));
		return call.loss;
	}
	call.tuple = (struct tuple){world->stations[from].addr, service->addr, {0}, be16_from(port), PROTO_TCP};
	leave(&call, &world->stations[from], service);
	return call.loss;
}

/* ---- management calls in ---- */

static struct world_loss admit(const struct world *world, uint32_t ase, be32 from, uint16_t port)
{
	const struct translator *vip = &world->translators[world->ase_translator[ase]];
	struct call call = {.world = world, .loss = {.at = world->now, .verdict = {.by = ""}}};
	call.tuple = (struct tuple){from, vip->addr, {0}, be16_from(port), PROTO_TCP};
	if (!vip_port_is_open(vip, PROTO_TCP, port)) {
		(void)refused(&call, vip->node,
			      decision(world, vip->node, REASON_VIP_PORT_CLOSED, "management needs ports 454 and 455"));
		return call.loss;
	}
	uint32_t front_end = running(world, world->first_front_end[ase], world->model->ases[ase].front_ends);
	if (front_end == NONE) {
		(void)refused(&call, vip->node, decision(world, vip->node, REASON_HOST_DOWN, "no front end runs"));
		return call.loss;
	}
	const struct station *station = &world->stations[front_end];
	call.tuple.dst = station->addr;
	(void)refused(&call, station->node, security_decide(world, station, NSG_INBOUND, &call.tuple));
	return call.loss;
}

/* ---- all needs ---- */

static size_t place_of(enum need need)
{
	return need == NEED_STORAGE ? 0 : need == NEED_SQL ? 1 : 2;
}

/* Of a need for which the scenario has no service nothing is asked; that management may call in is, where `needs` names
 * it. */
static struct world_loss try_management(const struct world *world, uint32_t ase, be32 from)
{
	struct world_loss loss = admit(world, ase, from, 454);
	return loss.verdict.reason != REASON_NONE ? loss : admit(world, ase, from, 455);
}

uint32_t world_health(const struct world *world, uint32_t ase, struct world_loss ret_losses[3])
{
	const struct ase_config *config = &world->model->ases[ase];
	uint32_t failing = 0, has = 0, from = running(world, world->first_worker[ase], world->workers[ase]);
	for (size_t i = 0; i < world->model->n_hosts; i++) {
		const struct host_config *host = &world->model->hosts[i];
		enum need need = host->kind == HOST_SERVICE ? need_of(host->service) : 0;
		has |= need;
		if (!(config->needs & need) || (failing & need))
			continue;
		struct world_loss loss =
			reach(world, ase, from, &world->stations[world->host_station[i]], port_of(host->service));
		if (need == NEED_MANAGEMENT && loss.verdict.reason == REASON_NONE)
			loss = try_management(world, ase, host->addr);
		if (loss.verdict.reason == REASON_NONE)
			continue;
		failing |= need;
		ret_losses[place_of(need)] = loss;
	}
	if ((config->needs & NEED_MANAGEMENT) && !(has & NEED_MANAGEMENT)) {
		size_t n;
		struct world_loss loss = try_management(world, ase, be32_from(default_management_addresses(&n)[0]));
		if (loss.verdict.reason != REASON_NONE) {
			failing |= NEED_MANAGEMENT;
			ret_losses[place_of(NEED_MANAGEMENT)] = loss;
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
	for (uint32_t need = 0; same && need < 3; need++)
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
