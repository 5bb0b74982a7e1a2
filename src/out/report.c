/* The report as JSON.
 *
 * DOC: members stand in the order in which they are put, so the same run gives the same bytes. It is written straight
 * into the buffer (base/json_put.h): a thousand connections a flow are many values, and none of them is looked at
 * again. Text that is no UTF-8, such as the name of a file, gets U+FFFD for what is broken. */
#include "out/report.h"
#include "base/json_put.h"
#include <errno.h>
#include <string.h>

struct build {
	struct json_put json;
	const struct report *report;
};

/* ---- values ---- */

static void open_at(struct build *build, const char *key, char bracket)
{
	json_put_key(&build->json, key);
	json_put_open(&build->json, bracket);
}

static void open_item(struct build *build)
{
	json_put_item(&build->json);
	json_put_open(&build->json, '{');
}

static void put_close(struct build *build, char bracket)
{
	json_put_close(&build->json, bracket);
}

static void put_null(struct build *build, const char *key)
{
	json_put_key(&build->json, key);
	json_put_word(&build->json, "null");
}

static void put_text(struct build *build, const char *key, const char *value)
{
	json_put_key(&build->json, key);
	json_put_text(&build->json, value);
}

static void put_number(struct build *build, const char *key, uint64_t value)
{
	json_put_key(&build->json, key);
	json_put_number(&build->json, value);
}

static void put_instant(struct build *build, const char *key, bool known, struct instant at)
{
	json_put_key(&build->json, key);
	if (known && !instant_is_never(at))
		json_put_signed(&build->json, at.ns);
	else
		json_put_word(&build->json, "null");
}

static void append_text(struct build *build, const char *value)
{
	json_put_item(&build->json);
	json_put_text(&build->json, value);
}

static void put_texts(struct build *build, const char *key, const char *const *values, size_t n)
{
	open_at(build, key, '[');
	for (size_t i = 0; i < n; i++)
		append_text(build, values[i]);
	put_close(build, ']');
}

static void put_place(struct build *build, const char *key, struct place place)
{
	if (!place.file) {
		put_null(build, key);
		return;
	}
	open_at(build, key, '{');
	put_text(build, "file", place.file);
	put_number(build, "line", place.line);
	put_number(build, "column", place.column);
	const struct report *report = build->report;
	const char *made_from = report->made_from ? report->made_from(report->made_from_context, place) : NULL;
	if (made_from)
		put_text(build, "source", made_from);
	put_close(build, '}');
}

static void put_end_point(struct build *build, const char *key, const char *point, be32 addr, uint16_t port,
			  uint8_t proto)
{
	char printed[ADDR_TEXT_BYTES];
	open_at(build, key, '{');
	if (point)
		put_text(build, "point", point);
	put_text(build, "address", addr_print(addr, printed));
	if (proto == PROTO_ICMP)
		put_null(build, "port");
	else
		put_number(build, "port", port);
	put_close(build, '}');
}

static void put_counts(struct build *build, const struct report_count *counts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		put_number(build, counts[i].name, counts[i].value);
}

static void put_counts_object(struct build *build, const char *key, const struct report_count *counts, size_t n)
{
	open_at(build, key, '{');
	put_counts(build, counts, n);
	put_close(build, '}');
}

/* ---- flows ---- */

static void put_addresses(struct build *build, const struct tuple *tuple)
{
	put_end_point(build, "source", NULL, tuple->src, be16_to(tuple->src_port), tuple->proto);
	put_end_point(build, "destination", NULL, tuple->dst, be16_to(tuple->dst_port), tuple->proto);
}

static void put_sights(struct build *build, const struct report_connection *from)
{
	const char *last = "";
	open_at(build, "hops", '[');
	for (size_t i = 0; i < from->n_sights; last = from->sights[i++].point)
		if (strcmp(last, from->sights[i].point) !=
		    0) /* a front end takes one call and makes another: one hop */
			append_text(build, from->sights[i].point);
	put_close(build, ']');
	open_at(build, "seen", '[');
	for (size_t i = 0; i < from->n_sights; i++) {
		const struct report_sight *sight = &from->sights[i];
		open_item(build);
		put_text(build, "at", sight->point);
		put_instant(build, "time_ns", true, sight->at);
		put_number(build, "packet", sight->packet);
		put_addresses(build, &sight->tuple);
		put_close(build, '}');
	}
	put_close(build, ']');
}

static void put_verdict(struct build *build, const struct report_loss *from)
{
	put_text(build, "reason", reason_name(from->verdict.reason));
	put_text(build, "by", from->verdict.by);
	put_text(build, "rule", from->verdict.rule);
	put_text(build, "detail", from->verdict.detail);
	put_place(build, "place", from->verdict.place);
	put_text(build, "node", from->point);
}

