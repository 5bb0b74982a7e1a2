/* A run from its first step to its last, with progress, and an ear for signals between two steps. */
#include "cli/cli.h"
#include <inttypes.h>
#include <string.h>

#define EVENTS_A_STEP 20000 /* between two looks at signals and the clock: a few milliseconds */

static int interrupted(pp_run *run, const char *name)
{
	pp_summary s;
	pp_run_summary(run, &s);
	pp_run_abort(run);
	fprintf(stderr, "pktpath: %s: interrupted by signal %d (%s) at %" PRId64 ".%03" PRId64 " s of virtual time%s\n",
		name, signals_caught(), sigabbrev_np(signals_caught()), s.now_ns / 1000000000,
		s.now_ns / 1000000 % 1000,
		s.directory ? "; no file of this run was put into place, what an earlier one wrote is as it was" : "");
	return STATUS_SYSTEM;
}

int simulate(pp_run *run, const char *name, struct progress *progress)
{
	int r = 0;
	while (r == 0 && !signals_caught()) {
		r = pp_run_step(run, EVENTS_A_STEP);
		progress_show(progress, run);
	}
	progress_end(progress);
	if (signals_caught())
		return interrupted(run, name);
	if (r > 0)
		r = pp_run_finish(run);
	if (r < 0) {
		fprintf(stderr, "pktpath: %s: %s\n", name, pp_run_error(run));
		return STATUS_SYSTEM;
	}
	print_notes(run);
	return STATUS_OK;
}
