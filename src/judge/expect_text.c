/* The judge's words. */
#include "base/units.h"
#include "judge/judge.h"
#include <inttypes.h>
#include <string.h>

const char *text_take(struct judge *judge)
{
	const char *text = buf_failed(&judge->text) ? NULL : arena_strdup(judge->arena, buf_text(&judge->text));
	buf_clear(&judge->text);
	return text;
}

void text_connection(struct judge *judge, uint32_t flow, uint32_t index)
{
	const struct flow_config *config = &judge->model->flows[flow];
	buf_puts(&judge->text, config->name);
	if (config->repeated)
		buf_printf(&judge->text, "[%" PRIu32 "]", index);
}

void text_endpoint(struct judge *judge, be32 addr, be16 port, uint8_t proto)
{
	char text[ADDR_TEXT_BYTES];
	buf_puts(&judge->text, addr_print(addr, text));
	if (proto != PROTO_ICMP)
		buf_printf(&judge->text, ":%u", be16_to(port));
}

void text_time(struct judge *judge, struct instant at)
{
	char text[UNITS_TEXT_BYTES];
	size_t n = strlen(units_print_seconds(at.ns, text));
	while (n > 0 && text[n - 1] == '0') /* there are nine places after the point: "30.000000000" */
		text[--n] = '\0';
	if (n > 0 && text[n - 1] == '.')
		text[--n] = '\0';
	buf_printf(&judge->text, "t=%ss", text);
}

void text_range(struct judge *judge, const struct count_range *range)
{
	if (!range->given)
		buf_puts(&judge->text, "at least 1");
	else if (range->min == range->max)
		buf_printf(&judge->text, "%" PRIu64, range->min);
	else if (range->max == UINT64_MAX)
		buf_printf(&judge->text, "at least %" PRIu64, range->min);
	else if (range->min == 0)
		buf_printf(&judge->text, "at most %" PRIu64, range->max);
	else
		buf_printf(&judge->text, "%" PRIu64 " to %" PRIu64, range->min, range->max);
}

void text_verdict(struct judge *judge, const struct verdict *verdict)
{
	buf_puts(&judge->text, reason_name(verdict->reason));
	if (verdict->by)
		buf_printf(&judge->text, " by %s", verdict->by);
	if (verdict->rule)
		buf_printf(&judge->text, ", rule %s", verdict->rule);
}

void text_loss(struct judge *judge, const struct world_loss *loss)
{
	text_time(judge, loss->at);
	buf_printf(&judge->text, " %s dropped packet %" PRIu64 ": ", world_node_name(judge->world, loss->node),
		   loss->packet_id);
	text_verdict(judge, &loss->verdict);
	if (loss->verdict.detail)
		buf_printf(&judge->text, " (%s)", loss->verdict.detail);
}

void text_admission(struct judge *judge, const struct admission *admission)
{
	const char *node = world_node_name(judge->world, admission->node);
	text_time(judge, admission->at);
	if (admission->verdict.rule) {
		const char *by = admission->verdict.by;
		bool is_own = strcmp(by, node) == 0; /* a firewall's rule */
		buf_printf(&judge->text, " %s allowed packet %" PRIu64 " by %s%srule %s", node, admission->packet_id,
			   is_own ? "" : by, is_own ? "" : ", ", admission->verdict.rule);
	} else
		buf_printf(&judge->text,
			   " packet %" PRIu64 " arrived at %s: no security group and no firewall was asked",
			   admission->packet_id, node);
}

void text_rewrite(struct judge *judge, const struct sight *sight)
{
	char before[TUPLE_TEXT_BYTES], after[TUPLE_TEXT_BYTES];
	if (sight->forgotten) {
		text_time(judge, sight->at);
		buf_printf(&judge->text, " packet %" PRIu64 " passed %s: %s", sight->packet_id,
			   world_node_name(judge->world, sight->node), tuple_print(&sight->tuple, after));
		return;
	}
	if (!sight->translated) {
		text_time(judge, sight->at);
		buf_printf(&judge->text, " packet %" PRIu64 " reached %s as it was sent: no NAT on the way rewrote it",
			   sight->packet_id, world_node_name(judge->world, sight->node));
		return;
	}
	text_time(judge, sight->translated_at);
	buf_printf(&judge->text, " %s rewrote packet %" PRIu64 ": %s became %s",
		   world_node_name(judge->world, sight->translated_node), sight->packet_id,
		   tuple_print(&sight->before, before), tuple_print(&sight->after, after));
}

void text_who(struct judge *judge, uint32_t flow, const struct world_connection *connection)
{
	const struct model *model = judge->model;
	const struct flow_config *config = &model->flows[flow];
	if (config->from.kind == ENDPOINT_APP)
		buf_printf(&judge->text, "%s on ", model->apps[config->from.index].name);
	buf_printf(&judge->text, "%s, ", connection->from);
	/* A caller that found no port of its own to call from has none to show. */
	text_endpoint(judge, connection->from_addr, be16_from(connection->from_port),
		      connection->from_port == 0 ? PROTO_ICMP : config->proto);
}

void text_stopped(struct judge *judge)
{
	char text[UNITS_TEXT_BYTES];
	if (judge->model->has_stop)
		buf_printf(&judge->text, "the run stopped at %s; raise `stop`",
			   units_print_duration(world_now(judge->world).ns, text));
	else
		buf_printf(&judge->text, "the run ended at %s, with no event left",
			   units_print_duration(world_now(judge->world).ns, text));
}
