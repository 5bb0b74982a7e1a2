/* DOC: what a NAT takes for true of calls that are asked about and not sent: each leaves its mapping in the trial, and its
 * answer finds it there. A call from inside leaves one at its way out, a call to a forwarded port one at its way in. */
#include "network/drive.h"

void translate_out_suppose(const struct ask *ask, const struct decision *decision, struct trial *trial)
{
	if (trial->n_mappings == TRIAL_MAX || decision->change.kind != CHANGE_SRC)
		return;
	struct tuple inside = packet_tuple(ask->packet), outside = inside;
	outside.src = decision->change.addr;
	outside.src_port = decision->change.port;
	if (outside.proto == PROTO_ICMP)
		outside.dst_port = outside.src_port;
	trial->mappings[trial->n_mappings].node = ask->leg.at;
	trial->mappings[trial->n_mappings].inside = inside;
	trial->mappings[trial->n_mappings].outside = outside;
	trial->n_mappings++;
}

void translate_in_suppose(const struct ask *ask, const struct decision *decision, struct trial *trial)
{
	if (trial->n_mappings == TRIAL_MAX || decision->change.kind != CHANGE_DST || !decision->nat.answer.fixed)
		return;
	struct tuple outside = tuple_reverse(packet_tuple(ask->packet)), inside = outside;
	inside.src = decision->change.addr;
	inside.src_port = decision->change.port;
	trial->mappings[trial->n_mappings].node = ask->leg.at;
	trial->mappings[trial->n_mappings].inside = inside;
	trial->mappings[trial->n_mappings++].outside = outside;
}

bool translate_is_supposed(const struct ask *ask, const struct tuple *arriving, struct nat_answer *ret)
{
	for (uint32_t i = 0; ask->trial && i < ask->trial->n_mappings; i++) {
		struct tuple answer = tuple_reverse(ask->trial->mappings[i].outside);
		if (ask->trial->mappings[i].node != ask->leg.at || !tuple_equal(&answer, arriving))
			continue;
		*ret = (struct nat_answer){.addr = ask->trial->mappings[i].inside.src,
					   .port = ask->trial->mappings[i].inside.src_port};
		return true;
	}
	return false;
}

/* A call that is not sent, but asked about, has come in by a forward: its answer leaves from that port. A mapping that
 * changes nothing is a firewall's session, whose rules have let the call pass and which is about to be translated. */
bool translate_supposed_answer(const struct ask *ask, struct decision *ret)
{
	const struct translator *translator = translator_at(ask->world, ask->leg.at);
	const struct tuple tuple = packet_tuple(ask->packet);
	for (uint32_t i = 0; ask->trial && i < ask->trial->n_mappings; i++) {
		if (ask->trial->mappings[i].node != ask->leg.at ||
		    !tuple_equal(&ask->trial->mappings[i].inside, &tuple) ||
		    tuple_equal(&ask->trial->mappings[i].inside, &ask->trial->mappings[i].outside))
			continue;
		const struct tuple *outside = &ask->trial->mappings[i].outside;
		ret->nat.answer = (struct nat_answer){.addr = outside->src, .port = outside->src_port};
		translator_leave(translator, tuple.dst, ret);
		translator_change_source(translator, CHANGE_SRC, outside->src, outside->src_port, ret);
		return true;
	}
	return false;
}
