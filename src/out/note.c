/* Notes: the line that Wireshark shows with a packet.
 *
 * DOC: a note says which packet of which flow this is and, where something was decided about it just now, what, by whom and by which line
 * of the scenario. Its words are fixed ("packet", "source", "destination", "DROP", "by", "rule"), because people filter for them:
 * frame.comment contains "DROP nsg-deny". A retransmission is marked, since it has a number of its own. */
#include "out/note.h"
#include "out/text.h"
#include <string.h>

size_t note_flow_bytes(const struct note_flows *flows, uint32_t flow)
{
	return (flow < flows->n ? strlen(flows->names[flow]) : 5 + TEXT_DECIMAL_BYTES) + 2 + TEXT_DECIMAL_BYTES;
}

char *note_flow(char *at, const struct note_flows *flows, uint32_t flow, uint32_t index)
{
	if (flow >= flows->n)
		return text_decimal(text_copy(at, "flow-"), flow);
	at = text_copy(at, flows->names[flow]);
	if (flows->counts == NULL || flows->counts[flow] <= 1)
		return at;
	*at++ = '[';
	at = text_decimal(at, index);
	*at++ = ']';
	return at;
}

static size_t optional_bytes(const char *text)
{
	return text == NULL ? 0 : strlen(text);
}

static size_t note_bytes(const struct note_flows *flows, const struct step *step)
{
	const struct verdict *verdict = &step->verdict;
	const size_t words_bytes = 128; /* all that is fixed, and the NUL */
	return note_flow_bytes(flows, step->flow) + TEXT_DECIMAL_BYTES + words_bytes + 4 * TEXT_END_POINT_BYTES +
	       optional_bytes(verdict->by) + optional_bytes(verdict->rule) + optional_bytes(verdict->detail) +
	       text_place_bytes(verdict->place);
}

static char *rewriting(char *at, const char *what, uint8_t proto, be32 old_addr, be16 old_port, be32 addr, be16 port)
{
	at = text_end_point(text_copy(at, what), proto, old_addr, old_port);
	return text_end_point(text_copy(at, " -> "), proto, addr, port);
}

static char *note_translation(char *at, const struct step *step)
{
	const struct tuple *before = &step->before, *after = &step->after;
	const struct verdict *verdict = &step->verdict;
	bool source = !be32_equal(before->src, after->src) || !be16_equal(before->src_port, after->src_port);
	bool destination = !be32_equal(before->dst, after->dst) || !be16_equal(before->dst_port, after->dst_port);
	/* The identifier of an echo stands on both sides of a tuple: where only one address changed, it is that side's. */
	if (after->proto == PROTO_ICMP && be32_equal(before->dst, after->dst) && source)
		destination = false;
	else if (after->proto == PROTO_ICMP && be32_equal(before->src, after->src) && destination)
		source = false;
	at = text_copy(at, ": ");
	at = text_copy(at, verdict->by == NULL ? "" : verdict->by);
	if (source)
		at = rewriting(at, " source ", after->proto, before->src, before->src_port, after->src, after->src_port);
	if (source && destination)
		*at++ = ',';
	if (destination)
		at = rewriting(at, " destination ", after->proto, before->dst, before->dst_port, after->dst, after->dst_port);
	if (verdict->rule != NULL || verdict->place.file != NULL)
		at = text_copy(at, " by");
	if (verdict->rule != NULL) {
		*at++ = ' ';
		at = text_copy(at, verdict->rule);
	}
	return at;
}

static char *note_drop(char *at, const struct step *step)
{
	const struct verdict *verdict = &step->verdict;
	at = text_copy(text_copy(at, ": DROP "), reason_name(verdict->reason));
	if (verdict->by != NULL)
		at = text_copy(text_copy(at, " by "), verdict->by);
	if (verdict->rule != NULL)
		at = text_copy(text_copy(at, " rule "), verdict->rule);
	return at;
}

static char *note_decision(char *at, const struct step *step)
{
	switch (step->kind) {
	case STEP_TRANSLATE:
		at = note_translation(at, step);
		break;
	case STEP_DROP:
		at = note_drop(at, step);
		break;
	case STEP_ORIGINATE:
	case STEP_FILTER:
	case STEP_ROUTE:
	case STEP_FORWARD:
	case STEP_DELIVER:
	case STEP_KIND_COUNT:
		return at;
	}
	if (step->verdict.place.file != NULL) {
		*at++ = ' ';
		at = text_place(at, step->verdict.place);
	}
	if (step->verdict.detail != NULL) {
		at = text_copy(text_copy(at, " ("), step->verdict.detail);
		*at++ = ')';
	}
	return at;
}

const char *note_step(struct buf *out, const struct note_flows *flows, const struct step *step)
{
	size_t bytes = note_bytes(flows, step);
	buf_clear(out);
	if (out->failed || (out->capacity_bytes < bytes && !buf_reserve(out, bytes)))
		return NULL;
	char *start = (char *)out->data;
	char *at = note_flow(start, flows, step->flow, step->index_in_flow);
	at = text_decimal(text_copy(at, " packet "), step->packet->id);
	if ((step->packet->flags & PACKET_RETRANSMISSION) != 0)
		at = text_copy(at, " retransmission");
	at = note_decision(at, step);
	*at = '\0';
	out->size_bytes = (size_t)(at - start);
	return start;
}
