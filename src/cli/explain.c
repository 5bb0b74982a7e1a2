/* pktpath explain: the way of a call's packets, step by step.
 *
 * DOC: the run is simulated as `run` does it, with nothing written; what is told was kept by the library. A step is a line: when, where,
 * what was decided. Below it stand the place of the rule in the file and, where a packet was sent or rewritten, its addresses. Lines fit
 * into 80 columns where names and paths let them. */
#include "cli/cli.h"
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct explain_options {
	struct overrides overrides;
	const char *from, *to;
	int64_t at_ns;
	bool has_at;
	uint64_t packet;
	bool json, quiet;
};

/* ---- a step ---- */

#define PLACE_COLUMN_MAX 24
#define TIME_BYTES 32
#define PLACE_BYTES 4352 /* of a path and more */

struct layout {
	int time, place; /* widths */
	int column;      /* where words begin */
};

/* Seconds with six places. */
static char *time_text(int64_t ns, char text[TIME_BYTES])
{
	(void)snprintf(text, TIME_BYTES, "%" PRId64 ".%06" PRId64, ns / 1000000000, ns / 1000 % 1000000);
	return text;
}

static struct layout measure(const pp_explanation *explanation, size_t call, size_t packet, size_t n_steps)
{
	struct layout layout = {0, 0, 0};
	char text[TIME_BYTES];
	for (size_t i = 0; i < n_steps; i++) {
		pp_explained_step step;
		pp_explanation_step(explanation, call, packet, i, &step);
		int n = (int)strlen(step.place), n_time = (int)strlen(time_text(step.time_ns, text));
		layout.place = n > layout.place && n <= PLACE_COLUMN_MAX ? n : layout.place;
		layout.time = n_time > layout.time ? n_time : layout.time;
	}
	layout.column = 2 + layout.time + 2 + layout.place + 2;
	return layout;
}

static const char *place_text(const char *file, uint32_t line, char *text, size_t size)
{
	if (line)
		(void)snprintf(text, size, "%s:%" PRIu32, file, line);
	else
		(void)snprintf(text, size, "%s", file);
	return text;
}

static void put_place(struct lines *lines, const struct paint *paint, const char *file, uint32_t line)
{
	char text[PLACE_BYTES];
	if (file)
		lines_put(lines, paint->dim, place_text(file, line, text, sizeof text));
}

static void put_tuple(struct lines *lines, const struct paint *paint, const char *label, const pp_tuple *t)
{
	char src[END_POINT_BYTES], dst[END_POINT_BYTES];
	bool echo = t->protocol == 1;
	print_end_point(t->src, echo ? 0 : t->src_port, t->protocol, src, sizeof src);
	print_end_point(t->dst, t->dst_port, t->protocol, dst, sizeof dst);
	lines_break(lines);
	fprintf(lines->out, "%s%s%s > %s%s", paint->dim, label, src, dst, paint->off);
}

static const char *colour(const pp_explained_step *step, const struct paint *paint)
{
	return step->kind == PP_STEP_DROP        ? paint->bad
	       : step->kind == PP_STEP_DELIVER   ? paint->good
	       : step->kind == PP_STEP_TRANSLATE ? paint->bold
						 : "";
}

static void put_addresses(struct lines *lines, const struct paint *paint, const pp_explained_step *step)
{
	if (step->kind == PP_STEP_ORIGINATE || step->kind == PP_STEP_DROP)
		put_tuple(lines, paint, "", &step->after);
	if (step->kind != PP_STEP_TRANSLATE)
		return;
	put_tuple(lines, paint, "before ", &step->before);
	put_tuple(lines, paint, "after  ", &step->after);
}

static void print_step(const pp_explained_step *step, const struct layout *layout, const struct paint *paint)
{
	struct lines lines = lines_at(stdout, layout->column);
	char text[TIME_BYTES];
	int n = printf("  %*s  %-*s  ", layout->time, time_text(step->time_ns, text), layout->place, step->place);
	if (n > layout->column) /* a long name: the words begin below it */
		lines_break(&lines);
	lines_put(&lines, colour(step, paint), step->what);
	lines_put(&lines, "", step->whose);
	put_place(&lines, paint, step->file, step->line);
	if (step->detail && step->kind == PP_STEP_DROP) {
		lines_break(&lines);
		lines_put(&lines, "", step->detail);
	}
	put_addresses(&lines, paint, step);
	lines_end(&lines);
}

