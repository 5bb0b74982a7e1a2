/* Notes: the line that Wireshark shows with a packet.
 *
 * DOC: a note says what happened to the packet here, by which element and which line of the scenario, and then which
 * packet of which flow it is: a column shows the beginning of a note. Its words are fixed ("packet", "sent", "source", "destination", "DROP", "by", "rule", "allowed", "routed"),
 * because people filter for them: frame.comment contains "DROP nsg-deny". A retransmission is marked, since it has a
 * number of its own. */
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
	if (!flows->counts || flows->counts[flow] <= 1)
		return at;
	*at++ = '[';
	at = text_decimal(at, index);
	*at++ = ']';
	return at;
}

static size_t optional_bytes(const char *text)
{
	return !text ? 0 : strlen(text);
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
	/* The identifier of an echo stands on both sides of a tuple: where only one address changed, it is that
	 * side's. */
	if (after->proto == PROTO_ICMP && be32_equal(before->dst, after->dst) && source)
		destination = false;
	else if (after->proto == PROTO_ICMP && be32_equal(before->src, after->src) && destination)
		source = false;
	at = text_copy(at, !verdict->by ? "" : verdict->by);
	if (source)
		at = rewriting(at, " source ", after->proto, before->src, before->src_port, after->src,
			       after->src_port);
	if (source && destination)
		*at++ = ',';
	if (destination)
		at = rewriting(at, " destination ", after->proto, before->dst, before->dst_port, after->dst,
			       after->dst_port);
	if (verdict->rule || verdict->place.file)
		at = text_copy(at, " by");
	if (verdict->rule) {
		*at++ = ' ';
		at = text_copy(at, verdict->rule);
	}
	return at;
}

static char *note_drop(char *at, const struct step *step)
{
	const struct verdict *verdict = &step->verdict;
	at = text_copy(text_copy(at, "DROP "), reason_name(verdict->reason));
	if (verdict->by)
		at = text_copy(text_copy(at, " by "), verdict->by);
	if (verdict->rule)
		at = text_copy(text_copy(at, " rule "), verdict->rule);
	return at;
}

/* A group that let a packet pass by its flow record says so in the detail. */
static char *note_way(char *at, const char *word, const struct verdict *verdict)
{
	at = text_copy(at, word);
	if (verdict->by)
		at = text_copy(text_copy(at, " by "), verdict->by);
	if (verdict->rule)
		at = text_copy(text_copy(at, " rule "), verdict->rule);
	return at;
}

static char *note_reasons(char *at, const struct verdict *verdict)
{
	if (verdict->place.file) {
		*at++ = ' ';
		at = text_place(at, verdict->place);
	}
	if (verdict->detail) {
		at = text_copy(text_copy(at, " ("), verdict->detail);
		*at++ = ')';
	}
	return at;
}

static char *note_what(char *at, const struct step *step)
{
	switch (step->kind) {
	case STEP_TRANSLATE:
		return note_reasons(note_translation(at, step), &step->verdict);
	case STEP_DROP:
		return note_reasons(note_drop(at, step), &step->verdict);
	case STEP_FILTER:
		return note_reasons(note_way(at, "allowed", &step->verdict), &step->verdict);
	case STEP_ROUTE:
		return note_reasons(note_way(at, "routed", &step->verdict), &step->verdict);
	case STEP_ORIGINATE:
		return text_copy(at, "sent");
	case STEP_FORWARD:
		if ((step->flags & STEP_UNTRANSLATED) != 0)
			return note_reasons(text_copy(at, "passes untranslated"), &step->verdict);
		return text_copy(at, (step->flags & STEP_INBOUND) != 0 ? "arrives" : "passes");
	case STEP_DELIVER:
		return text_copy(at, "delivered");
	case STEP_KIND_COUNT:
		break;
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
	char *at = note_what(start, step);
	at = note_flow(text_copy(at, ", "), flows, step->flow, step->index_in_flow);
	at = text_decimal(text_copy(at, " packet "), step->packet->id);
	if ((step->packet->flags & PACKET_RETRANSMISSION) != 0)
		at = text_copy(at, " retransmission");
	*at = '\0';
	out->size_bytes = (size_t)(at - start);
	return start;
}

bool note_decision(struct buf *out, const struct step *step)
{
	size_t bytes = note_bytes(&(struct note_flows){0}, step);
	if (out->failed || (out->capacity_bytes - out->size_bytes < bytes && !buf_reserve(out, bytes)))
		return false;
	char *start = (char *)out->data + out->size_bytes;
	out->size_bytes += (size_t)(note_what(start, step) - start);
	return true;
}
