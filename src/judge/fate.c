/* What became of each flow, in the judge's words and whatever was expected: for runs without expectations. */
#include "judge/judge.h"
#include <errno.h>
#include <inttypes.h>

/* The connections of a flow by outcome, and the first of them that lost a packet. */
struct tally {
	struct review found;
	bool lost;
	struct world_connection first_lost;
};

static void count_outcomes(const struct judge *judge, uint32_t flow, struct tally *ret)
{
	*ret = (struct tally){0};
	for (uint32_t i = 0; i < judge->model->flows[flow].count; i++) {
		struct world_connection connection;
		world_connection(judge->world, flow, i, &connection);
		ret->found.outcomes[connection.started ? connection.outcome : OUTCOME_NONE]++;
		if (ret->lost || !connection.loss)
			continue;
		ret->lost = true;
		ret->first_lost = connection;
	}
}

/* "9 packets forwarded, 1 dropped" of those made by hand. */
static void text_crafted(struct judge *judge, uint32_t flow)
{
	static const struct {
		enum outcome outcome;
		const char *word;
	} words[] = {
		{OUTCOME_FORWARDED, "forwarded"}, {OUTCOME_DROPPED, "dropped"}, {OUTCOME_NONE, "still on their way"}};
	bool any = false;
	for (size_t w = 0; w < sizeof words / sizeof *words; w++) {
		uint32_t n = 0;
		for (uint32_t i = 0; i < judge->model->flows[flow].n_packets; i++) {
			struct world_crafted crafted;
			world_crafted(judge->world, flow, i, &crafted);
			n += crafted.sent && crafted.outcome == words[w].outcome;
		}
		if (n > 0)
			buf_printf(&judge->text,
				   any      ? ", %" PRIu32 " %s"
				   : n == 1 ? "%" PRIu32 " packet %s"
					    : "%" PRIu32 " packets %s",
				   n, words[w].word);
		any = any || n > 0;
	}
	if (!any)
		buf_puts(&judge->text, "no packet was sent");
}

static int describe(struct judge *judge, uint32_t flow, struct judge_fate *ret)
{
	struct tally tally;
	struct world_connection first;
	uint32_t n = judge->model->flows[flow].count;
	count_outcomes(judge, flow, &tally);
	world_connection(judge->world, flow, 0, &first);
	ret->flow = flow;
	ret->delivered = tally.found.outcomes[OUTCOME_DELIVERED] + tally.found.outcomes[OUTCOME_FORWARDED] == n;
	if (!first.started && n == 1) {
		buf_puts(&judge->text, "never started: ");
		text_stopped(judge);
	} else if (judge->model->flows[flow].n_packets > 0) {
		text_crafted(judge, flow);
		if (first.loss) {
			buf_puts(&judge->text, ", first loss ");
			text_verdict(judge, &first.loss->verdict);
		}
	} else if (n == 1) {
		text_actual_outcome(judge, &first);
	} else {
		text_actual_counts(judge, &tally.found);
		if (tally.lost) {
			buf_puts(&judge->text, ", first loss ");
			text_verdict(judge, &tally.first_lost.loss->verdict);
		}
	}
	ret->actual = text_take(judge);
	if (!ret->actual || !first.started || !first.from)
		return ret->actual ? 0 : -ENOMEM;
	text_who(judge, flow, &first);
	ret->where = text_take(judge);
	return ret->where ? 0 : -ENOMEM;
}

int judge_fates(struct judge *judge, const struct judge_fate **ret)
{
	size_t n = judge->model->n_flows;
	struct judge_fate *fates = arena_array(judge->arena, n, sizeof *fates);
	int r = fates ? 0 : -ENOMEM;
	for (uint32_t i = 0; r == 0 && i < n; i++)
		r = describe(judge, i, &fates[i]);
	*ret = fates;
	return r;
}
