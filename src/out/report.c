/* The report as JSON.
 *
 * DOC: members stand in the order in which they are put, so the same run gives the same bytes. Building is sticky: a
 * value that could not be made (memory) makes json_object_set_new() fail, the failure is remembered, and the document
 * is thrown away at the end. Text that is no UTF-8, such as the name of a file, gets U+FFFD for what is broken. */
#include "out/report.h"
#include "base/utf8.h"
#include <errno.h>
#include <jansson.h>
#include <string.h>

struct build {
	bool failed;
	const struct report *report;
};

/* ---- values ---- */

static void put(struct build *build, json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value) != 0)
		build->failed = true;
}

static void append(struct build *build, json_t *array, json_t *value)
{
	if (json_array_append_new(array, value) != 0)
		build->failed = true;
}

/* Each broken byte is replaced: json_string() takes no text that is not UTF-8. */
static json_t *with_replacements(const char *text)
{
	struct buf buf = {0};
	while (*text != '\0') {
		size_t n = 1;
		json_t *whole = NULL;
		for (; n <= 4 && text[n - 1] != '\0' && !whole; n++)
			whole = json_stringn(text, n);
		if (whole)
			buf_append(&buf, text, n - 1);
		else
			buf_puts(&buf, "\xef\xbf\xbd");
		text += whole ? n - 1 : 1;
		json_decref(whole);
	}
	json_t *value = buf_failed(&buf) ? NULL : json_string(buf_text(&buf));
	buf_free(&buf);
	return value;
}

static json_t *text(const char *value)
{
	if (!value)
		return json_null();
	json_t *string = json_string(value);
	return string ? string : with_replacements(value);
}

