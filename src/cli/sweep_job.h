/* A sweep under way: its settings, its scenario, and one run of it. */
#ifndef PKTPATH_CLI_SWEEP_JOB_H
#define PKTPATH_CLI_SWEEP_JOB_H
#include "cli/sweep.h"

struct sweep_settings {
	const char *path, *output;
	struct overrides overrides;
	const char **varies, **measures;
	size_t n_varies, n_measures;
	const char *find;
	struct work_options work;
	uint64_t n_seeds;
	bool json, quiet;
};

/* What the threads share: nothing of it changes while they run. */
struct sweep_job {
	const struct sweep_settings *settings;
	struct sweep sweep;
	char *text; /* of the scenario */
	size_t bytes;
	char ***values; /* as --set takes them, by setting and value */
};

/* Of a combination, with a seed or the scenario's own. 0, 1 or negative, as pp_scenario_load() has it. */
int sweep_load(const struct sweep_job *job, size_t combination, const char *seed, pp_scenario **ret);
/* For struct work: a run and its record, its name. */
char *sweep_run_case(void *context, size_t i);
char *sweep_name_case(void *context, size_t i);
const pp_measure *sweep_measure_named(const pp_measure *items, size_t n, const char *name);
int sweep_find_values(struct sweep_job *job, pp_scenario *scenario); /* statuses; said */
int sweep_try_values(const struct sweep_job *job);
#endif