/* ---- a packet ---- */

static bool is_query(const pp_explained_packet *packet)
{
	return strncmp(packet->what, "DNS", 3) == 0;
}

/* `openings`: how many came before it, those of name look-ups left out. */
static const char *words_for_opening(const pp_explained_packet *packet, const pp_explained_call *call, size_t openings)
{
	if (call->held)
		return ", late data";
	if (is_query(packet) && call->tuple.protocol != 17)
		return ", asks for the address";
	return openings == 0 ? ", opens the call" : ", opens another leg of the call";
}

static void print_role(const pp_explained_packet *packet, const pp_explained_call *call, size_t openings)
{
	switch (packet->role) {
	case PP_PACKET_OPENING:
		fputs(words_for_opening(packet, call, openings), stdout);
		break;
	case PP_PACKET_ANSWER:
		printf(", answers packet %" PRIu64, packet->answers);
		break;
	case PP_PACKET_RESET:
		fputs(", tears the connection down", stdout);
		break;
	case PP_PACKET_ERROR:
		fputs(", tells of an error", stdout);
		break;
	case PP_PACKET_LOST:
		fputs(", the first that was lost", stdout);
		break;
	case PP_PACKET_ASKED:
		break;
	}
}

static void print_steps(const pp_explanation *explanation, size_t call, size_t index, const pp_explained_packet *packet,
			const struct paint *paint)
{
	struct layout layout = measure(explanation, call, index, packet->n_steps);
	for (size_t i = 0; i < packet->n_steps; i++) {
		pp_explained_step step;
		pp_explanation_step(explanation, call, index, i, &step);
		print_step(&step, &layout, paint);
	}
	if (!packet->ended)
		printf("%*sstill on its way when the run ended\n", layout.column, "");
}

static void print_packets(const pp_explanation *explanation, size_t index, const pp_explained_call *call, const struct paint *paint)
{
	size_t openings = 0;
	for (size_t i = 0; i < call->n_packets; i++) {
		pp_explained_packet packet;
		pp_explanation_packet(explanation, index, i, &packet);
		printf("\n%spacket %" PRIu64 "%s: %s", paint->bold, packet.number, paint->off, packet.what);
		print_role(&packet, call, openings);
		puts(packet.retransmission ? ", sent again" : "");
		print_steps(explanation, index, i, &packet, paint);
		openings += packet.role == PP_PACKET_OPENING && !is_query(&packet);
	}
}

/* ---- a call ---- */

static void print_loss(const pp_explained_call *call, const struct paint *paint)
{
	char text[PLACE_BYTES];
	struct lines lines = lines_at(stdout, 2);
	fputs("  ", stdout);
	(void)snprintf(text, sizeof text, "packet %" PRIu64 " ended at %s: %s", call->lost_packet, call->lost_at, call->reason);
	lines_put(&lines, paint->bad, text);
	if (call->rule)
		(void)snprintf(text, sizeof text, "by %s %s %s", call->by, strncmp(call->by, "route/", 6) == 0 ? "route" : "rule",
			       call->rule);
	else
		(void)snprintf(text, sizeof text, "by %s", call->by);
	lines_put(&lines, "", text);
	put_place(&lines, paint, call->rule_file, call->rule_line);
	lines_break(&lines);
	lines_put(&lines, "", call->detail ? call->detail : call->why);
	lines_end(&lines);
}

static void print_outcome(const pp_explained_call *call, const struct paint *paint)
{
	char src[END_POINT_BYTES], text[64]; /* of a time, or a duration */
	const char *good = strcmp(call->outcome, "delivered") == 0 ? paint->good : paint->bad;
	printf("  at %s s from %s, %s\n", time_text(call->at_ns, text), call->caller,
	       print_end_point(call->tuple.src, call->tuple.src_port, call->tuple.protocol, src, sizeof src));
	printf("  %s%s%s", good, call->outcome, paint->off);
	if (call->ended_ns > 0)
		printf(" after %s", print_duration(call->ended_ns - call->at_ns, text, sizeof text));
	if (call->retransmissions > 0)
		printf(", %" PRIu32 " packet%s sent again", call->retransmissions, call->retransmissions == 1 ? "" : "s");
	putchar('\n');
}