static json_t *number(uint64_t value)
{
	return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

static json_t *instant(bool known, struct instant at)
{
	return known && !instant_is_never(at) ? json_integer(at.ns) : json_null();
}

static json_t *address(be32 addr)
{
	char printed[ADDR_TEXT_BYTES];
	return json_string(addr_print(addr, printed));
}

static json_t *place_object(struct build *build, struct place place)
{
	if (!place.file)
		return json_null();
	json_t *object = json_object();
	put(build, object, "file", text(place.file));
	put(build, object, "line", number(place.line));
	put(build, object, "column", number(place.column));
	const struct report *report = build->report;
	const char *made_from = report->made_from ? report->made_from(report->made_from_context, place) : NULL;
	if (made_from)
		put(build, object, "source", text(made_from));
	return object;
}

static json_t *end_point(struct build *build, const char *point, be32 addr, uint16_t port, uint8_t proto)
{
	json_t *object = json_object();
	if (point)
		put(build, object, "point", text(point));
	put(build, object, "address", address(addr));
	put(build, object, "port", proto == PROTO_ICMP ? json_null() : number(port));
	return object;
}

static void put_counts(struct build *build, json_t *object, const struct report_count *counts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		put(build, object, counts[i].name, number(counts[i].value));
}

static json_t *counts_object(struct build *build, const struct report_count *counts, size_t n)
{
	json_t *object = json_object();
	put_counts(build, object, counts, n);
	return object;
}

static json_t *texts(struct build *build, const char *const *values, size_t n)
{
	json_t *array = json_array();
	for (size_t i = 0; i < n; i++)
		append(build, array, text(values[i]));
	return array;
}

/* ---- flows ---- */

static void put_addresses(struct build *build, json_t *object, const struct tuple *tuple)
{
	put(build, object, "source", end_point(build, NULL, tuple->src, be16_to(tuple->src_port), tuple->proto));
	put(build, object, "destination", end_point(build, NULL, tuple->dst, be16_to(tuple->dst_port), tuple->proto));
}

static json_t *sight(struct build *build, const struct report_sight *from)
{
	json_t *object = json_object();
	put(build, object, "at", text(from->point));
	put(build, object, "time_ns", instant(true, from->at));
	put(build, object, "packet", number(from->packet));
	put_addresses(build, object, &from->tuple);
	return object;
}

static void put_verdict(struct build *build, json_t *object, const struct report_loss *from)
{
	put(build, object, "reason", text(reason_name(from->verdict.reason)));
	put(build, object, "by", text(from->verdict.by));
	put(build, object, "rule", text(from->verdict.rule));
	put(build, object, "detail", text(from->verdict.detail));
	put(build, object, "place", place_object(build, from->verdict.place));
	put(build, object, "node", text(from->point));
}

static json_t *loss(struct build *build, const struct report_connection *from)
{
	if (!from->lost)
		return json_null();
	json_t *object = json_object();
	put_verdict(build, object, &from->loss);
	put(build, object, "time_ns", instant(true, from->loss.at));
	put(build, object, "packet", number(from->loss.packet));
	put_addresses(build, object, &from->loss.tuple);
	return object;
}

/* What is known of why, beside the loss or the expectation. */
static void put_cause(struct build *build, json_t *object, const struct report_cause *from)
{
	json_t *settings = json_array();
	for (size_t i = 0; i < from->n_settings; i++)
		append(build, settings, text(from->settings[i]));
	put(build, object, "cause", text(from->what));
	put(build, object, "helps", text(from->helps));
	put(build, object, "settings", settings);
}

static json_t *connection(struct build *build, const struct report_connection *from)
{
	json_t *object = json_object(), *seen = json_array(), *hops = json_array();
	const char *last = "";
	for (size_t i = 0; i < from->n_sights; i++) {
		append(build, seen, sight(build, &from->sights[i]));
		if (strcmp(last, from->sights[i].point) !=
		    0) /* a front end takes one call and makes another: one hop */
			append(build, hops, text(from->sights[i].point));
		last = from->sights[i].point;
	}
	put(build, object, "name", text(from->name));
	put(build, object, "outcome", text(from->outcome));
	put(build, object, "started_ns", instant(from->started, from->started_at));
	put(build, object, "ended_ns", instant(from->ended, from->ended_at));
	put(build, object, "from",
	    from->started ? end_point(build, from->from, from->from_addr, from->from_port, from->proto) : json_null());
	put(build, object, "to",
	    from->started ? end_point(build, NULL, from->to_addr, from->to_port, from->proto) : json_null());
	put(build, object, "hops", hops);
	put(build, object, "seen", seen);
	put(build, object, "loss", loss(build, from));
	put_cause(build, object, &from->cause);
	put(build, object, "retransmissions", number(from->retransmissions));
	return object;
}

static int flow(struct build *build, const struct report_flow *from, size_t index, json_t *flows)
{
	json_t *object = json_object(), *connections = json_array();
	put(build, object, "protocol", text(from->proto));
	put(build, object, "to", text(from->to));
	put(build, object, "place", place_object(build, from->place));
	put(build, object, "outcomes", counts_object(build, from->outcomes, from->n_outcomes));
	put_counts(build, object, from->counts, from->n_counts);
	put(build, object, "connections", connections);
	for (uint32_t i = 0; i < from->n_listed && !build->failed; i++) {
		struct report_connection listed;
		int r = from->connection(from->context, index, i, &listed);
		if (r < 0) {
			json_decref(object);
			return r;
		}
		append(build, connections, connection(build, &listed));
	}
	uint32_t more = from->n_connections - from->n_listed;
	json_t *unlisted = more == 0 ? json_null() : json_object();
	if (more != 0) {
		put(build, unlisted, "connections", number(more));
		put(build, unlisted, "outcomes",
		    counts_object(build, from->outcomes_unlisted, from->n_outcomes_unlisted));
	}
	put(build, object, "unlisted", unlisted);
	put(build, flows, from->name, object);
	return 0;
}

/* ---- the rest ---- */

static json_t *expectations(struct build *build, const struct report *report)
{
	json_t *array = json_array();
	for (size_t i = 0; i < report->n_expectations; i++) {
		const struct report_expectation *from = &report->expectations[i];
		json_t *object = json_object(), *packet = !from->flow ? json_null() : json_object();
		put(build, object, "name", text(from->name));
		put(build, object, "pass", json_boolean(from->pass));
		put(build, object, "place", place_object(build, from->place));
		put(build, object, "expected", text(from->expected));
		put(build, object, "actual", text(from->actual));
		put(build, object, "because", text(from->because));
		put(build, object, "where", text(from->where));
		put(build, object, "rule_place", place_object(build, from->rule_place));
		if (from->flow) {
			put(build, packet, "flow", text(from->flow));
			put(build, packet, "id", number(from->packet));
			put(build, packet, "capture", text(from->capture));
		}
		put(build, object, "packet", packet);
		put_cause(build, object, &from->cause);
		append(build, array, object);
	}
	return array;
}

static json_t *nats(struct build *build, const struct report *report)
{
	json_t *object = json_object();
	for (size_t i = 0; i < report->n_nats; i++)
		put(build, object, report->nats[i].name,
		    counts_object(build, report->nats[i].counts, report->nats[i].n_counts));
	return object;
}

static void put_health(struct build *build, json_t *object, const struct report_health *from)
{
	json_t *because = json_array(), *unreachable = json_array();
	put(build, object, "health", text(from->n_unreachable == 0 ? "ok" : "degraded"));
	put(build, object, "because", because);
	put(build, object, "unreachable", unreachable);
	for (size_t i = 0; i < from->n_unreachable; i++) {
		const struct report_need *need = &from->unreachable[i];
		json_t *item = json_object();
		append(build, because, text(need->name));
		put(build, item, "need", text(need->name));
		put_verdict(build, item, &need->loss);
		put_addresses(build, item, &need->loss.tuple);
		append(build, unreachable, item);
	}
}

static json_t *environments(struct build *build, const struct report *report)
{
	json_t *object = json_object();
	for (size_t i = 0; i < report->n_environments; i++) {
		const struct report_environment *from = &report->environments[i];
		json_t *environment = json_object(), *history = json_array();
		put(build, object, from->name, environment);
		put_health(build, environment, &from->health[from->n_health - 1]);
		put(build, environment, "history", history);
		for (size_t k = 0; k < from->n_health; k++) {
			json_t *health = json_object();
			put(build, health, "time_ns", instant(true, from->health[k].at));
			put_health(build, health, &from->health[k]);
			append(build, history, health);
		}
	}
	return object;
}

static json_t *warnings(struct build *build, const struct report *report)
{
	json_t *array = json_array();
	for (size_t i = 0; i < report->n_warnings; i++) {
		json_t *object = json_object();
		put(build, object, "message", text(report->warnings[i].message));
		put(build, object, "place", place_object(build, report->warnings[i].place));
		append(build, array, object);
	}
	return array;
}

static json_t *events(struct build *build, const struct report *report)
{
	json_t *array = json_array();
	for (size_t i = 0; i < report->n_events; i++) {
		const struct report_event *from = &report->events[i];
		json_t *object = json_object();
		put(build, object, "time_ns", instant(true, from->at));
		put(build, object, "event", text(from->text));
		put(build, object, "place", place_object(build, from->place));
		put(build, object, "changed_nothing", text(from->inert));
		append(build, array, object);
	}
	return array;
}

static json_t *overrides(struct build *build, const struct report *report)
{
	json_t *array = json_array();
	for (size_t i = 0; i < report->n_overrides; i++) {
		json_t *object = json_object();
		put(build, object, "path", text(report->overrides[i].path));
		put(build, object, "value", text(report->overrides[i].value));
		append(build, array, object);
	}
	return array;
}

/* With what it has of zero bytes, which end no text here. */
static json_t *whole_text(const char *value, size_t bytes)
{
	json_t *string = value ? json_stringn(value, bytes) : json_null();
	return string ? string : text(value);
}

static json_t *included(struct build *build, const struct report *report)
{
	json_t *array = json_array();
	for (size_t i = 1; i < report->n_sources; i++) {
		const struct source *source = &report->sources[i];
		json_t *object = json_object();
		put(build, object, "file", text(source->file));
		put(build, object, "text", whole_text(source->text, source->text_bytes));
		append(build, array, object);
	}
	return array;
}

static json_t *scenario(struct build *build, const struct report *report)
{
	json_t *object = json_object(), *settings = json_object();
	for (size_t i = 0; i < report->n_settings; i++)
		put(build, settings, report->settings[i].path, text(report->settings[i].value));
	put(build, object, "name", text(report->scenario));
	put(build, object, "file", text(report->file));
	put(build, object, "about", text(report->about));
	put(build, object, "seed", number(report->seed));
	put(build, object, "start", text(report->start));
	put(build, object, "settings", settings);
	put(build, object, "set", overrides(build, report));
	put(build, object, "included", included(build, report));
	put(build, object, "text",
	    report->n_sources > 0 ? whole_text(report->sources[0].text, report->sources[0].text_bytes) : json_null());
	return object;
}

static json_t *verdicts(struct build *build, const struct report *report)
{
	uint64_t passed = 0;
	for (size_t i = 0; i < report->n_expectations; i++)
		passed += report->expectations[i].pass;
	json_t *object = json_object();
	put(build, object, "passed", number(passed));
	put(build, object, "failed", number(report->n_expectations - passed));
	return object;
}

static int document(struct build *build, const struct report *report, json_t *root)
{
	put(build, root, REPORT_MARKER_KEY, text(REPORT_MARKER));
	put(build, root, "report", number(REPORT_VERSION));
	put(build, root, "program", text(report->program));
	put(build, root, "files", texts(build, report->files, report->n_files)); /* near the head: see out/manifest.c */
	put(build, root, "scenario", scenario(build, report));
	put(build, root, "simulated_ns", instant(true, report->end));
	put(build, root, "result", verdicts(build, report));
	put(build, root, "counts", counts_object(build, report->counts, report->n_counts));
	put(build, root, "expectations", expectations(build, report));
	json_t *flows = json_object();
	put(build, root, "flows", flows);
	for (size_t i = 0; i < report->n_flows && !build->failed; i++) {
		int r = flow(build, &report->flows[i], i, flows);
		if (r < 0)
			return r;
	}
	put(build, root, "nats", nats(build, report));
	put(build, root, "environments", environments(build, report));
	put(build, root, "timeline", events(build, report));
	put(build, root, "warnings", warnings(build, report));
	return build->failed ? -ENOMEM : 0;
}

/* How many bytes from here on are plain ASCII: nearly all of a report is, so eight are looked at together. */
static size_t plain_bytes(const char *bytes, size_t n)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), tops = UINT64_C(0x8080808080808080);
	size_t at = 0;
	for (uint64_t word; n - at >= sizeof word; at += sizeof word) {
		memcpy(&word, bytes + at, sizeof word);
		if (((word | (word + ones)) & tops) != 0) /* a byte of 7f or more; of less none carries */
			break;
	}
	while (at < n && (unsigned char)bytes[at] < 0x7f)
		at++;
	return at;
}

/* jansson escapes C0; what else a terminal would obey, or would change what a reader sees, is escaped here. Characters
 * come whole. */
static int dump(const char *bytes, size_t n, void *context)
{
	struct buf *out = context;
	size_t from = 0;
	for (size_t at = plain_bytes(bytes, n); at < n; at += plain_bytes(bytes + at, n - at)) {
		uint32_t character = 0;
		size_t length = utf8_character(bytes + at, n - at, &character);
		if (length > 0 && utf8_is_unsafe(character)) {
			buf_append(out, bytes + from, at - from);
			buf_printf(out, "\\u%04x", character);
			from = at + length;
		}
		at += length > 0 ? length : 1;
	}
	buf_append(out, bytes + from, n - from);
	return buf_failed(out) ? -1 : 0;
}

int report_write(const struct report *report, struct buf *out)
{
	struct build build = {.report = report};
	json_t *root = json_object();
	int r = document(&build, report, root);
	if (r == 0 && json_dump_callback(root, dump, out, JSON_INDENT(2)) != 0)
		r = -ENOMEM;
	json_decref(root);
	if (r < 0)
		return r;
	buf_putc(out, '\n');
	return buf_failed(out) ? -ENOMEM : 0;
}
