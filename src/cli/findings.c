/* What a run found besides its expectations: environments that cannot work, and parts of the scenario that nothing used. */
#include "cli/cli.h"
#include <inttypes.h>
#include <string.h>

static void print_missing(const pp_health *h)
{
	char src[16], dst[16];
	printf("        %s: %s > %s:%u ends at %s: %s", h->need, pp_print_address(h->tuple.src, src), pp_print_address(h->tuple.dst, dst), h->tuple.dst_port,
	       h->node, h->reason);
	if (strcmp(h->by, h->node) != 0 || h->rule)
		printf(", by %s", h->by);
	if (h->rule)
		printf(" rule %s", h->rule);
	if (h->detail)
		printf(" (%s)", h->detail);
	if (h->file && h->line)
		printf(" %s:%" PRIu32, h->file, h->line);
	putchar('\n');
}

static bool ever_degraded(const pp_run *run, const char *environment)
{
	for (size_t i = 0; i < pp_run_n_health(run); i++) {
		pp_health h;
		pp_run_health(run, i, &h);
		if (!h.ok && strcmp(h.environment, environment) == 0)
			return true;
	}
	return false;
}

void print_health(const pp_run *run)
{
	struct paint paint = paint_for(stdout);
	const char *environment = "";
	int64_t since_ns = -1;
	for (size_t i = 0; i < pp_run_n_health(run); i++) {
		pp_health h;
		char text[64];
		pp_run_health(run, i, &h);
		if (!ever_degraded(run, h.environment))
			continue;
		if (strcmp(environment, h.environment) != 0 || since_ns != h.time_ns)
			printf("  health  %s  %s%s%s from %s on\n", h.environment, h.ok ? paint.good : paint.bad, h.ok ? "ok" : "degraded", paint.off,
			       print_duration(h.time_ns, text, sizeof text));
		environment = h.environment;
		since_ns = h.time_ns;
		if (!h.ok)
			print_missing(&h);
	}
}

void print_warnings(const pp_run *run)
{
	struct paint paint = paint_for(stderr);
	for (size_t i = 0; i < pp_run_n_warnings(run); i++) {
		pp_diagnostic d;
		pp_run_warning(run, i, &d);
		if (d.file)
			fprintf(stderr, "%s%s:%" PRIu32 ":%" PRIu32 ":%s ", paint.bold, d.file, d.line, d.column, paint.off);
		fprintf(stderr, "%swarning%s: %s\n", paint.bold, paint.off, d.message);
	}
}
