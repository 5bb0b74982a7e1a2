/* Judging what is said of a flow: it must hold for every connection that the item names.
 *
 * DOC: the aspects are asked in the order below, and the first that fails is the one that is reported, with its first
 * connection and the number of those that failed with it: a call that was refused was not seen at its target either,
 * and the refusal is the news. */
#include "judge/judge.h"
#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* ---- what holds for one connection ---- */

static bool loss_is_as_expected(const struct expect_config *expect, const struct world_loss *loss)
{
	if (!expect->has_reason && !expect->by && !expect->rule)
		return true;
	if (!loss)
		return false;
	const struct verdict *verdict = &loss->verdict;
	return (!expect->has_reason || verdict->reason == expect->reason) &&
	       (!expect->by || (verdict->by && strcmp(verdict->by, expect->by) == 0)) &&
	       (!expect->rule || (verdict->rule && strcmp(verdict->rule, expect->rule) == 0));
}

static bool crossed_all(const struct watch *watch, uint32_t position)
{
	for (size_t i = 0; i < watch->expect->n_crosses; i++) {
		if (!bitmap_has(watch->crossed[i], position))
			return false;
	}
	return true;
}

static bool holds(const struct watch *watch, enum aspect aspect, const struct world_connection *connection,
		  uint32_t position)
{
	const struct expect_config *expect = watch->expect;
	switch (aspect) {
	case ASPECT_STARTED:
		return connection->started;
	case ASPECT_OUTCOME: /* an unfinished connection has none, and none is ever expected */
		return !expect->has_outcome ||
		       (connection->outcome != OUTCOME_NONE && connection->outcome == expect->outcome);
	case ASPECT_REASON:
		return loss_is_as_expected(expect, connection->loss);
	case ASPECT_SEEN:
		return !watch->seen || (bitmap_has(watch->seen, position) && !bitmap_has(watch->bad, position));
	case ASPECT_HOPS:
		return !watch->hops || watch->hops[position].best == expect->n_hops;
	case ASPECT_CROSSES:
		return crossed_all(watch, position);
	case ASPECT_NEVER_CROSSES:
		return !watch->trespass.valid || watch->trespass.position != position;
	case ASPECT_COUNT:
		break;
	}
	return false;
}

/* Of an item about a packet made by hand: what became of that, in the terms of a connection. */
static void connection_of(const struct judge *judge, const struct watch *watch, uint32_t flow, uint32_t index,
			  struct world_connection *ret)
{
	struct world_crafted crafted;
	world_connection(judge->world, flow, index, ret);
	if (watch->expect->packet == 0)
		return;
	world_crafted(judge->world, flow, watch->expect->packet - 1, &crafted);
	ret->started = ret->started && crafted.sent;
	ret->outcome = crafted.outcome;
	ret->loss = crafted.outcome == OUTCOME_DROPPED ? crafted.end : NULL;
}

static void review(struct judge *judge, const struct watch *watch, struct review *ret)
{
	*ret = (struct review){0};
	for (size_t r = 0; r < watch->n_ranges; r++) {
		const struct watch_range *range = &watch->ranges[r];
		for (uint32_t i = 0; i <= range->last - range->first; i++) {
			struct world_connection connection;
			connection_of(judge, watch, range->flow, range->first + i, &connection);
			if (ret->outcomes[connection.outcome]++ == 0)
				ret->first[connection.outcome] =
					(struct failure){1, range->flow, range->first + i, range->base + i};
			for (enum aspect aspect = 0; aspect < ASPECT_COUNT; aspect++) {
				struct failure *failure = &ret->failures[aspect];
				if (holds(watch, aspect, &connection, range->base + i))
					continue;
				if (failure->n++ == 0) {
					failure->flow = range->flow;
					failure->index = range->first + i;
					failure->position = range->base + i;
				}
			}
		}
	}
}

static bool counts_hold(const struct expect_config *expect, const struct review *found)
{
	for (size_t i = 0; i < expect->n_connections; i++) {
		const struct count_range *count = &expect->connections[i].count;
		uint32_t n = found->outcomes[expect->connections[i].outcome];
		if (n < count->min || n > count->max)
			return false;
	}
	return true;
}

/* A connection that came out as more of them did than were expected: it stands for why the counts are wrong. NULL where
 * there is none. */
static const struct failure *in_excess(const struct expect_config *expect, const struct review *found)
{
	for (uint32_t o = OUTCOME_COUNT; o-- > 0;) { /* the unhappy outcomes first */
		uint64_t expected = 0;
		for (size_t i = 0; i < expect->n_connections; i++) {
			if (expect->connections[i].outcome == (enum outcome)o)
				expected = expect->connections[i].count.max;
		}
		if (found->outcomes[o] > expected)
			return &found->first[o];
	}
	return NULL;
}

/* ---- the judgement ---- */

static void point_at(struct judgement *judgement, uint32_t flow, uint64_t packet_id, struct place place)
{
	judgement->has_packet = true;
	judgement->flow = flow;
	judgement->packet_id = packet_id;
	judgement->rule_place = place;
}

/* The step that made it so: a rewrite for an address, the first loss for what did not arrive, the rule that let through
 * what should have been lost. */
