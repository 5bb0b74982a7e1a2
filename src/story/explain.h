/* Inside explanations: what a run keeps for them, and what is found in the model when they are listed. */
#ifndef PKTPATH_STORY_EXPLAIN_H
#define PKTPATH_STORY_EXPLAIN_H
#include "facade/facade.h"
#include "out/explain.h"

#define EXPLAIN_MAX_PACKETS 16u /* of a call, where none is asked for by its number */

struct trace_step { /* as struct step, without what ends with the call of an observer */
	struct instant at;
	uint32_t node;
	enum step_kind kind;
	uint32_t flags;
	struct verdict verdict;
	struct verdict opened_by; /* FILTER by a flow record: what opened it, */
	struct instant opened_at; /* and when; its rule is NULL where that is not known */
	struct verdict
		beaten; /* ROUTE: the route that lost though it is as specific; its rule is NULL where there is none */
	const char *way_out, *way_beaten; /* ROUTE of a call: by which way the machine's calls leave for the Internet,
					   * and the next that it has besides; NULL */
	struct tuple before, after;
	uint8_t ttl;
	const struct cause *cause; /* DROP */
};

struct trace { /* a packet */
	struct trace *next;
	uint64_t id;
	uint32_t connection; /* index in its flow */
	bool kept, ended, retransmission;
	bool answered;    /* an opening whose answer was seen */
	uint64_t answers; /* an answer: which opening */
	pp_packet_role role;
	char what[EXPLAIN_PACKET_BYTES];
	struct trace_step *steps;
	size_t n, capacity;
};

struct traced_call {
	uint32_t flow, index;
	struct trace *kept; /* in the order of their numbers */
	size_t n_kept, n_left_out;
	struct trace *live; /* on their way, and not kept so far: one of them may be the first to be lost */
	bool lost, reset, error;
};

struct opened { /* a rule let the first packet of a flow pass at a node */
	uint32_t flow, index, node;
	struct instant at;
	struct verdict verdict;
};

struct pp_explanation {
	struct pp_run *run;
	struct arena *arena;
	struct traced_call *calls;
	size_t n_calls;
	uint32_t *call_of_flow; /* NONE where nothing of the flow is explained */
	uint64_t asked;         /* packet, 0: none */
	bool one_connection;    /* asked for by its number */
	uint64_t last_packet;   /* the highest number of the flow that was asked about */
	bool any_index;         /* the packet may be of any connection of the flow */
	struct opened *opened;
	size_t n_opened, capacity_opened;
	struct trace *spare;
	const char *problem, *hint;
};

/* explain_trace.c: an observer of the trail, its context the explanation; frees a list. */
int trace_observe(void *context, const struct step *step);
void trace_free(struct trace *trace);

/* decision_places.c: where in the file stands what decided: the rule, else the group, link, environment, host or event
 * of the timeline. */
struct place place_of_decision(const struct model *model, const struct trace_step *step);
/* Of the event of the timeline that last changed the rule of a group that decided; PLACE_NONE. */
struct place place_of_change(const struct model *model, const struct trace_step *step);
/* The next hop in words, in `arena`, and the prefix of the route that a ROUTE step took; NULL where they are not
 * known. */
void route_of_decision(struct arena *arena, const struct model *model, const struct trace_step *step,
		       const char **ret_hop, const char **ret_prefix);
/* What there is to say of endpoints of services at a step of a call; NULL. */
const char *endpoint_detail(struct arena *arena, const struct model *model, const struct flow_config *flow,
			    const struct trace_step *step);
/* " of db" where the element is an endpoint of a service; else "". NULL where memory is short. */
const char *endpoint_of_whom(struct arena *arena, const struct model *model, uint32_t element);
#endif
