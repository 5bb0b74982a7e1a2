/* DOC: the session that a firewall, or an appliance with state, had and has no more, for causes. Nothing here changes
 * anything. */
#include "network/firewall.h"

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
