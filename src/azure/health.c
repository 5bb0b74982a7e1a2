/* DOC: an environment's health (L5): can it reach storage, SQL and management? Asked of the same decisions that packets meet, without sending one: is there a
 * port at the VIP, are the links up on the way, is the service there and does it listen? All services of a kind must be reachable. */
#include "azure/world_internal.h"

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
static uint32_t probing_worker(const struct world *world, uint32_t ase)
{
	for (uint32_t i = 0; i < world->workers[ase]; i++)
		if (world->stations[world->first_worker[ase] + i].up)
			return world->first_worker[ase] + i;
	return NONE;
}

static struct world_loss reach(const struct world *world, uint32_t ase, uint32_t from, const struct station *service, uint16_t port)
{
	const struct translator *vip = &world->translators[world->ase_translator[ase]];
	struct world_loss loss = {.at = world->now, .node = vip->node, .verdict = {.by = ""}};
	loss.tuple = (struct tuple){vip->addr, service->addr, {0}, be16_from(port), PROTO_TCP};
	if (from == NONE) {
		loss.verdict = (struct verdict){.reason = REASON_HOST_DOWN, .by = world->nodes[vip->node].name, .detail = "no worker runs"};
		return loss;
	}
	struct tuple probe = {world->stations[from].addr, service->addr, {0}, be16_from(port), PROTO_TCP};
	if (!nat_has_port(vip->nat, world->stations[from].number, &probe)) {
		loss.verdict = (struct verdict){.reason = REASON_SNAT_PORTS_EXHAUSTED, .by = world->nodes[vip->node].name, .rule = "snat"};
		return loss;
	}
	struct fabric_route route = fabric_route(world, vip->node, vip->region, service->node, service->region, false);
	loss.verdict = fabric_state(world, &route, &loss.node);
	if (loss.verdict.reason != REASON_NONE)
		return loss;
	loss.node = service->node;
	if (!service->up)
		loss.verdict = (struct verdict){.reason = REASON_HOST_DOWN, .by = world->nodes[service->node].name};
	else if (!station_listens(world, service, port, PROTO_TCP))
		loss.verdict = (struct verdict){.reason = REASON_NO_LISTENER, .by = world->nodes[service->node].name};
	return loss;
}

uint32_t world_health(struct world *world, uint32_t ase, struct world_loss ret_losses[3])
{
	uint32_t failing = 0, from = probing_worker(world, ase);
	for (size_t i = 0; i < world->model->n_hosts; i++) {
		const struct host_config *host = &world->model->hosts[i];
		if (host->kind != HOST_SERVICE)
			continue;
		enum need need = need_of(host->service);
		if (!(world->model->ases[ase].needs & need) || (failing & need))
			continue;
		struct world_loss loss = reach(world, ase, from, &world->stations[world->host_station[i]], port_of(host->service));
		if (loss.verdict.reason == REASON_NONE)
			continue;
		failing |= need;
		ret_losses[need == NEED_STORAGE ? 0 : need == NEED_SQL ? 1 : 2] = loss;
	}
	return failing;
}
