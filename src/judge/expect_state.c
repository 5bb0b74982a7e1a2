/* Judging taps, NATs, names, health, and timeline events: what is counted, or asked of the world at an instant. */
#include "judge/judge.h"
#include "model/elements.h"
#include <errno.h>
#include <inttypes.h>

static const char *const metric_words[] = {
	[METRIC_PORTS_IN_USE] = "ports in use",
	[METRIC_MAPPINGS] = "mappings",
	[METRIC_EXPIRED] = "mappings expired",
	[METRIC_EXHAUSTED] = "connections without a port",
};
_Static_assert(sizeof metric_words / sizeof *metric_words == METRIC_EXHAUSTED + 1, "a text for each");

static int take_both(struct judge *judge, struct judgement *ret, const char *expected)
{
	ret->expected = expected;
	ret->actual = text_take(judge);
	return !ret->expected || !ret->actual ? -ENOMEM : 0;
}

static bool within(const struct count_range *range, uint64_t value)
{
	return range->given ? value >= range->min && value <= range->max : value > 0;
}

/* Only an expected count of exactly none is met where nothing ever came. */
static bool expects_none(const struct count_range *range)
{
	return range->given && range->max == 0;
}

int judge_tap(struct judge *judge, const struct tap_watch *tap, struct judgement *ret)
{
	const struct expect_config *expect = tap->expect;
	const char *node = world_node_name(judge->world, tap->node);
	text_range(judge, &expect->count);
	buf_printf(&judge->text, " packets at %s", node);
	if (expect->filter)
		buf_printf(&judge->text, " matching \"%s\"", expect->filter);
	const char *expected = text_take(judge);
	if (tap->n_passed == 0) {
		ret->pass = expects_none(&expect->count);
		buf_printf(&judge->text, "no packet ever passed %s", node);
		return take_both(judge, ret, expected);
	}
	ret->pass = within(&expect->count, tap->n_matched);
	buf_printf(&judge->text, "%" PRIu64 " of %" PRIu64 " packets at %s", tap->n_matched, tap->n_passed, node);
	if (!ret->pass && tap->n_matched > 0) {
		buf_printf(&judge->text, ", the first is packet %" PRIu64 " of ", tap->first.packet_id);
		text_connection(judge, tap->first.flow, tap->first.index);
	}
	int r = take_both(judge, ret, expected);
	if (r < 0 || ret->pass || tap->n_matched == 0)
		return r;
	ret->has_packet = true;
	ret->flow = tap->first.flow;
	ret->packet_id = tap->first.packet_id;
	ret->rule_place = tap->first.place;
	text_rewrite(judge, &tap->first);
	ret->because = text_take(judge);
	return !ret->because ? -ENOMEM : 0;
}

static void put_instant(struct judge *judge, const struct expect_config *expect)
{
	if (!expect->has_at)
		return;
	buf_puts(&judge->text, " at ");
	text_time(judge, (struct instant){expect->at_ns});
}

int judge_nat(struct judge *judge, const struct expect_config *expect, const struct judge_sample_value *sample,
	      struct judgement *ret)
{
	text_range(judge, &expect->count);
	buf_printf(&judge->text, " %s at %s", metric_words[expect->metric], expect->nat_name);
	if (expect->has_worker && expect->worker_element != NONE)
		buf_printf(&judge->text, " of %s", world_node_name(judge->world, expect->worker_element));
	else if (expect->has_worker)
		buf_printf(&judge->text, " worker %" PRIu32, expect->worker);
	put_instant(judge, expect);
	const char *expected = text_take(judge);
	if (!sample->taken) {
		text_stopped(judge);
	} else if (!judge->node_passed[expect->nat] && !expects_none(&expect->count)) {
		buf_printf(&judge->text, "no packet ever passed %s", world_node_name(judge->world, expect->nat));
	} else {
		ret->pass = within(&expect->count, sample->value);
		buf_printf(&judge->text, "%" PRIu64 " %s", sample->value, metric_words[expect->metric]);
	}
	if (!ret->pass)
		ret->rule_place = element_at(judge->model, expect->nat)->nat->place;
	return take_both(judge, ret, expected);
}

