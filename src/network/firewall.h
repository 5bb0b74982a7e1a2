/* Inside the firewall: what its files ask of each other. */
#ifndef PKTPATH_NETWORK_FIREWALL_H
#define PKTPATH_NETWORK_FIREWALL_H
#include "model/elements.h"
#include "network/drive.h"
#include "rule/session.h"

struct firewall_state {
	const struct firewall_config *config;
	struct sessions *sessions;
	uint32_t node;
	struct instant armed; /* of the one timer event */
};
struct firewall_state *firewall_at(const struct world *world, uint32_t node);

/* The session of a packet that arrives, or what earlier packets of a trial would have left of it. */
struct firewall_flow {
	struct session *session; /* NULL: of a trial */
	struct tuple from, to;
	bool back;
};
bool firewall_flow_of(const struct ask *ask, const struct firewall_state *state, const struct tuple *tuple,
		      struct firewall_flow *ret);
/* How a flow that may pass leaves: its tuple; true where its source is translated to a public address on the way. */
bool firewall_plan(const struct world *world, const struct firewall_state *state, const struct tuple *from,
		   const struct firewall_judgement *judgement, struct tuple *ret_to);
bool firewall_leads_out(const struct world *world, const struct firewall_state *state, be32 dst);
void firewall_drop(const struct ask *ask, const struct firewall_rule *rule, struct decision *ret);
/* The name by which DNS knows an address; NULL. */
const char *firewall_name_of(const struct world *world, be32 addr);
void firewall_time(struct world *world, const struct firewall_state *state, const struct tuple *from,
		   struct session *session);
#endif