static void put_loss(struct build *build, const struct report_connection *from)
{
	if (!from->lost) {
		put_null(build, "loss");
		return;
	}
	open_at(build, "loss", '{');
	put_verdict(build, &from->loss);
	put_instant(build, "time_ns", true, from->loss.at);
	put_number(build, "packet", from->loss.packet);
	put_addresses(build, &from->loss.tuple);
	put_close(build, '}');
}

/* What is known of why, beside the loss or the expectation. */
static void put_cause(struct build *build, const struct report_cause *from)
{
	put_text(build, "cause", from->what);
	put_text(build, "helps", from->helps);
	put_texts(build, "settings", from->settings, from->n_settings);
}

static void append_connection(struct build *build, const struct report_connection *from)
{
	open_item(build);
	put_text(build, "name", from->name);
	put_text(build, "outcome", from->outcome);
	put_instant(build, "started_ns", from->started, from->started_at);
	put_instant(build, "ended_ns", from->ended, from->ended_at);
	if (from->started) {
		put_end_point(build, "from", from->from, from->from_addr, from->from_port, from->proto);
		put_end_point(build, "to", NULL, from->to_addr, from->to_port, from->proto);
	} else {
		put_null(build, "from");
		put_null(build, "to");
	}
	put_sights(build, from);
	put_loss(build, from);
	put_cause(build, &from->cause);
	put_number(build, "retransmissions", from->retransmissions);
	put_close(build, '}');
}

static int put_flow(struct build *build, const struct report_flow *from, size_t index)
{
	open_at(build, from->name, '{');
	put_text(build, "protocol", from->proto);
	put_text(build, "to", from->to);
	put_place(build, "place", from->place);
	put_counts_object(build, "outcomes", from->outcomes, from->n_outcomes);
	put_counts(build, from->counts, from->n_counts);
	open_at(build, "connections", '[');
	for (uint32_t i = 0; i < from->n_listed && !buf_failed(build->json.out); i++) {
		struct report_connection listed;
		int r = from->connection(from->context, index, i, &listed);
		if (r < 0)
			return r;
		append_connection(build, &listed);
	}
	put_close(build, ']');
	uint32_t more = from->n_connections - from->n_listed;
	if (more == 0) {
		put_null(build, "unlisted");
	} else {
		open_at(build, "unlisted", '{');
		put_number(build, "connections", more);
		put_counts_object(build, "outcomes", from->outcomes_unlisted, from->n_outcomes_unlisted);
		put_close(build, '}');
	}
	put_close(build, '}');
	return 0;
}

/* ---- the rest ---- */

static void put_expectation(struct build *build, const struct report_expectation *from)
{
	open_item(build);
	put_text(build, "name", from->name);
	json_put_key(&build->json, "pass");
	json_put_word(&build->json, from->pass ? "true" : "false");
	put_place(build, "place", from->place);
	put_text(build, "expected", from->expected);
	put_text(build, "actual", from->actual);
	put_text(build, "because", from->because);
	put_text(build, "where", from->where);
	put_place(build, "rule_place", from->rule_place);
	if (from->flow) {
		open_at(build, "packet", '{');
		put_text(build, "flow", from->flow);
		put_number(build, "id", from->packet);
		put_text(build, "capture", from->capture);
		put_close(build, '}');
	} else {
		put_null(build, "packet");
	}
	put_cause(build, &from->cause);
	put_close(build, '}');
}

static void put_expectations(struct build *build)
{
	open_at(build, "expectations", '[');
	for (size_t i = 0; i < build->report->n_expectations; i++)
		put_expectation(build, &build->report->expectations[i]);
	put_close(build, ']');
}

static void put_nats(struct build *build)
{
	open_at(build, "nats", '{');
	for (size_t i = 0; i < build->report->n_nats; i++) {
		const struct report_nat *nat = &build->report->nats[i];
		put_counts_object(build, nat->name, nat->counts, nat->n_counts);
	}
	put_close(build, '}');
}

static void put_health(struct build *build, const struct report_health *from)
{
	put_text(build, "health", from->n_unreachable == 0 ? "ok" : "degraded");
	open_at(build, "because", '[');
	for (size_t i = 0; i < from->n_unreachable; i++)
		append_text(build, from->unreachable[i].name);
	put_close(build, ']');
	open_at(build, "unreachable", '[');
	for (size_t i = 0; i < from->n_unreachable; i++) {
		const struct report_need *need = &from->unreachable[i];
		open_item(build);
		put_text(build, "need", need->name);
		put_verdict(build, &need->loss);
		put_addresses(build, &need->loss.tuple);
		put_close(build, '}');
	}
	put_close(build, ']');
	if (from->n_unreachable > 0)
		put_cause(build, &from->cause);
}