int judge_resolve(struct judge *judge, const struct expect_config *expect, struct judgement *ret)
{
	char text[ADDR_TEXT_BYTES];
	be32 found;
	bool known = world_resolve(judge->world, expect->name, expect->from_vnet, expect->from_site, &found);
	buf_printf(&judge->text, "%s resolves to %s%s%s", expect->name, addr_print(expect->to, text),
		   expect->from ? " from " : "", expect->from ? expect->from : "");
	const char *expected = text_take(judge);
	ret->pass = known && be32_equal(found, expect->to);
	buf_puts(&judge->text, known ? addr_print(found, text) : "there is no such name");
	return take_both(judge, ret, expected);
}

static void put_needs(struct judge *judge, uint32_t needs)
{
	static const struct {
		enum need need;
		const char *name;
	} names[] = {
		{NEED_STORAGE, "storage"}, {NEED_SQL, "sql"}, {NEED_MANAGEMENT, "management"}, {NEED_PROBE, "probe"}};
	const char *separator = " because of ";
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if ((needs & names[i].need) == 0)
			continue;
		buf_printf(&judge->text, "%s%s", separator, names[i].name);
		separator = ", ";
	}
}

static bool same_verdict(const struct verdict *a, const struct verdict *b)
{
	return a->reason == b->reason && a->by == b->by && a->rule == b->rule;
}

/* By what each need fails; of those that fail by the same, once. */
static int explain_health(struct judge *judge, const struct judge_sample_value *sample, struct judgement *ret)
{
	const struct verdict *before = NULL;
	for (size_t i = 0; i < N_NEEDS; i++) {
		const struct verdict *verdict = &sample->losses[i].verdict;
		if ((sample->failing & 1u << i) == 0 || (before && same_verdict(before, verdict)))
			continue;
		buf_puts(&judge->text, before ? "; " : "");
		text_verdict(judge, verdict); /* of a packet that was not sent: it has no time and no number */
		if (verdict->detail)
			buf_printf(&judge->text, " (%s)", verdict->detail);
		if (!before)
			ret->rule_place = verdict->place;
		before = verdict;
	}
	if (!before)
		return 0;
	ret->because = text_take(judge);
	return !ret->because ? -ENOMEM : 0;
}

bool health_is_as_expected(const struct expect_config *expect, uint32_t failing)
{
	return expect->healthy == (failing == 0) && (expect->because == 0 || expect->because == failing);
}

int judge_health(struct judge *judge, const struct expect_config *expect, const struct judge_sample_value *sample,
		 struct judgement *ret)
{
	const char *name = judge->model->ases[expect->health_ase].name;
	buf_printf(&judge->text, "%s %s", name, expect->healthy ? "ok" : "degraded");
	put_needs(judge, expect->because);
	put_instant(judge, expect);
	const char *expected = text_take(judge);
	if (!sample->taken) {
		text_stopped(judge);
		return take_both(judge, ret, expected);
	}
	ret->pass = health_is_as_expected(expect, sample->failing);
	ret->cause = sample->cause;
	buf_printf(&judge->text, "%s %s", name, sample->failing == 0 ? "ok" : "degraded");
	put_needs(judge, sample->failing);
	int r = take_both(judge, ret, expected);
	return r < 0 || ret->pass ? r : explain_health(judge, sample, ret);
}

int judge_event(struct judge *judge, const struct event_config *event, const char *why, struct judgement *ret)
{
	text_time(judge, (struct instant){event->at_ns});
	buf_printf(&judge->text, " %s changes something", event->text);
	const char *expected = text_take(judge);
	buf_printf(&judge->text, "it changed nothing: %s", !why ? "the run ended before" : why);
	ret->pass = false;
	ret->rule_place = event->place;
	return take_both(judge, ret, expected);
}
