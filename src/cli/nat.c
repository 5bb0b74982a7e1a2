/* pktpath nat: the tables of the scenario's NATs at an instant.
 *
 * DOC: without --at the instant is that of the last packet: later on mappings do nothing but end. To know it the scenario is run once before. Behind the
 * scenario's `stop` there are no tables: then it is the instant of that. */
#include "cli/cli.h"
#include <inttypes.h>
#include <string.h>

#define CELL_BYTES 64
#define EVENTS_A_STEP 20000

/* ---- to the instant ---- */

static int note_time(void *context, const pp_step *step)
{
	*(int64_t *)context = step->time_ns;
	return 0;
}

static int last_packet(const pp_scenario *scenario, const char *name, int64_t *ret_ns)
{
	pp_run *run = NULL;
	struct progress progress;
	*ret_ns = 0;
	int r = pp_run_new(scenario, NULL, &run);
	if (r == 0)
		r = pp_run_observe(run, 1u << PP_STEP_DELIVER | 1u << PP_STEP_DROP, note_time, ret_ns);
	progress_begin(&progress);
	int status = r == 0 ? simulate(run, name, &progress) : STATUS_SYSTEM;
	pp_run_free(run);
	return status;
}

static int go_to(pp_run *run, const char *name, int64_t at_ns)
{
	int r = 0;
	while (r == 0 && !signals_caught())
		r = pp_run_until(run, at_ns, EVENTS_A_STEP);
	if (signals_caught()) {
		fprintf(stderr, "pktpath: %s: interrupted\n", name);
		return STATUS_SYSTEM;
	}
	if (r < 0)
		fprintf(stderr, "pktpath: %s: %s\n", name, pp_run_error(run));
	return r < 0 ? STATUS_SYSTEM : STATUS_OK;
}

/* ---- words ---- */

static const char *protocol(const pp_mapping *m)
{
	return m->inside.protocol == 6 ? "tcp" : m->inside.protocol == 17 ? "udp" : "icmp";
}

static int wider(int width, const char *text)
{
	return (int)strlen(text) > width ? (int)strlen(text) : width;
}

struct cells {
	char inside[CELL_BYTES], outside[CELL_BYTES], destination[CELL_BYTES], created[CELL_BYTES], used[CELL_BYTES], left[CELL_BYTES];
};

/* Of the tables: to the nanosecond, and long ones in minutes where that says the same. */
static const char *print_at(int64_t ns, char *text)
{
	if (ns >= 600000000000 && ns % 60000000000 == 0)
		return print_duration(ns, text, CELL_BYTES);
	int n = snprintf(text, CELL_BYTES, "%" PRId64 ".%09" PRId64, ns / 1000000000, ns % 1000000000);
	while (text[n - 1] == '0')
		n--;
	n -= text[n - 1] == '.';
	(void)snprintf(text + n, CELL_BYTES - (size_t)n, " s");
	return text;
}

/* An instant, as captures and the trail have it. */
static void print_instant(int64_t ns, char *text)
{
	(void)snprintf(text, CELL_BYTES, "%" PRId64 ".%03" PRId64 " s", ns / 1000000000, ns / 1000000 % 1000);
}

static void make_cells(const pp_mapping *m, int64_t at_ns, struct cells *ret)
{
	print_end_point(m->inside.src, m->inside.src_port, m->inside.protocol, ret->inside, CELL_BYTES);
	print_end_point(m->outside, m->outside_port, m->inside.protocol, ret->outside, CELL_BYTES);
	print_end_point(m->inside.dst, m->inside.protocol == 1 ? 0 : m->inside.dst_port, m->inside.protocol, ret->destination, CELL_BYTES);
	print_instant(m->created_ns, ret->created);
	print_instant(m->last_used_ns, ret->used);
	print_duration(m->ends_ns - at_ns, ret->left, CELL_BYTES);
}

static void print_table(const pp_mapping *mappings, size_t n, int64_t at_ns, const struct paint *paint)
{
	struct cells cells;
	int in = 6, out = 7, to = 11, created = 7, used = 9, left = 7;
	for (size_t i = 0; i < n; i++) {
		make_cells(&mappings[i], at_ns, &cells);
		in = wider(in, cells.inside);
		out = wider(out, cells.outside);
		to = wider(to, cells.destination);
		created = wider(created, cells.created);
		used = wider(used, cells.used);
		left = wider(left, cells.left);
	}
	printf("  %s%-4s  %-*s  %-*s  %-*s  %*s  %*s  %*s  %s%s\n", paint->dim, "", in, "inside", out, "outside", to, "destination", created, "created", used,
	       "last used", left, "ends in", "state", paint->off);
	for (size_t i = 0; i < n; i++) {
		make_cells(&mappings[i], at_ns, &cells);
		printf("  %-4s  %-*s  %s%-*s%s  %-*s  %*s  %*s  %*s  %s\n", protocol(&mappings[i]), in, cells.inside, paint->bold, out, cells.outside,
		       paint->off, to, cells.destination, created, cells.created, used, cells.used, left, cells.left, mappings[i].state);
	}
}

