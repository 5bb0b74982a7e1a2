/* DOC: what a NAT does by configuration: one address for one machine (`static`), a port for a machine (`forward`), and
 * destinations that keep their source (`except`, `only`). The rules are rule/nat_fixed.c's. What is one to one, and what
 * keeps its source, needs no table: also a fragment without ports is translated at once. */
#include "network/drive.h"
#include "rule/nat.h"

void translate_by_fixed(const struct world *world, const struct translator *translator, bool outbound,
			struct decision *ret)
{
	const struct nat_answer *answer = &ret->nat.answer;
	bool is_error = ret->nat.reading == READING_ERROR;
	if (outbound)
		translator_change_source(translator, is_error ? CHANGE_SRC_OF_ERROR : CHANGE_SRC, answer->addr,
					 answer->port, ret);
	else
		translator_change_destination(world, translator, ret->nat.packet.tuple.src,
					      is_error ? CHANGE_DST_OF_ERROR : CHANGE_DST, answer->addr, answer->port,
					      ret);
	ret->change.rule = answer->fixed->rule;
	ret->change.place = answer->fixed->place;
}

/* What the machine is known by: of an error the end of the packet inside it. */
static struct tuple tuple_of(const struct ask *ask, struct decision *ret)
{
	struct tuple inner, tuple = packet_tuple(ask->packet);
	ret->nat.reading = translate_is_error(ask->packet) ? READING_ERROR : READING_USUAL;
	if (ret->nat.reading == READING_ERROR &&
	    translate_error_about(translator_at(ask->world, ask->leg.at), ask->packet, &inner) == REASON_NONE)
		tuple = tuple_reverse(inner);
	return tuple;
}

bool translate_fixed_out(const struct ask *ask, struct decision *ret)
{
	const struct translator *translator = translator_at(ask->world, ask->leg.at);
	const struct tuple tuple = tuple_of(ask, ret);
	be32 dst = packet_ip_const(ask->packet)->dst;
	struct nat_answer answer = {0};
	if (translator->has_exceptions && nat_keeps_source(translator->nat, &tuple, ask->world->now)) {
		ret->nat.answer = (struct nat_answer){.is_stateless = true};
		translator_leave(translator, dst, ret);
		return true;
	}
	if (!nat_static_out(translator->nat, tuple.src, tuple.src_port, &answer))
		return false;
	ret->nat.answer = answer;
	ret->nat.packet.tuple = tuple;
	translator_leave(translator, dst, ret);
	translate_by_fixed(ask->world, translator, true, ret);
	return true;
}

bool translate_fixed_in(const struct ask *ask, struct decision *ret)
{
	const struct translator *translator = translator_at(ask->world, ask->leg.at);
	const struct tuple tuple = tuple_of(ask, ret);
	struct nat_answer answer = {.inbound = true};
	if (!nat_static_in(translator->nat, tuple.dst, tuple.dst_port, &answer))
		return false;
	ret->nat.answer = answer;
	ret->nat.packet.tuple = tuple;
	ret->nat.packet.tuple.src = packet_ip_const(ask->packet)->src;
	translate_by_fixed(ask->world, translator, false, ret);
	return true;
}

const char *translate_limit(enum nat_limit limit)
{
	static const char *const details[] = {
		[NAT_LIMIT_NONE] = NULL,
		[NAT_LIMIT_DESTINATION] =
			"`max_per_destination` mappings of its address go to this destination already",
		[NAT_LIMIT_MAPPINGS] = "the NAT has `max_mappings` mappings already",
		[NAT_LIMIT_HOST] = "the machine has `max_per_host` mappings already",
	};
	return details[limit];
}
