/* report.json: what a run proved, for programs to read. Plain values in, JSON out; the owner fills the
 * structs.
 *
 * Times are nanoseconds of virtual time, members end in _ns. Addresses are text. Whatever does not apply is null, never
 * left out. */
#ifndef PKTPATH_OUT_REPORT_H
#define PKTPATH_OUT_REPORT_H
#include "base/buf.h"
#include "base/place.h"
#include "base/time.h"
#include "net/reason.h"
#include "net/tuple.h"
#include <stddef.h>

#define REPORT_FILE "report.json"
#define REPORT_VERSION 1
/* The marker, the first member: by it the next run into a directory knows that the list of files is pktpath's. */
#define REPORT_MARKER_KEY "kind"
#define REPORT_MARKER "pktpath report"
#define REPORT_MAX_CONNECTIONS 1000u /* of a flow that are listed each; the others are counted by outcome */

/* Numbers with names, in the order given. */
struct report_count {
	const char *name;
	uint64_t value;
};

/* A setting of the scenario as it was in force: path and value as --set takes them. */
struct report_setting {
	const char *path;
	const char *value;
};

/* Why a packet was lost, behind its reason. */
struct report_cause {
	const char *what, *helps; /* sentences; NULL where nothing was lost */
	const char *const *settings;
	size_t n_settings;
};

struct report_expectation {
	const char *name;
	bool pass;
	struct place place;
	const char *expected, *actual, *because, *where; /* because, where: NULL where there is none */
	struct place rule_place;
	const char *flow; /* of the packet to open; NULL where there is none */
	uint64_t packet;
	const char *capture; /* file that shows it, NULL where none does */
	struct report_cause cause;
};

/* The opening packet of a connection as it was seen at a point. */
struct report_sight {
	const char *point;
	struct instant at;
	uint64_t packet;
	struct tuple tuple;
};

struct report_loss { /* the first packet lost or refused */
	struct verdict verdict;
	const char *point;
	struct instant at;
	uint64_t packet;
	struct tuple tuple;
};

struct report_connection {
	const char *name; /* "burst[3]" */
	const char *outcome;
	bool started, ended;
	struct instant started_at, ended_at;
	const char *from; /* point */
	uint8_t proto;
	be32 from_addr, to_addr;
	uint16_t from_port, to_port;
	uint32_t retransmissions;
	const struct report_sight *sights; /* in the order of time */
	size_t n_sights;
	bool lost;
	struct report_loss loss;
	struct report_cause cause; /* of the loss that decided */
};

struct report_flow {
	const char *name;
	const char *proto;
	const char *to;
	struct place place;
	uint32_t n_connections;
	const struct report_count *outcomes; /* of all connections */
	size_t n_outcomes;
	const struct report_count *counts; /* packets */
	size_t n_counts;
	uint32_t n_listed; /* at most REPORT_MAX_CONNECTIONS */
	const struct report_count *outcomes_unlisted;
	size_t n_outcomes_unlisted;
	/* Fills in connection `index`, index < n_listed; what it points at is valid until the next call. 0 or
	 * -ENOMEM. */
	int (*connection)(void *context, size_t flow, uint32_t index, struct report_connection *ret);
	void *context;
};

struct report_nat {
	const char *name;
	const struct report_count *counts;
	size_t n_counts;
};

struct report_need { /* what an environment cannot reach, and the packet that would have ended */
	const char *name;
	struct report_loss loss; /* without a packet */
};
struct report_health {
	struct instant at;
	const struct report_need *unreachable; /* none: it is healthy */
	size_t n_unreachable;
	struct report_cause cause; /* of all that it cannot reach */
};
struct report_environment {
	const char *name;
	const struct report_health *health; /* in the order of time, at least one; the last holds at the end */
	size_t n_health;
};
struct report_warning {
	const char *message;
	struct place place;
};

struct report_event {
	struct instant at;
	const char *text;
	struct place place;
	const char *inert; /* why it changed nothing; NULL where it did */
};

struct report {
	/* What the thing at a place was made from: "network.json:61"; NULL. The function may be NULL. */
	const char *(*made_from)(const void *context, struct place place);
	const void *made_from_context;
	const char *program;                 /* "pktpath 0.2.0" */
	const char *scenario, *file, *about; /* about may be NULL */
	/* The scenario, the files that it includes, and what replaced parts of it: with these the run can be replayed. */
	const struct source *sources;
	size_t n_sources;
	const struct report_setting *overrides;
	size_t n_overrides;
	uint64_t seed;
	const char *start; /* wall time of virtual time 0 */
	struct instant end;
	const struct report_setting *settings;
	size_t n_settings;
	const struct report_count *counts;
	size_t n_counts;
	const struct report_expectation *expectations;
	size_t n_expectations;
	const struct report_flow *flows;
	size_t n_flows;
	const struct report_nat *nats;
	size_t n_nats;
	const struct report_environment *environments;
	size_t n_environments;
	const struct report_event *events;
	size_t n_events;
	const struct report_warning *warnings;
	size_t n_warnings;
	const char *const *files; /* all files of the run, sorted, this one included; empty where nothing was written */
	size_t n_files;
};

/* Appends the document and a newline. 0 or -ENOMEM, or what a callback returned. */
int report_write(const struct report *report, struct buf *out);
#endif
