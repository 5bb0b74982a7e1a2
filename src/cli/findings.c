/* What a run found besides its expectations: environments that cannot work, and parts of the scenario that nothing
 * used. */
#include "cli/cli.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MISSING_COLUMN 8

static void print_missing(const pp_health *h)
{
	char text[1024], src[PP_ADDR_TEXT_BYTES], dst[PP_ADDR_TEXT_BYTES];
	struct lines lines = cell_at(stdout, MISSING_COLUMN);
	printf("%*s", MISSING_COLUMN, "");
	(void)snprintf(text, sizeof text, "%s: %s > %s:%u ends at %s: %s%s", h->need, pp_addr_print(h->tuple.src, src),
		       pp_addr_print(h->tuple.dst, dst), h->tuple.dst_port, h->node, h->reason,
		       strcmp(h->by, h->node) != 0 || h->rule ? "," : "");
	lines_put(&lines, "", text);
	if (strcmp(h->by, h->node) != 0 || h->rule) {
		(void)snprintf(text, sizeof text, "by %s%s%s", h->by, h->rule ? " rule " : "", h->rule ? h->rule : "");
		lines_put(&lines, "", text);
	}
	if (h->detail) {
		(void)snprintf(text, sizeof text, "(%s)", h->detail);
		lines_put(&lines, "", text);
	}
	if (h->file && h->line) {
		char place[4352];
		(void)snprintf(place, sizeof place, "%s:%" PRIu32, h->file, h->line);
		lines_put(&lines, paint_for(stdout).dim, place);
	}
	if (h->made_from) {
		struct paint paint = paint_for(stdout);
		put_made_from(&lines, &paint, h->made_from);
	}
	lines_end(&lines);
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

/* Once of each instant, behind all that is missing then. The same cause may be a failed expectation's, or an earlier
 * instant's. */
static void print_cause_of_health(const pp_run *run, size_t index)
{
	pp_health h, other;
	pp_run_health(run, index, &h);
	if (index + 1 < pp_run_n_health(run)) {
		pp_run_health(run, index + 1, &other);
		if (other.cause.what == h.cause.what)
			return;
	}
	if (!h.cause.what)
		return;
	const char *name = expectation_with_cause(run, h.cause.what);
	for (size_t i = 0; !name && i < index; i++) {
		pp_run_health(run, i, &other);
		if (other.cause.what && other.cause.what != h.cause.what && strcmp(other.cause.what, h.cause.what) == 0)
			name = other.environment;
	}
	if (name) {
		print_labelled(stdout, "        ", "cause:", "as of %s above", name);
		return;
	}
	print_labelled(stdout, "        ", "cause:", "%s", h.cause.what);
	if (*h.cause.helps)
		print_labelled(stdout, "        ", "helps:", "%s", h.cause.helps);
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
			printf("  health  %s  %s%s%s from %s on\n", h.environment, h.ok ? paint.good : paint.bad,
			       h.ok ? "ok" : "degraded", paint.off, print_duration(h.time_ns, text, sizeof text));
		environment = h.environment;
		since_ns = h.time_ns;
		if (h.ok)
			continue;
		print_missing(&h);
		print_cause_of_health(run, i);
	}
}

void print_warnings(const pp_run *run, const char *path, enum warnings warnings)
{
	size_t n = pp_run_n_warnings(run);
	pp_diagnostic *list = calloc(n + 1, sizeof *list);
	if (!list) {
		(void)say_short_memory();
		return;
	}
	for (size_t i = 0; i < n; i++)
		pp_run_warning(run, i, &list[i]);
	(void)print_diagnostic_list(list, n, warnings, &(struct lister){"run", path});
	free(list);
}

void print_notes(const pp_run *run)
{
	const char *line = pp_run_notes(run);
	if (*line)
		flush_output();
	for (; *line; line += strcspn(line, "\n") + 1)
		fprintf(stderr, "pktpath: warning: %.*s\n", (int)strcspn(line, "\n"), line);
}
