/* Inside the facade: what is behind the opaque types of include/pktpath/. */
#ifndef PKTPATH_FACADE_FACADE_H
#define PKTPATH_FACADE_FACADE_H
#include "base/arena.h"
#include "base/diag.h"
#include "cause/cause.h"
#include "judge/expect.h"
#include "model/elements.h"
#include "network/world.h"
#include "out/capture.h"
#include "out/flow_log.h"
#include "out/nat_csv.h"
#include "out/report.h"
#include "out/trail_text.h"
#include "pktpath/tools.h"
#include "scenario/load.h"

#define FACADE_PROGRAM "pktpath " PKTPATH_VERSION

struct pp_scenario {
	struct arena *arena;
	struct diag_list diags;
	struct model *model; /* NULL where it is wrong */
	struct tree *tree;   /* the file, with what overrides changed; NULL where it is none */
	/* What it was made of, for the report, which can be replayed from that. */
	const struct source *sources; /* its text, then those of the files that it includes */
	size_t n_sources;
	const struct report_setting *overrides;
	size_t n_overrides;
	const char *origin; /* the report that it was read from; NULL */
	size_t origin_bytes;
};

/* The opening packet of a connection at each point where it was seen, for the report. */
struct sight {
	struct sight *next;
	uint32_t node;
	struct instant at;
	uint64_t packet;
	struct tuple tuple;
};
struct sight_list {
	struct sight *first, *last;
};

struct finding {
	const char *message;
	struct place place;
};

struct bridge { /* an observer of the public kind */
	struct pp_run *run;
	int (*step)(void *context, const pp_step *step);
	void *context;
};

struct pp_run {
	const struct pp_scenario *scenario;
	const struct model *model;
	struct arena *arena;
	struct world *world;
	struct causes *causes;
	struct judge *judge;
	struct instant sampled; /* up to where expectations with `at` were sampled; -1 at first */
	bool begun, over, finished;
	int dead; /* negative where the run failed or was thrown away */
	uint64_t n_mappings;
	pp_run_options options; /* directory copied */
	struct output *output;  /* NULL where nothing is written */
	struct capture *capture;
	struct trail_text *trail;
	struct flow_log *flow_log;
	struct output_file *nat_file;
	int (*watch_mapping)(
		void *context,
		const struct world_mapping *mapping); /* called for each when it ends, or at the end; NULL */
	void *watch_context;
	/* Called at look_at, all events before that done; returns when it wants to look next. NULL: nothing looks. */
	struct instant (*look)(void *context);
	void *look_context;
	struct instant look_at;
	struct sight_list **sights; /* by flow, by connection up to REPORT_MAX_CONNECTIONS */
	const char **flow_names;
	struct capture_config captures; /* after facade_captures() */
	struct finding *warnings;       /* what nothing used */
	size_t n_warnings, capacity_warnings;
	struct device_in_place *in_place; /* a device in place of a NAT; NULL */
	const struct judgement *judgements;
	size_t n_judgements, n_passed;
	const struct judge_fate *fates; /* by flow; NULL before the end */
	const uint32_t *fate_order;     /* flows as they stand in the file */
	const char **files;
	size_t n_files;
	struct buf report;
	const char *notes; /* about the directory, after it was written; NULL */
	char error[512];
};

#define FACADE_UNTOUCHED "no file of this run was put into place, what an earlier one wrote is as it was"

/* load.c: an empty one; NULL where memory is short. */
struct pp_scenario *facade_scenario_new(void);
/* A copy of a text in the scenario's arena; where `from->text` is NULL, of the file. 0 or negative errno. */
int facade_take_text(struct pp_scenario *scenario, const struct source *from, struct source *ret);

/* output.c: files of a run. 0 or negative errno; run->error is set where more is known than that. */
void facade_observe_nat(struct pp_run *run); /* mappings that end go to nat.csv, where it is written */
int facade_output_begin(struct pp_run *run);
int facade_output_finish(struct pp_run *run);
void facade_output_abort(struct pp_run *run);
int facade_captures(struct pp_run *run); /* what captures are of; 0 or -ENOMEM */
/* The merged capture of a flow among the files of the run; NULL where there is none. */
const char *facade_capture_of(const struct pp_run *run, uint32_t flow);

/* scenario.c: the name by which it is looked up; NULL where memory is short. */
const char *facade_dns_of_host(struct arena *arena, const struct model *model, const struct host_config *host);

/* findings.c: gathers what nothing used. 0 or -ENOMEM. */
int facade_findings(struct pp_run *run);
const char *facade_need_name(size_t need); /* of losses[need]: "storage", "sql", "management", "probe" */

/* report.c */
int facade_sights_begin(struct pp_run *run);
int facade_report(struct pp_run *run);
/* "burst[3]", or "burst" where it has one connection that is not repeated. */
const char *facade_connection_name(struct arena *arena, const struct model *model, uint32_t flow, uint32_t index);
uint32_t *facade_flows_in_file_order(struct arena *arena,
				     const struct model *model); /* indices; NULL where memory is short */
/* What decided the fate of a connection that was not delivered; NULL where it lost nothing. */
const struct cause *facade_cause_of(const struct pp_run *run, uint32_t flow, uint32_t index);
pp_cause facade_cause(const struct cause *cause);
/* Of an expectation that failed. */
const struct cause *facade_cause_of_judgement(const struct pp_run *run, const struct judgement *judgement);
/* find.c: a connection by its name, "call" or "burst[3]". 0; 1 where there is none, with the problem and perhaps a
 * hint; -ENOMEM. */
struct found_call {
	uint32_t flow, index;
	bool numbered; /* asked for by its number */
	const char *problem, *hint;
};
int facade_find_call(struct arena *arena, const struct pp_run *run, const char *text, struct found_call *ret);
const char *facade_nearest_flow(struct arena *arena, const struct pp_run *run, const char *name); /* a hint */
/* Sets run->error and returns `error`. */
int facade_fail(struct pp_run *run, int error, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* address.c */
pp_addr facade_addr(be32 addr);
pp_tuple facade_tuple(const struct tuple *tuple);
#endif
