/* pktpath addresses: source and destination addresses at each hop.
 *
 * DOC: two tables. The first is what happened: for each flow, each place that its opening packet passed, with source
 * and destination as they were there; where the source changed, the colour does. Where a terminal is too narrow, flows
 * stand in lines of their own above their places. The second is how things stand at the start: each address
 * inside and outside; where a terminal is too narrow, who that is stands below. */
#include "cli/cli.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define COLUMN_MAX 64
#define WHAT_COLUMN_MIN 20 /* what is left to words beside addresses */
#define CELL_BYTES 96
#define WHAT_INDENT 4

static int wider(int width, const char *text)
{
	size_t n = strlen(text);
	return n > (size_t)width && n <= COLUMN_MAX ? (int)n : width;
}

/* ---- flows and places ---- */

static const char *source_text(const pp_seen_at *s, char text[CELL_BYTES])
{
	char addr[END_POINT_BYTES];
	if (s->source_port_first == s->source_port_last)
		return print_end_point(s->source, s->source_port_first, s->protocol, text, CELL_BYTES);
	print_end_point(s->source, s->source_port_first, s->protocol, addr, sizeof addr);
	(void)snprintf(text, CELL_BYTES, "%s-%u", addr, s->source_port_last);
	return text;
}

static const char *destination_text(const pp_seen_at *s, char text[CELL_BYTES])
{
	return print_end_point(s->destination, s->protocol == 1 ? 0 : s->destination_port, s->protocol, text,
			       CELL_BYTES);
}

struct columns {
	int flow, place, source, destination;
	bool above; /* flows have lines of their own */
};
#define FLOW_INDENT 2 /* of what stands below a flow */

static struct columns measure(const pp_seen_at *seen, size_t n)
{
	struct columns columns = {4, 5, 6, 11, false}; /* of the headings */
	char text[CELL_BYTES];
	int width = columns_of(stdout);
	for (size_t i = 0; i < n; i++) {
		columns.flow = wider(columns.flow, seen[i].connections);
		if (!seen[i].place)
			continue;
		columns.place = wider(columns.place, seen[i].place);
		columns.source = wider(columns.source, source_text(&seen[i], text));
		columns.destination = wider(columns.destination, destination_text(&seen[i], text));
	}
	columns.above = width != COLUMNS_UNKNOWN &&
			columns.flow + columns.place + columns.source + columns.destination + 6 > width;
	return columns;
}

/* What a row begins with; where flows have lines of their own, the line before the first of a flow's rows. */
static void print_flow(const char *connections, bool first, const struct columns *columns, const struct paint *paint)
{
	if (!columns->above) {
		printf("%-*s  ", columns->flow, connections);
		return;
	}
	if (first)
		printf("%s%s%s\n", paint->bold, connections, paint->off);
	printf("%*s", FLOW_INDENT, "");
}

static void print_reason(const pp_seen_at *s, const struct columns *columns, const struct paint *paint)
{
	char text[256];
	struct lines lines = cell_at(stdout, columns->above ? FLOW_INDENT : columns->flow + 2);
	print_flow(s->connections, false, columns, paint);
	(void)snprintf(text, sizeof text, "ended at %s: %s", s->place, s->reason);
	lines_put(&lines, paint->bad, text);
	(void)snprintf(text, sizeof text, "by %s%s%s", s->by, s->rule ? (s->is_route ? " route " : " rule ") : "",
		       s->rule ? s->rule : "");
	lines_put(&lines, "", text);
	if (s->file && s->line) {
		char place[4352];
		(void)snprintf(place, sizeof place, "%s:%" PRIu32, s->file, s->line);
		lines_put(&lines, paint->dim, place);
	}
	if (s->made_from)
		put_made_from(&lines, paint, s->made_from);
	lines_end(&lines);
}

/* `before`: the row above, where it is of the same connections; NULL. */
static void print_seen_at(const pp_seen_at *s, const pp_seen_at *before, const struct columns *columns,
			  const struct paint *paint)
{
	char source[CELL_BYTES], destination[CELL_BYTES];
	print_flow(s->connections, !before, columns, paint);
	if (!s->place) {
		printf("%snever made%s: the machine that calls was not running\n", paint->bad, paint->off);
		return;
	}
	bool changed = before && !pp_addr_equal(before->source, s->source);
	printf("%-*s  %s%-*s%s  %s\n", columns->place, s->place, changed ? paint->bold : "", columns->source,
	       source_text(s, source), changed ? paint->off : "", destination_text(s, destination));
	if (s->lost)
		print_reason(s, columns, paint);
}