static void print_text(const pp_mapping *mappings, size_t n, int64_t at_ns, bool is_stop, bool quiet)
{
	struct paint paint = paint_for(stdout);
	char at[CELL_BYTES];
	if (!quiet)
		printf("at %s%s: %zu mapping%s\n", print_at(at_ns, at), is_stop ? ", where the run stops" : "", n, n == 1 ? "" : "s");
	for (size_t i = 0, k; i < n; i = k) {
		for (k = i; k < n && strcmp(mappings[k].nat, mappings[i].nat) == 0;)
			k++;
		printf("%s%s%s  %srule %s%s", paint.bold, mappings[i].nat, paint.off, paint.dim, mappings[i].rule, paint.off);
		if (mappings[i].file)
			printf("  %s%s:%" PRIu32 "%s", paint.dim, mappings[i].file, mappings[i].line, paint.off);
		putchar('\n');
		print_table(&mappings[i], k - i, at_ns, &paint);
	}
}

/* ---- JSON ---- */

static void member(const char *key, const char *text)
{
	printf(", \"%s\": ", key);
	print_json_text(stdout, text);
}

static void print_json(const pp_scenario_info *info, const pp_mapping *mappings, size_t n, int64_t at_ns)
{
	char text[16];
	fputs("{\n  \"scenario\": ", stdout);
	print_json_text(stdout, info->name);
	printf(",\n  \"at_ns\": %" PRId64 ",\n  \"mappings\": [\n", at_ns);
	for (size_t i = 0; i < n; i++) {
		const pp_mapping *m = &mappings[i];
		fputs("    {\"nat\": ", stdout);
		print_json_text(stdout, m->nat);
		member("rule", m->rule);
		member("owner", m->owner);
		member("protocol", protocol(m));
		member("inside", pp_print_address(m->inside.src, text));
		printf(", \"inside_port\": %u", m->inside.src_port);
		member("outside", pp_print_address(m->outside, text));
		printf(", \"outside_port\": %u", m->outside_port);
		member("destination", pp_print_address(m->inside.dst, text));
		printf(", \"destination_port\": %u", m->inside.dst_port);
		member("state", m->state);
		printf(", \"created_ns\": %" PRId64 ", \"last_used_ns\": %" PRId64 ", \"ends_ns\": %" PRId64, m->created_ns, m->last_used_ns, m->ends_ns);
		printf(", \"packets\": %" PRIu64 ", \"bytes\": %" PRIu64, m->packets, m->bytes);
		member("file", m->file);
		printf(", \"line\": %" PRIu32 "}%s\n", m->line, i + 1 < n ? "," : "");
	}
	fputs("  ]\n}\n", stdout);
}

/* ---- the command ---- */

static int show(const struct command *command, const struct asked *asked)
{
	(void)command;
	pp_scenario_info info;
	pp_run *run = NULL;
	const pp_mapping *mappings = NULL;
	size_t n = 0;
	int64_t at_ns = asked->at_ns;
	pp_scenario_info_get(asked->scenario, &info);
	bool is_stop = asked->has_at && info.stop_ns >= 0 && at_ns > info.stop_ns;
	if (is_stop)
		at_ns = info.stop_ns;
	int status = asked->has_at ? STATUS_OK : last_packet(asked->scenario, info.name, &at_ns);
	int r = status == STATUS_OK ? pp_run_new(asked->scenario, NULL, &run) : 0;
	if (status == STATUS_OK && r == 0)
		status = go_to(run, info.name, at_ns);
	if (status == STATUS_OK && r == 0)
		r = pp_run_mappings(run, &mappings, &n);
	if (r < 0) {
		fprintf(stderr, "pktpath: %s: %s\n", info.name, strerror(-r));
		status = STATUS_SYSTEM;
	} else if (status == STATUS_OK && asked->json) {
		print_json(&info, mappings, n, at_ns);
	} else if (status == STATUS_OK) {
		print_text(mappings, n, at_ns, is_stop, asked->quiet);
	}
	pp_run_free(run);
	return status;
}

int command_nat(const struct command *command, int argc, char **argv)
{
	static const struct question question = {.takes = QUESTION_SEED | QUESTION_QUIET | QUESTION_AT, .answer = show};
	return ask(command, &question, argc, argv);
}
