/* The smallest program on top of libpktpath: loads a scenario, runs it, and prints what its expectations say.
 *
 *   cc embed.c $(pkg-config --cflags --libs pktpath) -o embed && ./embed scenario.yaml */
#include <pktpath/pktpath.h>
#include <stdio.h>

static int run(const pp_scenario *scenario)
{
	pp_run *run;
	pp_summary summary;
	int r = pp_run_new(scenario, NULL, &run);
	while (r == 0)
		r = pp_run_step(run, 100000);
	if (r > 0)
		r = pp_run_finish(run);
	if (r < 0) {
		fprintf(stderr, "%s\n", pp_run_error(run));
		pp_run_free(run);
		return 3;
	}
	for (size_t i = 0; i < pp_run_n_expectations(run); i++) {
		pp_expectation e;
		pp_run_expectation(run, i, &e);
		printf("%s  %s  %s\n", e.pass ? "pass" : "FAIL", e.name, e.actual);
	}
	pp_run_summary(run, &summary);
	printf("%zu passed, %zu failed\n", summary.passed, summary.failed);
	pp_run_free(run);
	return summary.failed ? 1 : 0;
}

int main(int argc, char **argv)
{
	pp_scenario *scenario;
	if (argc != 2) {
		fprintf(stderr, "usage: embed SCENARIO\n");
		return 2;
	}
	int r = pp_scenario_load(argv[1], NULL, 0, &scenario), status = 2;
	if (r < 0) {
		fprintf(stderr, "%s cannot be read\n", argv[1]);
		return 3;
	}
	for (size_t i = 0; i < pp_scenario_n_diagnostics(scenario); i++) {
		pp_diagnostic d;
		pp_scenario_diagnostic(scenario, i, &d);
		fprintf(stderr, "%s:%u: %s\n", d.file ? d.file : "", (unsigned)d.line, d.message);
	}
	if (r == 0)
		status = run(scenario);
	pp_scenario_free(scenario);
	return status;
}
