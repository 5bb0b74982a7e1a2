/* pktpath nat: the tables of the scenario's NATs at an instant.
 *
 * DOC: without --at the instant is that of the last packet: later on mappings do nothing but end. To know it the
 * scenario is run once before. Behind the scenario's `stop` there are no tables: then it is the instant of that. A
 * mapping is a row; where a terminal is too narrow for it, its times stand below its addresses. */
#include "cli/cli.h"
#include <inttypes.h>
#include <string.h>

#define CELL_BYTES 288 /* of an app, a flow and a number */
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

/* Seconds with six places, as explanations have them. */
static void time_text(int64_t ns, char text[CELL_BYTES])
{
	(void)snprintf(text, CELL_BYTES, "%" PRId64 ".%06" PRId64, ns / 1000000000, ns / 1000 % 1000000);
}

enum cell {
	CELL_INSIDE,
	CELL_OUTSIDE,
	CELL_DESTINATION,
	CELL_STATE,
	CELL_CREATED,
	CELL_USED,
	CELL_ENDS,
	CELL_LEFT,
	CELL_MAKER
};
static const char *const headings[] = {"inside",    "outside", "destination", "state",  "created",
				       "last used", "ends",    "left",        "made by"};
#define N_CELLS (sizeof headings / sizeof *headings)
#define FIRST_TIME CELL_CREATED
#define FIRST_COLUMN 8 /* "  icmp  " */

struct row {
	char cells[N_CELLS][CELL_BYTES];
};

static void make_row(const pp_mapping *m, int64_t at_ns, struct row *ret)
{
	print_end_point(m->inside.src, m->inside.src_port, m->inside.protocol, ret->cells[CELL_INSIDE], CELL_BYTES);
	print_end_point(m->outside, m->outside_port, m->inside.protocol, ret->cells[CELL_OUTSIDE], CELL_BYTES);
	print_end_point(m->inside.dst, m->inside.protocol == 1 ? 0 : m->inside.dst_port, m->inside.protocol,
			ret->cells[CELL_DESTINATION], CELL_BYTES);
	(void)snprintf(ret->cells[CELL_STATE], CELL_BYTES, "%s", m->state);
	if (m->created_ns < 0)
		(void)snprintf(ret->cells[CELL_CREATED], CELL_BYTES, "-");
	else
		time_text(m->created_ns, ret->cells[CELL_CREATED]);
	time_text(m->last_used_ns, ret->cells[CELL_USED]);
	if (m->ends_ns < 0) {
		(void)snprintf(ret->cells[CELL_ENDS], CELL_BYTES, "-");
		(void)snprintf(ret->cells[CELL_LEFT], CELL_BYTES, "-");
	} else {
		time_text(m->ends_ns, ret->cells[CELL_ENDS]);
		print_duration(m->ends_ns - at_ns, ret->cells[CELL_LEFT], CELL_BYTES);
	}
	(void)snprintf(ret->cells[CELL_MAKER], CELL_BYTES, "%s%s%s", m->app ? m->app : "", m->app ? ", " : "",
		       m->flow ? m->flow : "");
}

struct columns {
	int width[N_CELLS];
	bool below; /* times stand below addresses */
};

static struct columns measure(const pp_mapping *mappings, size_t n, int64_t at_ns)
{
	struct columns columns = {0};
	int width = columns_of(stdout), all = FIRST_COLUMN - 2;
	for (size_t c = 0; c < N_CELLS; c++)
		columns.width[c] = (int)strlen(headings[c]);
	for (size_t i = 0; i < n; i++) {
		struct row row;
		make_row(&mappings[i], at_ns, &row);
		for (size_t c = 0; c < N_CELLS; c++)
			columns.width[c] = wider(columns.width[c], row.cells[c]);
	}
	for (size_t c = 0; c < N_CELLS; c++)
		all += columns.width[c] + 2;
	columns.below = width != COLUMNS_UNKNOWN && all > width;
	return columns;
}

static void print_headings(const struct columns *columns, const struct paint *paint)
{
	printf("%s%*s", paint->dim, FIRST_COLUMN - 2, "");
	for (size_t c = 0; c < (columns->below ? FIRST_TIME : N_CELLS); c++)
		printf(c < FIRST_TIME ? "  %-*s" : "  %*s",
		       (columns->below && c == CELL_STATE) || c == CELL_MAKER ? 0 : columns->width[c], headings[c]);
	printf("%s\n", paint->off);
}

/* In a line of its own; where a terminal is too narrow for both names, the flow's stands below the app's. */
static void print_maker(const char *maker, const struct paint *paint)
{
	char text[sizeof "made by " + CELL_BYTES];
	struct lines lines = lines_at(stdout, FIRST_COLUMN + (int)strlen("made by "));
	lines.at = FIRST_COLUMN;
	(void)snprintf(text, sizeof text, "made by %s", maker);
	printf("%*s", FIRST_COLUMN, "");
	lines_put(&lines, paint->dim, text);
	lines_end(&lines);
}

static void print_row(const char *name, const struct row *row, const struct columns *columns, const struct paint *paint)
{
	printf("  %-4s", name);
	for (size_t c = 0; c < FIRST_TIME; c++)
		printf("  %s%-*s%s", c == CELL_OUTSIDE ? paint->bold : "",
		       columns->below && c == CELL_STATE ? 0 : columns->width[c], row->cells[c],
		       c == CELL_OUTSIDE ? paint->off : "");
	if (columns->below)
		printf("\n%*s%screated %s, last used %s, ends %s, %s left%s\n", FIRST_COLUMN, "", paint->dim,
		       row->cells[CELL_CREATED], row->cells[CELL_USED], row->cells[CELL_ENDS], row->cells[CELL_LEFT],
		       paint->off);
	else
		printf("  %*s  %*s  %*s  %*s", columns->width[CELL_CREATED], row->cells[CELL_CREATED],
		       columns->width[CELL_USED], row->cells[CELL_USED], columns->width[CELL_ENDS],
		       row->cells[CELL_ENDS], columns->width[CELL_LEFT], row->cells[CELL_LEFT]);
	if (columns->below && row->cells[CELL_MAKER][0])
		print_maker(row->cells[CELL_MAKER], paint);
	else if (!columns->below)
		printf("%s%s\n", row->cells[CELL_MAKER][0] ? "  " : "", row->cells[CELL_MAKER]);
}

