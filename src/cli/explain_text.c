/* An explanation for people.
 *
 * DOC: a step is a line: when, where, what was decided and by which rule. Below it stand, where they do not
 * fit, the place of the rule in the file and, where a packet was sent, rewritten or dropped, its addresses. On a wide
 * terminal the addresses have a column of their own, in which one sees them change. Lines fit into 80 columns where
 * names and paths let them. */
#include "cli/cli.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- a step ---- */

#define PLACE_COLUMN_MAX 24
#define TIME_BYTES 32
#define PLACE_BYTES 4352 /* of a path and more */

struct layout {
	int time, place; /* widths */
	int tuple;       /* of the addresses' own column; 0: it has none */
	int column;      /* where words begin */
};
#define WORDS_COLUMN_MIN 64 /* what is left to words beside the addresses */

/* Seconds with six places. */
static char *time_text(int64_t ns, char text[TIME_BYTES])
{
	(void)snprintf(text, TIME_BYTES, "%" PRId64 ".%06" PRId64, ns / 1000000000, ns / 1000 % 1000000);
	return text;
}

#define TUPLE_BYTES (2 * END_POINT_BYTES + 4)
static char *tuple_text(const pp_tuple *t, char text[TUPLE_BYTES])
{
	char src[END_POINT_BYTES], dst[END_POINT_BYTES];
	bool echo = t->protocol == 1;
	print_end_point(t->src, echo ? 0 : t->src_port, t->protocol, src, sizeof src);
	print_end_point(t->dst, t->dst_port, t->protocol, dst, sizeof dst);
	(void)snprintf(text, TUPLE_BYTES, "%s > %s", src, dst);
	return text;
}

/* Steps after which a packet's addresses are shown. */
static bool tells_addresses(const pp_explained_step *step)
{
	return step->kind == PP_STEP_ORIGINATE || step->kind == PP_STEP_DROP || step->kind == PP_STEP_TRANSLATE;
}

