/* DOC: what stands behind a loss, for causes: the machines behind a balancing rule with what its probes find, and the
 * session that a stateful element had and has no more. Nothing here changes anything. */
#include "network/balance.h"
#include "network/firewall.h"
#include <string.h>

static const struct balancing *rule_of(const struct world *world, uint32_t node, const char *rule)
{
	const struct balance *balance = translator_at(world, node)->balance;
	for (uint32_t i = 0; balance && rule && i < balance->n_rules; i++)
		if (strcmp(balance->rules[i].name, rule) == 0)
			return &balance->rules[i];
	return NULL;
}

bool world_backend(const struct world *world, uint32_t node, const char *rule, uint32_t index,
		   struct world_backend *ret)
{
	const struct balancing *balancing = rule_of(world, node, rule);
	if (!balancing || index >= balancing->n_backends)
		return false;
	const struct backend *backend = &balancing->backends[index];
	*ret = (struct world_backend){.node = world->machines[backend->machine].node,
				      .is_in = balance_is_in(world, balancing, index),
				      .since = balance_since(world, balancing, index)};
	if (balancing->every_ns != 0)
		balance_probe_fate(world, balancing, backend->machine, &ret->probe);
	return true;
}

/* The sessions that the element at a node keeps; NULL. */
static const struct sessions *sessions_of(const struct world *world, uint32_t node)
{
	enum element_kind kind = element_at(world->model, node)->kind;
	if (kind == ELEMENT_FIREWALL)
		return firewall_at(world, node)->sessions;
	return element_is_vm(kind) ? machine_at(world, node)->sessions : NULL;
}

bool world_past_session(const struct world *world, uint32_t node, const struct tuple *tuple, struct world_session *ret)
{
	const struct sessions *sessions = sessions_of(world, node);
	const struct session *session = sessions ? session_last(sessions, tuple) : NULL;
	if (!session)
		return false;
	*ret = (struct world_session){
		.last = session->last,
		.due = session_due(session),
		.idle_ns = session->idle_ns,
		.closed = (session->flags & (SESSION_FIN | SESSION_FIN_BACK)) == (SESSION_FIN | SESSION_FIN_BACK) ||
			  ((session->flags & SESSION_ENDED) != 0 && instant_before(world->now, session_due(session)))};
	return true;
}
