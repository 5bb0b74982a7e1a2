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

static int describe(struct judge *judge, uint32_t flow, struct judge_fate *ret)
{
	struct tally tally;
	struct world_connection first;
	uint32_t n = judge->model->flows[flow].count;
	count_outcomes(judge, flow, &tally);
	world_connection(judge->world, flow, 0, &first);
	ret->flow = flow;
	ret->delivered = tally.found.outcomes[OUTCOME_DELIVERED] == n;
	if (!first.started && n == 1) {
		buf_puts(&judge->text, "never started: ");
		text_stopped(judge);
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