/* How many connections of the flow that ends with this row are not in the table. */
static uint32_t left_out(const pp_seen_at *seen, size_t row)
{
	uint32_t left = seen[row].n_connections;
	for (size_t i = row + 1; i-- > 0 && seen[i].flow == seen[row].flow;)
		if (i == 0 || seen[i - 1].flow != seen[i].flow || seen[i - 1].first != seen[i].first)
			left -= seen[i].n;
	return left;
}

static void print_all_seen_at(const pp_seen_at *seen, size_t n, bool quiet)
{
	struct paint paint = paint_for(stdout);
	struct columns columns = measure(seen, n);
	if (!quiet)
		printf("%s%-*s  %-*s  %-*s  %s%s\n", paint.bold, columns.above ? 0 : columns.flow,
		       columns.above ? "" : "flow", columns.place, "place", columns.source, "source", "destination",
		       paint.off);
	for (size_t i = 0; i < n; i++) {
		bool same = i > 0 && seen[i].flow == seen[i - 1].flow && seen[i].first == seen[i - 1].first;
		print_seen_at(&seen[i], same ? &seen[i - 1] : NULL, &columns, &paint);
		bool last = i + 1 == n || seen[i + 1].flow != seen[i].flow;
		uint32_t left = last ? left_out(seen, i) : 0;
		if (left > 0)
			printf("%-*s  %" PRIu32 " more connection%s, which are not in this table\n",
			       columns.above ? 0 : columns.flow, columns.above ? "" : seen[i].flow, left,
			       left == 1 ? "" : "s");
	}
}

/* ---- each address ---- */

static const char *inside_text(const pp_address *a, char text[CELL_BYTES])
{
	return a->has_inside ? pp_addr_print(a->inside, text) : "-";
}

static const char *outside_text(const pp_address *a, char text[CELL_BYTES])
{
	char addr[PP_ADDR_TEXT_BYTES];
	if (!a->has_outside)
		return "-";
	if (a->port_last == 0)
		return pp_addr_print(a->outside, text);
	int n = snprintf(text, CELL_BYTES, "%s:%u-%u", pp_addr_print(a->outside, addr), a->port_first, a->port_last);
	if (a->n_ports <= (uint32_t)(a->port_last - a->port_first)) /* some of them are never given */
		(void)snprintf(text + n, CELL_BYTES - (size_t)n, " (%u ports)", a->n_ports);
	return text;
}

/* "ase-one/web" and "ase-one/vip" */
static bool is_of_same(const char *a, const char *b)
{
	size_t n = strcspn(a, "/");
	return a[n] == '/' && strncmp(a, b, n + 1) == 0;
}

static void print_addresses(const pp_address *addresses, size_t n)
{
	struct paint paint = paint_for(stdout);
	char inside[CELL_BYTES], outside[CELL_BYTES];
	int name = 3, in = 6, out = 7;
	for (size_t i = 0; i < n; i++) {
		name = wider(name, addresses[i].name);
		in = wider(in, inside_text(&addresses[i], inside));
		out = wider(out, outside_text(&addresses[i], outside));
	}
	int width = columns_of(stdout), column = name + in + out + 6;
	bool below = width != COLUMNS_UNKNOWN && column + WHAT_COLUMN_MIN > width;
	printf("\n%s%-*s  %-*s  %-*s%s%s\n", paint.bold, name, "who", in, "inside", below ? 0 : out, "outside",
	       below ? "" : "  what", paint.off);
	for (size_t i = 0; i < n; i++) {
		const pp_address *a = &addresses[i];
		printf("%-*s  %-*s  %-*s", name, a->name, in, inside_text(a, inside), below ? 0 : out,
		       outside_text(a, outside));
		struct lines lines = cell_at(stdout, below ? WHAT_INDENT : column);
		if (below)
			lines_break(&lines);
		else
			fputs("  ", stdout);
		lines_put(&lines, paint.dim, a->what);
		if (a->by && !is_of_same(a->name, a->by)) {
			char text[128];
			(void)snprintf(text, sizeof text, "by %s", a->by);
			lines_put(&lines, paint.dim, text);
		}
		lines_end(&lines);
	}
}

/* ---- JSON ---- */

static void address_member(const char *key, bool known, pp_addr addr)
{
	char text[PP_ADDR_TEXT_BYTES];
	printf(", \"%s\": ", key);
	print_json_text(stdout, known ? pp_addr_print(addr, text) : NULL);
}

