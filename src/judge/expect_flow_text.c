/* The judge's words for what an item says of a flow, and for what came instead. */
#include "judge/judge.h"
#include <inttypes.h>

/* ---- what was expected ---- */

static void list_prefixes(struct judge *judge, const char *label, const struct prefix *prefixes, size_t n)
{
	char text[PREFIX_TEXT_BYTES];
	for (size_t i = 0; i < n; i++)
		buf_printf(&judge->text, "%s%s", i == 0 ? label : " or ", prefix_print(prefixes[i], text));
}

static void expected_sight(struct judge *judge, const struct watch *watch)
{
	const struct expect_config *expect = watch->expect;
	char text[ADDR_TEXT_BYTES];
	if (watch->seen_node == NONE)
		buf_puts(&judge->text, "seen last");
	else
		buf_printf(&judge->text, "seen at %s", world_node_name(judge->world, watch->seen_node));
	if (expect->pass == PASS_LAST)
		buf_puts(&judge->text, " on its last pass");
	else if (expect->pass > 1)
		buf_printf(&judge->text, " on pass %" PRIu32, expect->pass);
	if (expect->has_src)
		buf_printf(&judge->text, " with source %s", addr_print(expect->src, text));
	if (expect->src_port.given) {
		buf_puts(&judge->text, " with source port ");
		text_range(judge, &expect->src_port);
	}
	list_prefixes(judge, " with source in ", expect->src_in, expect->n_src_in);
	list_prefixes(judge, " with source not in ", expect->src_not_in, expect->n_src_not_in);
	if (expect->has_dst)
		buf_printf(&judge->text, " with destination %s", addr_print(expect->dst, text));
	if (expect->dst_port.given) {
		buf_puts(&judge->text, " with destination port ");
		text_range(judge, &expect->dst_port);
	}
	list_prefixes(judge, " with destination in ", expect->dst_in, expect->n_dst_in);
}

static void list_nodes(struct judge *judge, const char *label, const uint32_t *nodes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_printf(&judge->text, "%s%s", i == 0 ? label : ", ", world_node_name(judge->world, nodes[i]));
}

static void expected_loss(struct judge *judge, const struct expect_config *expect)
{
	buf_puts(&judge->text, "first loss");
	if (expect->has_reason)
		buf_printf(&judge->text, " %s", reason_name(expect->reason));
	if (expect->by)
		buf_printf(&judge->text, " by %s", expect->by);
	if (expect->rule)
		buf_printf(&judge->text, ", rule %s", expect->rule);
}

void text_expected_counts(struct judge *judge, const struct expect_config *expect)
{
	for (size_t i = 0; i < expect->n_connections; i++) {
		buf_puts(&judge->text, i == 0 ? "" : ", ");
		text_range(judge, &expect->connections[i].count);
		buf_printf(&judge->text, " %s", outcome_name(expect->connections[i].outcome));
	}
}

void text_expected(struct judge *judge, const struct watch *watch, enum aspect aspect)
{
	const struct expect_config *expect = watch->expect;
	switch (aspect) {
	case ASPECT_STARTED:
		buf_puts(&judge->text, expect->packet > 0 ? "the packet is sent" : "the call is made");
		break;
	case ASPECT_OUTCOME:
		buf_puts(&judge->text, outcome_name(expect->outcome));
		break;
	case ASPECT_REASON:
		expected_loss(judge, expect);
		break;
	case ASPECT_SEEN:
		expected_sight(judge, watch);
		break;
	case ASPECT_HOPS:
		list_nodes(judge, "passes in this order ", watch->hop_nodes, expect->n_hops);
		break;
	case ASPECT_CROSSES:
		list_nodes(judge, "crosses ", watch->cross_nodes, expect->n_crosses);
		break;
	case ASPECT_NEVER_CROSSES:
		list_nodes(judge, "never crosses ", watch->never_nodes, expect->n_never_crosses);
		break;
	case ASPECT_COUNT:
		text_expected_counts(judge, expect);
		break;
	}
}

bool flow_aspect_is_asked(const struct expect_config *expect, enum aspect aspect)
{
	switch (aspect) {
	case ASPECT_STARTED:
		return false; /* always asked, worth saying only where nothing else is */
	case ASPECT_OUTCOME:
		return expect->has_outcome;
	case ASPECT_REASON:
		return expect->has_reason || expect->by || expect->rule;
	case ASPECT_SEEN:
		return expect_asks_sight(expect);
	case ASPECT_HOPS:
		return expect->n_hops > 0;
	case ASPECT_CROSSES:
		return expect->n_crosses > 0;
	case ASPECT_NEVER_CROSSES:
		return expect->n_never_crosses > 0;
	case ASPECT_COUNT:
		return expect->n_connections > 0;
	}
	return false;
}

void text_expected_all(struct judge *judge, const struct watch *watch)
{
	bool any = false;
	for (enum aspect aspect = 0; aspect <= ASPECT_COUNT; aspect++) {
		if (!flow_aspect_is_asked(watch->expect, aspect))
			continue;
		buf_puts(&judge->text, any ? "; " : "");
		text_expected(judge, watch, aspect);
		any = true;
	}
	if (!any)
		text_expected(judge, watch, ASPECT_STARTED);
}

/* ---- what came ---- */

void text_actual_counts(struct judge *judge, const struct review *found)
{
	bool any = false;
	for (uint32_t o = 1; o <= OUTCOME_COUNT; o++) {
		enum outcome outcome = (enum outcome)(o % OUTCOME_COUNT); /* "unfinished", which is 0, comes last */
		if (found->outcomes[outcome] == 0)
			continue;
		buf_printf(&judge->text, "%s%" PRIu32 " %s", any ? ", " : "", found->outcomes[outcome],
			   outcome_name(outcome));
		any = true;
	}
	if (found->outcomes[OUTCOME_NONE] == 0)
		return;
	buf_puts(&judge->text, ": ");
	text_stopped(judge);
}