static void print_heading(const pp_explained_call *call, const struct paint *paint)
{
	char text[PLACE_BYTES];
	struct lines lines = lines_at(stdout, 2);
	(void)snprintf(text, sizeof text, "%s:", call->name);
	lines.at = 0;
	lines_put(&lines, paint->bold, text);
	if (call->held)
		(void)snprintf(text, sizeof text, "%s pushes data on %s", call->caller ? call->caller : call->from, call->held);
	else
		(void)snprintf(text, sizeof text, "%s calls %s", call->from, call->to);
	lines_put(&lines, "", text);
	put_place(&lines, paint, call->file, call->line);
	lines_end(&lines);
	if (!call->outcomes)
		return;
	lines = lines_at(stdout, 2);
	(void)snprintf(text, sizeof text, "first of %" PRIu32 " connections:", call->n_connections);
	fputs("  ", stdout);
	lines_put(&lines, "", text);
	lines_put(&lines, "", call->outcomes);
	if (call->different) {
		(void)snprintf(text, sizeof text, "(%s is the first of another outcome)", call->different);
		lines_put(&lines, "", text);
	}
	lines_end(&lines);
}

static void print_call(const pp_explanation *explanation, size_t index, bool quiet)
{
	struct paint paint = paint_for(stdout);
	pp_explained_call call;
	pp_explanation_call(explanation, index, &call);
	print_heading(&call, &paint);
	if (!call.started) {
		printf("  %snot_started%s: nobody was there to call\n", paint.bad, paint.off);
		return;
	}
	print_outcome(&call, &paint);
	if (call.lost_at)
		print_loss(&call, &paint);
	if (quiet)
		return;
	print_packets(explanation, index, &call, &paint);
	if (call.n_left_out > 0)
		printf("\n%zu more packet%s open or answer: see each with --packet N\n", call.n_left_out, call.n_left_out == 1 ? "" : "s");
}

static void print_explanation(const pp_explanation *explanation, bool quiet)
{
	for (size_t i = 0; i < pp_explanation_n_calls(explanation); i++) {
		if (i > 0 && !quiet)
			putchar('\n');
		print_call(explanation, i, quiet);
	}
}

/* ---- the command ---- */

static int complain(const char *problem, const char *hint)
{
	fprintf(stderr, "pktpath: %s\n", problem);
	if (hint)
		fprintf(stderr, "hint: %s\n", hint);
	return STATUS_USAGE;
}

static int failed(const char *name, int error)
{
	fprintf(stderr, "pktpath: %s: %s\n", name, strerror(-error));
	return STATUS_SYSTEM;
}

/* The call that the scenario does not make; *ret_flow is its flow. */
static int add_call(pp_scenario *scenario, const struct explain_options *options, const char **ret_flow)
{
	size_t first = pp_scenario_n_diagnostics(scenario);
	int r = pp_scenario_add_call(scenario, options->from, options->to, options->at_ns, ret_flow);
	if (r < 0)
		return failed("explain", r);
	for (size_t i = first; r > 0 && i < pp_scenario_n_diagnostics(scenario); i++) {
		pp_diagnostic d;
		pp_scenario_diagnostic(scenario, i, &d);
		if (d.error)
			(void)complain(d.message, d.hint);
	}
	return r > 0 ? STATUS_USAGE : STATUS_OK;
}

static int explain(const pp_scenario *scenario, const pp_explain_options *what, const struct explain_options *options)
{
	pp_scenario_info info;
	pp_run *run = NULL;
	pp_explanation *explanation = NULL;
	struct progress progress;
	pp_scenario_info_get(scenario, &info);
	int r = pp_run_new(scenario, NULL, &run), status = STATUS_OK;
	if (r == 0)
		r = pp_explain_new(run, what, &explanation);
	progress_begin(&progress);
	if (r == 0)
		status = simulate(run, info.name, &progress);
	if (r == 0 && status == STATUS_OK)
		r = pp_explain_finish(explanation);
	if (r < 0)
		status = failed(info.name, r);
	else if (r > 0)
		status = complain(pp_explanation_problem(explanation), pp_explanation_hint(explanation));
	else if (status == STATUS_OK && options->json)
		print_explanation_json(explanation, info.name, info.file);
	else if (status == STATUS_OK)
		print_explanation(explanation, options->quiet);
	pp_explanation_free(explanation);
	pp_run_free(run);
	return status;
}