static struct layout measure(const pp_explanation *explanation, size_t call, size_t packet, size_t n_steps)
{
	struct layout layout = {0};
	char time[TIME_BYTES], tuple[TUPLE_BYTES];
	int tuple_columns = 0;
	for (size_t i = 0; i < n_steps; i++) {
		pp_explained_step step;
		pp_explanation_step(explanation, call, packet, i, &step);
		int n = (int)strlen(step.place), n_time = (int)strlen(time_text(step.time_ns, time)),
		    n_tuple = (int)strlen(tuple_text(&step.after, tuple));
		layout.place = n > layout.place && n <= PLACE_COLUMN_MAX ? n : layout.place;
		layout.time = n_time > layout.time ? n_time : layout.time;
		tuple_columns = tells_addresses(&step) && n_tuple > tuple_columns ? n_tuple : tuple_columns;
	}
	layout.column = 2 + layout.time + 2 + layout.place + 2;
	if (tuple_columns > 0 && layout.column + tuple_columns + 2 + WORDS_COLUMN_MIN <= columns_of(stdout)) {
		layout.tuple = tuple_columns;
		layout.column += tuple_columns + 2;
	}
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

/* With the line of what it was made from, where the scenario says it. */
static void put_place(struct lines *lines, const struct paint *paint, const char *file, uint32_t line,
		      const char *made_from)
{
	char text[PLACE_BYTES];
	if (file)
		lines_put(lines, paint->dim, place_text(file, line, text, sizeof text));
	if (made_from)
		put_made_from(lines, paint, made_from);
}

static void put_tuple(struct lines *lines, const struct paint *paint, const char *label, const pp_tuple *t)
{
	char text[TUPLE_BYTES];
	tuple_text(t, text);
	lines_break_for(lines, strlen(label) + strlen(text));
	fprintf(lines->out, "%s%s%s%s", paint->dim, label, text, paint->off);
}

static const char *colour(const pp_explained_step *step, const struct paint *paint)
{
	return step->kind == PP_STEP_DROP        ? paint->bad
	       : step->kind == PP_STEP_DELIVER   ? paint->good
	       : step->kind == PP_STEP_TRANSLATE ? paint->bold
						 : "";
}

/* Below the words. */
static void put_addresses(struct lines *lines, const struct paint *paint, const pp_explained_step *step)
{
	if (step->kind == PP_STEP_ORIGINATE || step->kind == PP_STEP_DROP)
		put_tuple(lines, paint, "", &step->after);
	if (step->kind != PP_STEP_TRANSLATE)
		return;
	put_tuple(lines, paint, "before ", &step->before);
	put_tuple(lines, paint, "after  ", &step->after);
}

/* When, where, and before the words the addresses where they have a column. The words are to begin at the layout's
 * column. */
static struct lines begin_step(const pp_explained_step *step, const struct layout *layout, const struct paint *paint)
{
	struct lines lines = lines_at(stdout, layout->column);
	char time[TIME_BYTES], tuple[TUPLE_BYTES] = "";
	int n = printf("  %*s  %-*s", layout->time, time_text(step->time_ns, time), layout->place, step->place);
	if (n > 2 + layout->time + 2 + layout->place) /* a long name: all else stands below it */
		printf("\n%*s", 2 + layout->time + 2 + layout->place, "");
	if (layout->tuple > 0 && tells_addresses(step))
		tuple_text(&step->after, tuple);
	if (layout->tuple > 0)
		printf("  %s%-*s%s", step->kind == PP_STEP_TRANSLATE ? paint->bold : paint->dim, layout->tuple, tuple,
		       paint->off);
	fputs("  ", stdout);
	return lines;
}

static void print_step(const pp_explained_step *step, const struct layout *layout, const struct paint *paint)
{
	struct lines lines = begin_step(step, layout, paint);
	lines_put(&lines, colour(step, paint), step->what);
	lines_put(&lines, "", step->whose);
	put_place(&lines, paint, step->file, step->line, step->made_from);
	if (step->event_file) {
		lines_put(&lines, paint->dim, "as changed at");
		put_place(&lines, paint, step->event_file, step->event_line, NULL);
	}
	if (step->detail) {
		lines_break(&lines);
		lines_put(&lines, "", step->detail);
	}
	if (layout->tuple == 0)
		put_addresses(&lines, paint, step);
	lines_end(&lines);
}

/* ---- causes ---- */

/* "cause:" and "helps:", each broken where the terminal ends. */
static void print_sentences(int column, const char *label, const char *text, const struct paint *paint)
{
	struct lines lines = lines_at(stdout, column + 8);
	printf("%*s%s%-8s%s", column, "", paint->bold, label, paint->off);
	lines_put(&lines, "", text);
	lines_end(&lines);
}

static void print_cause(int column, const pp_cause *cause, const struct paint *paint)
{
	if (!cause->what)
		return;
	print_sentences(column, "cause:", cause->what, paint);
	if (*cause->helps)
		print_sentences(column, "helps:", cause->helps, paint);
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
		fputs(", reports an error", stdout);
		break;
	case PP_PACKET_LOST:
		fputs(", the first that was lost", stdout);
		break;
	case PP_PACKET_RENAMED:
		fputs(", names where data connections go", stdout);
		break;
	case PP_PACKET_ASKED:
		break;
	}
}

/* `is_shown`: the head of the call has the cause of its loss. */
static void print_steps(const pp_explanation *explanation, size_t call, size_t index, const pp_explained_packet *packet,
			bool is_shown, const struct paint *paint)
{
	struct layout layout = measure(explanation, call, index, packet->n_steps);
	for (size_t i = 0; i < packet->n_steps; i++) {
		pp_explained_step step;
		pp_explanation_step(explanation, call, index, i, &step);
		print_step(&step, &layout, paint);
		if (!is_shown)
			print_cause(layout.column, &step.cause, paint);
	}
	if (!packet->ended)
		printf("%*sstill on its way when the run ended\n", layout.column, "");
}