static void actual_sight(struct judge *judge, const struct expect_config *expect, const struct sight *sight)
{
	const struct tuple *tuple = &sight->tuple;
	buf_printf(&judge->text, "%s saw ", world_node_name(judge->world, sight->node));
	text_endpoint(judge, tuple->src, tuple->src_port, tuple->proto);
	if (expect->has_dst || expect->dst_port.given || expect->n_dst_in > 0) {
		buf_puts(&judge->text, " to ");
		text_endpoint(judge, tuple->dst, tuple->dst_port, tuple->proto);
	}
}

void text_actual_outcome(struct judge *judge, const struct world_connection *connection)
{
	buf_puts(&judge->text, outcome_name(connection->outcome));
	if (connection->outcome == OUTCOME_NONE) {
		buf_puts(&judge->text, ": ");
		text_stopped(judge);
	} else if (connection->loss) {
		buf_puts(&judge->text, ", first loss ");
		text_verdict(judge, &connection->loss->verdict);
	}
}

static void actual_hops(struct judge *judge, const struct watch *watch, uint32_t position)
{
	uint16_t n = watch->hops[position].best;
	if (n > 0)
		list_nodes(judge, "passed ", watch->hop_nodes, n);
	else
		buf_puts(&judge->text, "passed none of them");
	if (n > 0)
		buf_printf(&judge->text, ", then never %s", world_node_name(judge->world, watch->hop_nodes[n]));
}

static void actual_crosses(struct judge *judge, const struct watch *watch, const struct failure *failure)
{
	bool any = false;
	buf_puts(&judge->text, "no packet of ");
	text_connection(judge, failure->flow, failure->index);
	for (size_t i = 0; i < watch->expect->n_crosses; i++) {
		if (bitmap_has(watch->crossed[i], failure->position))
			continue;
		buf_printf(&judge->text, "%s%s", any ? ", " : " passed ",
			   world_node_name(judge->world, watch->cross_nodes[i]));
		any = true;
	}
}

static void actual_passes(struct judge *judge, const struct watch *watch, const struct failure *failure)
{
	uint32_t n = watch->passes[failure->position].now;
	text_connection(judge, failure->flow, failure->index);
	buf_printf(&judge->text, " passed %s ", world_node_name(judge->world, watch->seen_node));
	if (n == 1)
		buf_puts(&judge->text, "once");
	else
		buf_printf(&judge->text, "%" PRIu32 " times", n);
	buf_printf(&judge->text, ": there is no pass %" PRIu32, watch->expect->pass);
}

void text_actual(struct judge *judge, const struct watch *watch, enum aspect aspect, const struct failure *failure,
		 const struct world_connection *connection)
{
	switch (aspect) {
	case ASPECT_STARTED:
		if (watch->expect->packet > 0)
			buf_printf(&judge->text, "packet %" PRIu32 " of ", watch->expect->packet);
		text_connection(judge, failure->flow, failure->index);
		buf_puts(&judge->text, watch->expect->packet > 0 ? " was never sent: " : " never started: ");
		text_stopped(judge);
		break;
	case ASPECT_OUTCOME:
		text_actual_outcome(judge, connection);
		break;
	case ASPECT_REASON:
		if (connection->loss)
			text_verdict(judge, &connection->loss->verdict);
		else
			buf_printf(&judge->text, "no packet was lost or refused (%s)",
				   outcome_name(connection->outcome));
		break;
	case ASPECT_SEEN:
		if (bitmap_has(watch->seen, failure->position)) {
			actual_sight(judge, watch->expect, &watch->first_bad);
			break;
		}
		if (watch->passes && watch->passes[failure->position].now > 0) {
			actual_passes(judge, watch, failure);
			break;
		}
		buf_printf(&judge->text, "%s never saw ",
			   watch->seen_node == NONE ? "the network" : world_node_name(judge->world, watch->seen_node));
		if (watch->expect->packet > 0)
			buf_printf(&judge->text, "packet %" PRIu32 " of ", watch->expect->packet);
		text_connection(judge, failure->flow, failure->index);
		break;
	case ASPECT_HOPS:
		actual_hops(judge, watch, failure->position);
		break;
	case ASPECT_CROSSES:
		actual_crosses(judge, watch, failure);
		break;
	case ASPECT_NEVER_CROSSES:
		buf_printf(&judge->text, "packet %" PRIu64 " of ", watch->trespass.packet_id);
		text_connection(judge, failure->flow, failure->index);
		buf_printf(&judge->text, " passed %s", world_node_name(judge->world, watch->trespass.node));
		break;
	case ASPECT_COUNT:
		break;
	}
}

void text_actual_pass(struct judge *judge, const struct watch *watch, const struct review *found,
		      const struct world_connection *first)
{
	const struct expect_config *expect = watch->expect;
	if (expect->n_connections > 0) {
		text_actual_counts(judge, found);
		return;
	}
	if (watch->seen)
		actual_sight(judge, expect, &watch->first_seen);
	else if (expect->has_outcome || flow_aspect_is_asked(expect, ASPECT_REASON))
		text_actual_outcome(judge, first);
	else
		text_expected_all(judge, watch);
	if (watch->n_connections > 1)
		buf_printf(&judge->text, " (the first of %" PRIu32 ")", watch->n_connections);
}