static void put_environments(struct build *build)
{
	open_at(build, "environments", '{');
	for (size_t i = 0; i < build->report->n_environments; i++) {
		const struct report_environment *from = &build->report->environments[i];
		open_at(build, from->name, '{');
		put_health(build, &from->health[from->n_health - 1]);
		open_at(build, "history", '[');
		for (size_t k = 0; k < from->n_health; k++) {
			open_item(build);
			put_instant(build, "time_ns", true, from->health[k].at);
			put_health(build, &from->health[k]);
			put_close(build, '}');
		}
		put_close(build, ']');
		put_close(build, '}');
	}
	put_close(build, '}');
}

static void put_warnings(struct build *build)
{
	open_at(build, "warnings", '[');
	for (size_t i = 0; i < build->report->n_warnings; i++) {
		open_item(build);
		put_text(build, "message", build->report->warnings[i].message);
		put_place(build, "place", build->report->warnings[i].place);
		put_close(build, '}');
	}
	put_close(build, ']');
}

static void put_events(struct build *build)
{
	open_at(build, "timeline", '[');
	for (size_t i = 0; i < build->report->n_events; i++) {
		const struct report_event *from = &build->report->events[i];
		open_item(build);
		put_instant(build, "time_ns", true, from->at);
		put_text(build, "event", from->text);
		put_place(build, "place", from->place);
		put_text(build, "changed_nothing", from->inert);
		put_close(build, '}');
	}
	put_close(build, ']');
}

/* With what it has of zero bytes, which end no text here. */
static void put_whole_text(struct build *build, const struct source *source)
{
	json_put_key(&build->json, "text");
	if (source && source->text)
		json_put_bytes(&build->json, source->text, source->text_bytes);
	else
		json_put_word(&build->json, "null");
}

static void put_overrides(struct build *build)
{
	open_at(build, "set", '[');
	for (size_t i = 0; i < build->report->n_overrides; i++) {
		open_item(build);
		put_text(build, "path", build->report->overrides[i].path);
		put_text(build, "value", build->report->overrides[i].value);
		put_close(build, '}');
	}
	put_close(build, ']');
}

static void put_included(struct build *build)
{
	open_at(build, "included", '[');
	for (size_t i = 1; i < build->report->n_sources; i++) {
		const struct source *source = &build->report->sources[i];
		open_item(build);
		put_text(build, "file", source->file);
		put_whole_text(build, source);
		put_close(build, '}');
	}
	put_close(build, ']');
}

static void put_scenario(struct build *build)
{
	const struct report *report = build->report;
	open_at(build, "scenario", '{');
	put_text(build, "name", report->scenario);
	put_text(build, "file", report->file);
	put_text(build, "about", report->about);
	put_number(build, "seed", report->seed);
	put_text(build, "start", report->start);
	open_at(build, "settings", '{');
	for (size_t i = 0; i < report->n_settings; i++)
		put_text(build, report->settings[i].path, report->settings[i].value);
	put_close(build, '}');
	put_overrides(build);
	put_included(build);
	put_whole_text(build, report->n_sources > 0 ? &report->sources[0] : NULL);
	put_close(build, '}');
}

static void put_result(struct build *build)
{
	const struct report *report = build->report;
	uint64_t passed = 0;
	for (size_t i = 0; i < report->n_expectations; i++)
		passed += report->expectations[i].pass;
	open_at(build, "result", '{');
	put_number(build, "passed", passed);
	put_number(build, "failed", report->n_expectations - passed);
	put_close(build, '}');
}

static int put_document(struct build *build)
{
	const struct report *report = build->report;
	json_put_open(&build->json, '{');
	put_text(build, REPORT_MARKER_KEY, REPORT_MARKER);
	put_number(build, "report", REPORT_VERSION);
	put_text(build, "program", report->program);
	put_texts(build, "files", report->files, report->n_files); /* near the head: see out/manifest.c */
	put_scenario(build);
	put_instant(build, "simulated_ns", true, report->end);
	put_result(build);
	put_counts_object(build, "counts", report->counts, report->n_counts);
	put_expectations(build);
	open_at(build, "flows", '{');
	for (size_t i = 0; i < report->n_flows && !buf_failed(build->json.out); i++) {
		int r = put_flow(build, &report->flows[i], i);
		if (r < 0)
			return r;
	}
	put_close(build, '}');
	put_nats(build);
	put_environments(build);
	put_events(build);
	put_warnings(build);
	put_close(build, '}');
	return 0;
}

int report_write(const struct report *report, struct buf *out)
{
	struct build build = {.json = {.out = out}, .report = report};
	int r = put_document(&build);
	if (r < 0)
		return r;
	buf_putc(out, '\n');
	return buf_failed(out) ? -ENOMEM : 0;
}
