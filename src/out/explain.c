/* Words for an explanation.
 *
 * DOC: a step is reported in the words of those who read captures and rule tables: who, what was decided, by which rule of
 * which group or table. Names of reasons and of what decides stay as expectations have them ("nsg-deny",
 * "nsg/only-ase-one", "route/system"), so that a reader can copy them into a scenario. Places in the file and addresses
 * are not said here: they stand in columns of their own. */
#include "out/explain.h"
#include "net/header.h"
#include <stdio.h>
#include <string.h>

/* ---- packets ---- */

static char *name_segment(const struct packet *packet, char text[EXPLAIN_PACKET_BYTES])
{
	static const struct {
		uint8_t flag;
		const char *name;
	} flags[] = {{TCP_SYN, "SYN"}, {TCP_FIN, "FIN"}, {TCP_RST, "RST"}, {TCP_PSH, "PSH"}, {TCP_ACK, "ACK"}};
	uint8_t set = ((const struct tcp_header *)packet_l4_const(packet))->flags;
	size_t n = 0;
	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		if (set & flags[i].flag)
			n += (size_t)snprintf(text + n, EXPLAIN_PACKET_BYTES - n, "%s%s", n > 0 ? ", " : "",
					      flags[i].name);
	if (packet->payload_bytes > 0)
		(void)snprintf(text + n, EXPLAIN_PACKET_BYTES - n, " with %u byte%s", packet->payload_bytes,
			       packet->payload_bytes == 1 ? "" : "s");
	return text;
}

static const char *icmp_name(const struct icmp_header *icmp)
{
	switch (icmp->type) {
	case ICMP_ECHO:
		return "ICMP echo request";
	case ICMP_ECHO_REPLY:
		return "ICMP echo reply";
	case ICMP_TIME_EXCEEDED:
		return "ICMP time exceeded";
	case ICMP_PARAMETER_PROBLEM:
		return "ICMP parameter problem";
	case ICMP_UNREACHABLE:
		return icmp->code == ICMP_PORT_UNREACHABLE       ? "ICMP port unreachable"
		       : icmp->code == ICMP_FRAGMENTATION_NEEDED ? "ICMP fragmentation needed"
								 : "ICMP unreachable";
	}
	return "ICMP";
}

static char *name_datagram(const struct packet *packet, char text[EXPLAIN_PACKET_BYTES])
{
	const struct udp_header *udp = packet_l4_const(packet);
	if (be16_to(udp->dst_port) == 53)
		return strcpy(text, "DNS query");
	if (be16_to(udp->src_port) == 53)
		return strcpy(text, "DNS answer");
	(void)snprintf(text, EXPLAIN_PACKET_BYTES, "UDP with %u byte%s", packet->payload_bytes,
		       packet->payload_bytes == 1 ? "" : "s");
	return text;
}

char *explain_packet(const struct packet *packet, char text[EXPLAIN_PACKET_BYTES])
{
	uint8_t proto = packet_ip_const(packet)->proto;
	if ((be16_to(packet_ip_const(packet)->flags_fragment) & IPV4_OFFSET_MASK) != 0)
		return strcpy(text, "a later fragment");
	if (proto == PROTO_TCP)
		return name_segment(packet, text);
	if (proto == PROTO_UDP)
		return name_datagram(packet, text);
	return strcpy(text, icmp_name(packet_l4_const(packet)));
}

/* ---- steps ---- */

static const char *direction(const struct explain_step *step)
{
	return step->flags & STEP_INBOUND ? "inbound" : "outbound";
}

static void translation(struct buf *out, const struct explain_step *step)
{
	const struct tuple *before = &step->before, *after = &step->after;
	bool source = !be32_equal(before->src, after->src) || !be16_equal(before->src_port, after->src_port);
	bool destination = !be32_equal(before->dst, after->dst) || !be16_equal(before->dst_port, after->dst_port);
	/* The identifier of an echo stands on both sides of a tuple: where only one address changed, it is that
	 * side's. */
	if (after->proto == PROTO_ICMP && be32_equal(before->dst, after->dst))
		destination = false;
	else if (after->proto == PROTO_ICMP && be32_equal(before->src, after->src))
		source = false;
	buf_printf(out, "%s rewritten",
		   source && destination ? "source and destination"
		   : source              ? "source"
					 : "destination");
}

static void untranslated(struct buf *out, const struct explain_step *step)
{
	buf_puts(out, "passes on, not translated");
	if (step->ttl < step->ttl_before)
		buf_printf(out, ", TTL lowered from %u to %u", step->ttl_before, step->ttl);
}

void explain_what(struct buf *out, const struct explain_step *step)
{
	switch (step->kind) {
	case STEP_ORIGINATE:
		buf_printf(out, "sends %s", step->packet);
		break;
	case STEP_FILTER:
		/* A firewall's rule has no direction, a group's has. */
		if (step->verdict.rule && !verdict_group(&step->verdict))
			buf_puts(out, "allowed");
		else
			buf_printf(out, "allowed %s%s", direction(step),
				   step->verdict.rule ? "" : " by its flow record");
		break;
	case STEP_ROUTE:
		buf_printf(out, "routed%s%s", step->next_hop ? " to " : "", step->next_hop ? step->next_hop : "");
		break;
	case STEP_TRANSLATE:
		translation(out, step);
		break;
	case STEP_FORWARD:
		if (step->flags & STEP_INBOUND)
			buf_puts(out, "arrives");
		else if (step->flags & STEP_UNTRANSLATED)
			untranslated(out, step);
		else if (step->ttl < step->ttl_before)
			buf_printf(out, "passes on, TTL lowered from %u to %u", step->ttl_before, step->ttl);
		else
			buf_puts(out, "passes on, unchanged");
		break;
	case STEP_DROP:
		buf_printf(out, "DROPPED: %s", reason_name(step->verdict.reason));
		if (step->verdict.reason == REASON_NSG_DENY)
			buf_printf(out, ", %s", direction(step));
		break;
	case STEP_DELIVER:
		buf_puts(out, "delivered");
		break;
	case STEP_KIND_COUNT:
		break;
	}
}

/* The platform's own rules stand in no file. */
static const char *kind_of_rule(const struct explain_step *step, const struct verdict *verdict)
{
	if (verdict_group(verdict) && !verdict->place.file)
		return "the platform's rule";
	return step->is_route ? "route" : "rule";
}

static void decision(struct buf *out, const struct explain_step *step, const struct verdict *verdict)
{
	if (!verdict->rule) {
		buf_printf(out, "by %s", verdict->by);
		return;
	}
	buf_printf(out, "by %s %s", kind_of_rule(step, verdict), verdict->rule);
	if (step->prefix && strcmp(step->prefix, verdict->rule) != 0)
		buf_printf(out, " (%s)", step->prefix);
	buf_printf(out, " of %s", verdict->by);
}

void explain_whose(struct buf *out, const struct explain_step *step)
{
	switch (step->kind) {
	case STEP_FILTER:
		if (step->verdict.rule || !step->opened_by.rule) {
			decision(out, step, &step->verdict);
		} else {
			buf_puts(out, "opened ");
			decision(out, step, &step->opened_by);
		}
		break;
	case STEP_ROUTE:
	case STEP_TRANSLATE:
	case STEP_DROP:
		decision(out, step, &step->verdict);
		break;
	case STEP_ORIGINATE:
	case STEP_FORWARD:
	case STEP_DELIVER:
	case STEP_KIND_COUNT:
		break;
	}
}
