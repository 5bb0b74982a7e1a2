/* Inside the firewall: what its files ask of each other. */
#ifndef PKTPATH_NETWORK_FIREWALL_H
#define PKTPATH_NETWORK_FIREWALL_H
#include "model/elements.h"
#include "network/drive.h"
#include "rule/session.h"

struct firewall_state {
	const struct firewall_config *config;
	const struct firewall_rules *rules; /* as they are now */
	struct sessions *sessions;
	uint32_t node;
	struct instant armed; /* of the one timer event */
};
struct firewall_state *firewall_at(const struct world *world, uint32_t node);
/* From now on; sessions that they deny end. */
void firewall_set_rules(struct world *world, uint32_t index, const struct firewall_rules *rules);

enum proxy_phase {
	PROXY_SHAKES,  /* the caller's handshake; the name is not known yet */
	PROXY_CALLS,   /* the handshake with the other end */
	PROXY_FORWARDS /* segments pass, their numbers shifted */
};
/* A connection whose name an application rule asks for. */
struct proxy {
	enum proxy_phase phase;
	uint32_t caller_isn, own_isn, server_isn;
	uint16_t mss_bytes;
	const char *name;
	struct packet *held, **held_end; /* the caller's, until the other end has answered */
	uint32_t n_held;
};

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
/* The trail has the rule that let a session's opening packet through. */
void firewall_allow(struct world *world, const struct firewall_state *state, const struct session *session,
		    struct packet *packet);
void firewall_time(struct world *world, const struct firewall_state *state, const struct tuple *from,
		   struct session *session);

/* ---- firewall_proxy.c ---- */
void proxy_decide(const struct ask *ask, const struct firewall_state *state, const struct firewall_flow *flow,
		  struct decision *ret);
void proxy_commit(struct world *world, struct firewall_state *state, const struct firewall_flow *flow,
		  struct packet *packet, struct decision *decision);
/* A SYN that application rules will decide about. */
void proxy_open(struct world *world, struct firewall_state *state, struct packet *packet, struct decision *decision);
/* What it holds has come to its end at the firewall. */
void proxy_free(struct world *world, uint32_t node, struct session *session);
void proxy_discard(struct world *world, struct session *session); /* the world goes */
#endif