static void print_table(const pp_mapping *mappings, size_t n, int64_t at_ns, const struct paint *paint)
{
	struct columns columns = measure(mappings, n, at_ns);
	print_headings(&columns, paint);
	for (size_t i = 0; i < n; i++) {
		struct row row;
		make_row(&mappings[i], at_ns, &row);
		print_row(protocol(&mappings[i]), &row, &columns, paint);
	}
}

/* Behind the rule; where the line would be too wide, below it. */
static void print_place(const pp_mapping *mapping, const struct paint *paint)
{
	int n = snprintf(NULL, 0, "%s:%" PRIu32, mapping->file, mapping->line), columns = columns_of(stdout);
	size_t before = strlen(mapping->nat) + strlen("  rule ") + strlen(mapping->rule) + 2;
	bool fits = n < 0 || columns == COLUMNS_UNKNOWN || before + (size_t)n <= (size_t)columns;
	printf("%s%s%s:%" PRIu32 "%s", fits ? "  " : "\n  ", paint->dim, mapping->file, mapping->line, paint->off);
}

static void print_head(const pp_mapping *mappings, size_t n, const char *at, bool is_stop)
{
	size_t n_resting = 0, n_expected = 0;
	for (size_t i = 0; i < n; i++) {
		n_resting += strcmp(mappings[i].state, "resting") == 0;
		n_expected += strcmp(mappings[i].state, "expected") == 0;
	}
	size_t n_live = n - n_resting - n_expected;
	printf("at %s%s: %zu mapping%s", at, is_stop ? ", where the run stops" : "", n_live, n_live == 1 ? "" : "s");
	if (n_resting > 0)
		printf(", %zu port%s that rest%s", n_resting, n_resting == 1 ? "" : "s", n_resting == 1 ? "s" : "");
	if (n_expected > 0)
		printf(", %zu data connection%s expected", n_expected, n_expected == 1 ? "" : "s");
	putchar('\n');
}

static void print_text(const pp_mapping *mappings, size_t n, int64_t at_ns, bool is_stop, bool quiet)
{
	struct paint paint = paint_for(stdout);
	char at[CELL_BYTES];
	if (!quiet)
		print_head(mappings, n, print_at(at_ns, at), is_stop);
	for (size_t i = 0, k; i < n; i = k) {
		for (k = i; k < n && strcmp(mappings[k].nat, mappings[i].nat) == 0 &&
			    strcmp(mappings[k].rule, mappings[i].rule) == 0;)
			k++;
		printf("%s%s%s  %srule %s%s", paint.bold, mappings[i].nat, paint.off, paint.dim, mappings[i].rule,
		       paint.off);
		if (mappings[i].file)
			print_place(&mappings[i], &paint);
		putchar('\n');
		print_table(&mappings[i], k - i, at_ns, &paint);
	}
}

/* ---- JSON ---- */

static void print_json(const pp_scenario_info *info, const pp_mapping *mappings, size_t n, int64_t at_ns)
{
	char text[PP_ADDR_TEXT_BYTES];
	fputs("{\n  \"scenario\": ", stdout);
	print_json_text(stdout, info->name);
	printf(",\n  \"at_ns\": %" PRId64 ",\n  \"mappings\": [\n", at_ns);
	for (size_t i = 0; i < n; i++) {
		const pp_mapping *m = &mappings[i];
		fputs("    {\"nat\": ", stdout);
		print_json_text(stdout, m->nat);
		print_json_member("owner", m->owner);
		print_json_member("protocol", protocol(m));
		print_json_member("inside", pp_addr_print(m->inside.src, text));
		printf(", \"inside_port\": %u", m->inside.src_port);
		print_json_member("outside", pp_addr_print(m->outside, text));
		printf(", \"outside_port\": %u", m->outside_port);
		print_json_member("destination", pp_addr_print(m->inside.dst, text));
		printf(", \"destination_port\": %u", m->inside.dst_port);
		print_json_member("state", m->state);
		if (m->created_ns < 0)
			fputs(", \"created_ns\": null", stdout);
		else
			printf(", \"created_ns\": %" PRId64, m->created_ns);
		printf(", \"last_used_ns\": %" PRId64, m->last_used_ns);
		if (m->ends_ns < 0)
			fputs(", \"ends_ns\": null", stdout);
		else
			printf(", \"ends_ns\": %" PRId64, m->ends_ns);
		printf(", \"packets\": %" PRIu64 ", \"bytes\": %" PRIu64, m->packets, m->bytes);
		print_json_member("rule", m->rule);
		print_json_member("file", m->file);
		printf(", \"line\": %" PRIu32, m->line);
		print_json_member("flow", m->flow);
		print_json_member("app", m->app);
		print_json_member("timer", m->timer);
		printf("}%s\n", i + 1 < n ? "," : "");
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
		fprintf(stderr, "pktpath: %s: %s\n", info.name, error_text(-r));
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
	static const struct scenario_command how = {.takes = TAKES_SEED | TAKES_AT, .answer = show};
	return ask(command, &how, argc, argv);
}