static int explain(struct judge *judge, const struct watch *watch, enum aspect aspect, const struct failure *failure,
		   const struct world_connection *connection, struct judgement *ret)
{
	const struct sight *sight = NULL;
	if (aspect == ASPECT_SEEN && bitmap_has(watch->seen, failure->position))
		sight = &watch->first_bad;
	else if (aspect == ASPECT_NEVER_CROSSES)
		sight = &watch->trespass;
	if (sight) {
		point_at(ret, failure->flow, sight->packet_id, sight->place);
		text_rewrite(judge, sight);
	} else if (connection->loss) {
		point_at(ret, failure->flow, connection->loss->packet_id, connection->loss->verdict.place);
		text_loss(judge, connection->loss);
	} else if (watch->admitted.valid && watch->admitted.position == failure->position) {
		point_at(ret, failure->flow, watch->admitted.packet_id, watch->admitted.verdict.place);
		text_admission(judge, &watch->admitted);
	} else {
		return 0;
	}
	ret->because = text_take(judge);
	return !ret->because ? -ENOMEM : 0;
}

/* An environment's own address at the other end is worth a word: calls that leave its network never keep theirs. */
static bool kept_address(const struct judge *judge, const struct watch *watch, uint32_t flow,
			 const struct world_connection *connection)
{
	enum endpoint_kind from = judge->model->flows[flow].from.kind;
	const struct sight *sight = &watch->first_seen;
	return sight->valid && sight->position == 0 && (from == ENDPOINT_APP || from == ENDPOINT_WORKER) &&
	       be32_equal(sight->tuple.src, connection->from_addr);
}

static int set_call(struct judge *judge, const struct failure *failure, struct judgement *ret)
{
	text_connection(judge, failure->flow, failure->index);
	ret->call = text_take(judge);
	ret->call_flow = failure->flow;
	ret->call_index = failure->index;
	return !ret->call ? -ENOMEM : 0;
}

static int set_where(struct judge *judge, const struct watch *watch, uint32_t flow,
		     const struct world_connection *connection, struct judgement *ret)
{
	if (!connection->started || !connection->from)
		return 0;
	text_who(judge, flow, connection);
	if (ret->pass && kept_address(judge, watch, flow, connection))
		buf_puts(&judge->text, ": address kept");
	ret->where = text_take(judge);
	return !ret->where ? -ENOMEM : 0;
}

static int fail_aspect(struct judge *judge, const struct watch *watch, enum aspect aspect,
		       const struct failure *failure, struct judgement *ret)
{
	struct world_connection connection;
	connection_of(judge, watch, failure->flow, failure->index, &connection);
	text_expected(judge, watch, aspect);
	ret->expected = text_take(judge);
	text_actual(judge, watch, aspect, failure, &connection);
	if (watch->n_connections > 1) {
		buf_puts(&judge->text, " (");
		text_connection(judge, failure->flow, failure->index);
		if (aspect != ASPECT_NEVER_CROSSES)
			buf_printf(&judge->text, "; %" PRIu32 " of %" PRIu32 " connections failed this", failure->n,
				   watch->n_connections);
		buf_puts(&judge->text, ")");
	}
	ret->actual = text_take(judge);
	if (!ret->expected || !ret->actual)
		return -ENOMEM;
	int r = connection.started ? set_call(judge, failure, ret) : 0;
	r = r < 0 ? r : explain(judge, watch, aspect, failure, &connection, ret);
	return r < 0 ? r : set_where(judge, watch, failure->flow, &connection, ret);
}

static int fail_counts(struct judge *judge, const struct watch *watch, const struct review *found,
		       struct judgement *ret)
{
	const struct failure *failure = in_excess(watch->expect, found);
	struct world_connection connection;
	text_expected_counts(judge, watch->expect);
	ret->expected = text_take(judge);
	text_actual_counts(judge, found);
	ret->actual = text_take(judge);
	if (!ret->expected || !ret->actual)
		return -ENOMEM;
	if (!failure)
		return 0;
	connection_of(judge, watch, failure->flow, failure->index, &connection);
	int r = set_call(judge, failure, ret);
	r = r < 0 ? r : explain(judge, watch, ASPECT_OUTCOME, failure, &connection, ret);
	return r < 0 ? r : set_where(judge, watch, failure->flow, &connection, ret);
}

int judge_flow(struct judge *judge, const struct watch *watch, struct judgement *ret)
{
	struct review found;
	review(judge, watch, &found);
	for (enum aspect aspect = 0; aspect < ASPECT_COUNT; aspect++) {
		if (found.failures[aspect].n > 0)
			return fail_aspect(judge, watch, aspect, &found.failures[aspect], ret);
	}
	if (!counts_hold(watch->expect, &found))
		return fail_counts(judge, watch, &found, ret);
	struct world_connection first;
	uint32_t flow = watch->ranges[0].flow;
	connection_of(judge, watch, flow, watch->ranges[0].first, &first);
	ret->pass = true;
	text_expected_all(judge, watch);
	ret->expected = text_take(judge);
	text_actual_pass(judge, watch, &found, &first);
	ret->actual = text_take(judge);
	if (!ret->expected || !ret->actual)
		return -ENOMEM;
	return set_where(judge, watch, flow, &first, ret);
}