static void port_member(const char *key, bool known, uint16_t port)
{
	if (known)
		printf(", \"%s\": %u", key, port);
	else
		printf(", \"%s\": null", key);
}

static void seen_at_json(const pp_seen_at *s)
{
	bool ports = s->place && s->protocol != 1;
	fputs("    {\"flow\": ", stdout);
	print_json_text(stdout, s->flow);
	print_json_member("connections", s->connections);
	printf(", \"first\": %" PRIu32 ", \"n\": %" PRIu32 ", \"of\": %" PRIu32, s->first, s->n, s->n_connections);
	print_json_member("at", s->place);
	address_member("source", s->place, s->source);
	port_member("source_port_first", ports, s->source_port_first);
	port_member("source_port_last", ports, s->source_port_last);
	address_member("destination", s->place, s->destination);
	port_member("destination_port", ports, s->destination_port);
	print_json_member("reason", s->lost ? s->reason : NULL);
	print_json_member("by", s->lost ? s->by : NULL);
	print_json_member("rule", s->rule);
	if (s->lost && s->file) {
		fputs(", \"place\": {\"file\": ", stdout);
		print_json_text(stdout, s->file);
		printf(", \"line\": %" PRIu32, s->line);
		if (s->made_from)
			print_json_member("source", s->made_from);
		putchar('}');
	} else {
		fputs(", \"place\": null", stdout);
	}
	putchar('}');
}

static void address_json(const pp_address *a)
{
	fputs("    {\"name\": ", stdout);
	print_json_text(stdout, a->name);
	print_json_member("what", a->what);
	address_member("inside", a->has_inside, a->inside);
	address_member("outside", a->has_outside, a->outside);
	print_json_member("by", a->by);
	port_member("port_first", a->port_last > 0, a->port_first);
	port_member("port_last", a->port_last > 0, a->port_last);
	port_member("ports", a->port_last > 0, (uint16_t)a->n_ports);
	putchar('}');
}

static void print_json(const pp_scenario_info *info, const pp_seen_at *seen, size_t n_seen, const pp_address *addresses,
		       size_t n_addresses)
{
	fputs("{\n  \"scenario\": ", stdout);
	print_json_text(stdout, info->name);
	fputs(",\n  \"file\": ", stdout);
	print_json_text(stdout, info->file);
	fputs(",\n  \"sightings\": [\n", stdout);
	for (size_t i = 0; i < n_seen; i++) {
		seen_at_json(&seen[i]);
		puts(i + 1 < n_seen ? "," : "");
	}
	fputs("  ],\n  \"addresses\": [\n", stdout);
	for (size_t i = 0; i < n_addresses; i++) {
		address_json(&addresses[i]);
		puts(i + 1 < n_addresses ? "," : "");
	}
	fputs("  ]\n}\n", stdout);
}

/* ---- the command ---- */

static int print_all(const struct command *command, const struct asked *asked)
{
	(void)command;
	pp_scenario_info info;
	pp_run *run = NULL;
	struct progress progress;
	const pp_address *addresses;
	const pp_seen_at *seen;
	size_t n_addresses, n_seen;
	pp_scenario_info_get(asked->scenario, &info);
	int status = STATUS_OK, r = pp_run_new(asked->scenario, NULL, &run);
	if (r == 0)
		r = pp_run_addresses(run, &addresses, &n_addresses); /* before anything happens to them */
	progress_begin(&progress);
	if (r == 0)
		status = simulate(run, info.name, &progress);
	if (r == 0 && status == STATUS_OK)
		r = pp_run_seen_at(run, &seen, &n_seen);
	if (r < 0) {
		fprintf(stderr, "pktpath: %s: %s\n", info.name, error_text(-r));
		status = STATUS_SYSTEM;
	} else if (status == STATUS_OK && asked->json) {
		print_json(&info, seen, n_seen, addresses, n_addresses);
	} else if (status == STATUS_OK) {
		if (n_seen > 0)
			print_all_seen_at(seen, n_seen, asked->quiet);
		if (!asked->quiet)
			print_addresses(addresses, n_addresses);
	}
	pp_run_free(run);
	return status;
}

int command_addresses(const struct command *command, int argc, char **argv)
{
	static const struct scenario_command how = {.takes = TAKES_SEED, .answer = print_all};
	return ask(command, &how, argc, argv);
}