static int load_and_explain(const char *path, const char *flow, const struct explain_options *options)
{
	pp_scenario *scenario = NULL;
	const char *name = flow;
	int status = load_scenario(path, &options->overrides, &scenario);
	if (status == STATUS_OK && options->from)
		status = add_call(scenario, options, &name);
	if (status == STATUS_OK)
		status = explain(scenario, &(pp_explain_options){name, options->packet}, options);
	pp_scenario_free(scenario);
	return status;
}

/* ---- options ---- */

enum { OPTION_SET = 256, OPTION_SEED, OPTION_FROM, OPTION_TO, OPTION_AT, OPTION_PACKET, OPTION_JSON, OPTION_HELP };

static int take(const struct command *command, struct explain_options *options, int c)
{
	switch (c) {
	case OPTION_SET:
		return overrides_add(&options->overrides, optarg) ? STATUS_OK
								  : usage_error(command, "--set takes PATH=VALUE, not `%s`", optarg);
	case OPTION_SEED:
		return overrides_add_seed(command, &options->overrides, optarg);
	case OPTION_FROM:
		options->from = optarg;
		return STATUS_OK;
	case OPTION_TO:
		options->to = optarg;
		return STATUS_OK;
	case OPTION_AT:
		options->has_at = true;
		return pp_parse_duration(optarg, &options->at_ns) == 0
			       ? STATUS_OK
			       : usage_error(command, "--at takes a time with its unit, such as 10s, not `%s`", optarg);
	case OPTION_PACKET:
		if (parse_number(optarg, INT64_MAX, &options->packet) && options->packet > 0)
			return STATUS_OK;
		return usage_error(command, "--packet takes a number from 1 on, not `%s`", optarg);
	case OPTION_JSON:
		options->json = true;
		return STATUS_OK;
	}
	options->quiet = true;
	return STATUS_OK;
}

static int check_words(const struct command *command, const struct explain_options *options, int n_words)
{
	if (n_words == 0)
		return usage_error(command, "which scenario?");
	if (n_words > 2)
		return usage_error(command, "it takes a scenario and at most one flow");
	if (!options->from != !options->to)
		return usage_error(command, "--from and --to go together");
	if (options->from && n_words == 2)
		return usage_error(command, "ask about a flow, or about a call --from A --to B, not both");
	if (options->has_at && !options->from)
		return usage_error(command, "--at goes with --from and --to; a flow has its own time");
	return STATUS_OK;
}

int command_explain(const struct command *command, int argc, char **argv)
{
	static const struct option long_options[] = {
		{"set", required_argument, NULL, OPTION_SET},   {"seed", required_argument, NULL, OPTION_SEED},
		{"from", required_argument, NULL, OPTION_FROM}, {"to", required_argument, NULL, OPTION_TO},
		{"at", required_argument, NULL, OPTION_AT},     {"packet", required_argument, NULL, OPTION_PACKET},
		{"json", no_argument, NULL, OPTION_JSON},       {"quiet", no_argument, NULL, 'q'},
		{"help", no_argument, NULL, OPTION_HELP},       {NULL, 0, NULL, 0}};
	struct explain_options options = {0};
	int c, status = STATUS_OK;
	while (status == STATUS_OK && (c = getopt_long(argc, argv, ":qh", long_options, NULL)) != -1) {
		if (c == 'h' || c == OPTION_HELP) {
			print_command_help(command);
			overrides_free(&options.overrides);
			return STATUS_OK;
		}
		status = c == ':' || c == '?' ? option_error(command, c, argv, long_options) : take(command, &options, c);
	}
	if (status == STATUS_OK)
		status = check_words(command, &options, argc - optind);
	if (status == STATUS_OK)
		status = load_and_explain(argv[optind], argc - optind == 2 ? argv[optind + 1] : NULL, &options);
	overrides_free(&options.overrides);
	return status;
}
