/* The lines of flow logs, and their text. */
#ifndef PKTPATH_OUT_FLOW_LOG_TEXT_H
#define PKTPATH_OUT_FLOW_LOG_TEXT_H
#include "net/tuple.h"
#include "out/flow_log.h"

struct logged_group {
	const char *name, *rule;
	bool is_default; /* the platform's rule */
};

struct logged_flow { /* at one network card */
	uint32_t node;
	struct tuple tuple; /* as its first packet */
	bool inbound, denied, ended;
	bool seen;    /* a packet of it */
	bool begun;   /* its first line is written */
	uint8_t fins; /* bits of both directions */
	struct logged_group groups[2];
	uint32_t n_groups;
	struct instant first, last, written;
	uint64_t last_packet;          /* its id and one */
	uint64_t packets[2], bytes[2]; /* since the last line: there, back */
	uint32_t next;                 /* of the same hash, and one; 0: none */
};

enum flow_log_state { FLOW_LOG_BEGIN, FLOW_LOG_GOES_ON, FLOW_LOG_END, FLOW_LOG_DENIED, FLOW_LOG_STATE_COUNT };

struct logged_line {
	int64_t at_ns; /* since 1970 */
	uint32_t node, seq;
	struct tuple tuple;
	struct logged_group group; /* name NULL: no group was asked */
	enum flow_log_state state;
	bool inbound, in_network; /* of the network's log; else of the group's */
	uint64_t packets[2], bytes[2];
};

struct flow_log {
	struct flow_log_config config;
	struct logged_flow *flows;
	uint32_t *slots; /* twice the capacity */
	size_t n, capacity;
	struct logged_line *lines;
	size_t n_lines, capacity_lines;
	bool failed;
};

/* A line that the flow goes on, and before it the one that it begins. */
void flow_log_goes_on(struct flow_log *log, struct logged_flow *flow);
/* The last line of a flow. */
void flow_log_ends(struct flow_log *log, struct logged_flow *flow);
#endif