static void print_packets(const pp_explanation *explanation, size_t index, const pp_explained_call *call,
			  const struct paint *paint)
{
	size_t openings = 0;
	for (size_t i = 0; i < call->n_packets; i++) {
		pp_explained_packet packet;
		pp_explanation_packet(explanation, index, i, &packet);
		printf("\n%spacket %" PRIu64 "%s: %s", paint->bold, packet.number, paint->off, packet.what);
		print_role(&packet, call, openings);
		puts(packet.retransmission ? ", a retransmission" : "");
		bool is_shown = packet.number == call->cause_packet && !call->cause_call;
		print_steps(explanation, index, i, &packet, is_shown, paint);
		openings += packet.role == PP_PACKET_OPENING && !is_query(&packet);
	}
}

/* ---- a call ---- */

static void print_loss(const pp_explained_call *call, const struct paint *paint)
{
	char text[PLACE_BYTES];
	struct lines lines = lines_at(stdout, 2);
	fputs("  ", stdout);
	(void)snprintf(text, sizeof text, "packet %" PRIu64 " ended at %s: %s", call->lost_packet, call->lost_at,
		       call->reason);
	lines_put(&lines, paint->bad, text);
	if (call->rule)
		(void)snprintf(text, sizeof text, "by %s %s %s", call->by, call->is_route ? "route" : "rule",
			       call->rule);
	else
		(void)snprintf(text, sizeof text, "by %s", call->by);
	lines_put(&lines, "", text);
	put_place(&lines, paint, call->rule_file, call->rule_line, call->rule_made_from);
	lines_end(&lines);
}

/* The loss that decided is another packet's than the one that was lost first. */
static void print_deciding_packet(const pp_explained_call *call)
{
	if (!call->cause.what || call->cause_packet == 0 ||
	    (!call->cause_call && call->cause_packet == call->lost_packet && call->lost_at))
		return;
	printf("  what decided is the loss of packet %" PRIu64 "%s%s%s\n", call->cause_packet,
	       call->cause_call ? " of `" : "", call->cause_call ? call->cause_call : "",
	       call->cause_call ? "`, which came to this call's mapping" : "");
}

static void print_outcome(const pp_explained_call *call, const struct paint *paint)
{
	char src[END_POINT_BYTES], text[64]; /* of a time, or a duration */
	const char *good = strcmp(call->outcome, "delivered") == 0 ? paint->good : paint->bad;
	print_end_point(call->tuple.src, call->tuple.src_port, call->tuple.protocol, src, sizeof src);
	fputs("  ", stdout);
	char *from = formatted("at %s s from %s, %s", time_text(call->at_ns, text), call->caller, src);
	if (from)
		print_broken(stdout, 2, 2, from);
	free(from);
	printf("  %s%s%s", good, call->outcome, paint->off);
	if (call->ended_ns > 0)
		printf(" after %s", print_duration(call->ended_ns - call->at_ns, text, sizeof text));
	if (call->retransmissions > 0)
		printf(", %" PRIu32 " packet%s retransmitted", call->retransmissions,
		       call->retransmissions == 1 ? "" : "s");
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
		(void)snprintf(text, sizeof text, "%s pushes data on %s", call->caller ? call->caller : call->from,
			       call->held);
	else
		(void)snprintf(text, sizeof text, "%s calls %s", call->from, call->to);
	lines_put(&lines, "", text);
	put_place(&lines, paint, call->file, call->line, call->made_from);
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
		printf("  %snot_started%s: %s\n", paint.bad, paint.off, call.why);
		return;
	}
	print_outcome(&call, &paint);
	if (call.lost_at)
		print_loss(&call, &paint);
	else if (call.why)
		printf("  %s\n", call.why);
	print_deciding_packet(&call);
	print_cause(2, &call.cause, &paint);
	if (quiet)
		return;
	print_packets(explanation, index, &call, &paint);
	if (call.n_left_out > 0)
		printf("\n%zu more packet%s open or answer: see each with --packet N\n", call.n_left_out,
		       call.n_left_out == 1 ? "" : "s");
}

void print_explanation_text(const pp_explanation *explanation, bool quiet)
{
	for (size_t i = 0; i < pp_explanation_n_calls(explanation); i++) {
		if (i > 0 && !quiet)
			putchar('\n');
		print_call(explanation, i, quiet);
	}
}
