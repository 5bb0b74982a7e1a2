/* DOC: a NAT that reads FTP (`alg: [ftp]`), as Linux's nf_nat_ftp does. In a control connection (port 21) an end inside
 * names the address and port that it opens for a data connection: PORT of a caller, 227 of a server. The NAT puts its
 * own outside end in their place, lets the other end's data connection in there, once, and shifts the sequence numbers
 * behind the line that grew or shrank, and the acknowledgments that come back. A line that names another address than
 * its sender's passes as it is.
 *
 * What it lets in is forgotten once it came, when another line takes its place, and with the control connection's
 * mapping. What it remembers of a control connection is kept by its outside port. */
#include "base/arena.h"
#include "host/ftp.h"
#include "network/drive.h"
#include "rule/sequence.h"
#include <errno.h>
#include <stdlib.h>

#define BUCKETS 1024u

struct control {
	struct control *next;
	struct tuple outside; /* as what it sends leaves */
	struct sequence_shift shift;
	struct nat_forward expected;
	struct instant since; /* that it is expected */
	uint32_t maker;       /* the connection */
	bool expects, is_over;
};

struct ftp_gateway {
	struct control *buckets[BUCKETS]; /* by the outside port */
};

void ftp_gateway_free(struct translator *translator)
{
	for (size_t i = 0; translator->ftp && i < BUCKETS; i++) {
		for (struct control *control = translator->ftp->buckets[i], *next; control; control = next) {
			next = control->next;
			free(control);
		}
	}
	free(translator->ftp);
	translator->ftp = NULL;
}

/* ---- control connections ---- */

static struct control **bucket_of(const struct translator *translator, be16 port)
{
	return &translator->ftp->buckets[be16_to(port) % BUCKETS];
}

static struct control *find(const struct translator *translator, const struct tuple *outside)
{
	struct control *control = translator->ftp ? *bucket_of(translator, outside->src_port) : NULL;
	while (control && !tuple_equal(&control->outside, outside))
		control = control->next;
	return control;
}

/* In the place of one that is over, or a new one. NULL where memory is short. */
static struct control *begin(struct translator *translator, const struct tuple *outside)
{
	if (!translator->ftp)
		translator->ftp = calloc(1, sizeof *translator->ftp);
	if (!translator->ftp)
		return NULL;
	struct control **bucket = bucket_of(translator, outside->src_port), *control = *bucket;
	while (control && !control->is_over)
		control = control->next;
	if (!control) {
		control = malloc(sizeof *control);
		if (!control)
			return NULL;
		control->next = *bucket;
		*bucket = control;
	}
	*control = (struct control){.next = control->next, .outside = *outside};
	return control;
}

static void expect_no_more(struct translator *translator, struct control *control)
{
	if (control->expects)
		nat_unexpect(translator->nat, &control->expected);
	control->expects = false;
}

void ftp_gateway_mapping_ended(struct translator *translator, const struct nat_mapping *mapping)
{
	be16 port = be16_from(mapping->outside_port);
	if (!translator->ftp || mapping->inside.proto != PROTO_TCP)
		return;
	for (struct control *control = *bucket_of(translator, port); control; control = control->next) {
		if (!be16_equal(control->outside.src_port, port))
			continue;
		expect_no_more(translator, control);
		control->is_over = true; /* its last packets may pass yet */
	}
}

void ftp_gateway_used(struct translator *translator, const struct nat_packet *opening, const struct nat_answer *answer)
{
	const struct nat_forward used = {.first = be16_to(opening->tuple.dst_port),
					 .proto = PROTO_TCP,
					 .to = answer->addr,
					 .to_port = be16_to(answer->port)};
	nat_unexpect(translator->nat, &used);
}

static struct world_mapping describe(const struct translator *translator, const struct control *control)
{
	const struct world *world = translator->world;
	const struct nat_forward *expected = &control->expected;
	const uint32_t flow = connection_at(world, control->maker)->flow;
	return (struct world_mapping){
		.nat = world->nodes[translator->node].name,
		.rule = expected->fixed.rule,
		.inside = {expected->to, expected->from, be16_from(expected->to_port), be16_from(0), PROTO_TCP},
		.outside_addr = control->outside.src,
		.outside_port = expected->first,
		.created = control->since,
		.last_used = control->since,
		.ended = INSTANT_NEVER,
		.ends = INSTANT_NEVER,
		.state = "expected",
		.node = translator->node,
		.worker = NONE,
		.place = expected->fixed.place,
		.flow = flow,
		.index_in_flow = control->maker - world->flows[flow].first_connection,
	};
}

/* It comes once: then the control connection remembers what it named, and the NAT lets no more in. */
static bool is_awaited(const struct translator *translator, const struct control *control)
{
	return control->expects && nat_is_expected(translator->nat, &control->expected);
}

int world_each_expected(const struct world *world, int (*each)(void *context, const struct world_mapping *mapping),
			void *context)
{
	int r = 0;
	for (uint32_t i = 0; i < world->n_translators; i++) {
		const struct translator *translator = &world->translators[i];
		for (size_t k = 0; translator->ftp && k < BUCKETS; k++)
			for (const struct control *control = translator->ftp->buckets[k]; control && r == 0;
			     control = control->next) {
				struct world_mapping line = describe(translator, control);
				r = is_awaited(translator, control) ? each(context, &line) : 0;
			}
	}
	return r;
}

/* ---- lines ---- */

static bool is_control(const struct tuple *outward)
{
	return outward->proto == PROTO_TCP &&
	       (be16_to(outward->src_port) == FTP_PORT || be16_to(outward->dst_port) == FTP_PORT);
}

/* Where the named end is reached from outside; port 0: nowhere, none is left. */
static uint16_t expect(struct world *world, struct translator *translator, struct control *control, uint32_t seq,
		       const struct ftp_named *named, uint32_t maker)
{
	if (control->expects && control->shift.is_used && control->shift.at == seq)
		return control->expected.first; /* the line comes again */
	expect_no_more(translator, control);
	uint16_t port = nat_expectable_port(translator->nat, control->outside.src, named->port, named->addr,
					    named->port, world->now);
	if (port == 0)
		return 0;
	control->expected = (struct nat_forward){.first = port,
						 .last = port,
						 .proto = PROTO_TCP,
						 .to = named->addr,
						 .to_port = named->port,
						 .from = control->outside.dst,
						 .fixed = {"alg/ftp", translator_place(translator)}};
	control->expects = true;
	control->since = world->now;
	control->maker = maker;
	world_fail(world, nat_expect(translator->nat, &control->expected));
	return port;
}

/* Does the segment name an end of its own sender, of the kind that this end of a control connection names? */
static bool reads_line(const struct packet *packet, const struct tuple *inside, uint8_t text[FTP_LINE_MAX_BYTES],
		       struct ftp_named *ret)
{
	if (packet->payload_bytes == 0 || packet->payload_bytes > FTP_LINE_MAX_BYTES)
		return false;
	payload_copy(packet->payload, packet->payload_offset, packet->payload_bytes, text);
	enum ftp_line due = be16_to(inside->dst_port) == FTP_PORT ? FTP_ACTIVE : FTP_PASSIVE;
	return ftp_read_named(text, packet->payload_bytes, ret) && ret->line == due && ret->addr.raw == inside->src.raw;
}

static const char *what_is_named(const struct world *world, const struct control *control,
				 const struct ftp_named *named, uint16_t port)
{
	char before[ADDR_TEXT_BYTES], after[ADDR_TEXT_BYTES];
	return arena_printf(world->arena, "%s names %s:%u in place of %s:%u", ftp_line_word(named->line),
			    addr_print(control->outside.src, after), port, addr_print(named->addr, before),
			    named->port);
}

/* With the NAT's own end in it. Where no port is left the line passes as it is, and no data connection comes in. */
static void rename_line(struct world *world, struct translator *translator, struct control *control,
			const struct ftp_named *named, const uint8_t text[FTP_LINE_MAX_BYTES], struct packet *packet,
			struct decision *decision)
{
	uint32_t seq = be32_to(((const struct tcp_header *)packet_l4_const(packet))->seq);
	uint16_t port = expect(world, translator, control, seq, named, packet->connection);
	if (port == 0)
		return;
	const struct payload *renamed = ftp_lines_renamed(&world->ftp_lines, world->arena, text, packet->payload_bytes,
							  named, control->outside.src, port);
	if (!renamed) {
		world_fail(world, -ENOMEM);
		return;
	}
	sequence_grow(&control->shift, seq, (int32_t)renamed->size_bytes - (int32_t)packet->payload_bytes);
	packet_replace_payload(packet, renamed);
	decision->change.rule = "alg/ftp";
	if (trail_wanted(&world->trail, STEP_TRANSLATE, packet))
		decision->change.detail = what_is_named(world, control, named, port);
}

void ftp_gateway_out(struct world *world, struct translator *translator, struct packet *packet,
		     struct decision *decision)
{
	const struct tcp_header *tcp = packet_l4_const(packet);
	const struct tuple inside = decision->nat.packet.tuple;
	struct tuple outside = inside;
	struct ftp_named named;
	uint8_t text[FTP_LINE_MAX_BYTES];
	if (!is_control(&inside) || decision->change.kind != CHANGE_SRC || packet_is_fragment(packet))
		return;
	outside.src = decision->change.addr;
	outside.src_port = decision->change.port;
	struct control *control = find(translator, &outside);
	bool is_line = reads_line(packet, &inside, text, &named);
	if (control && (tcp->flags & TCP_SYN) != 0)
		control->shift = (struct sequence_shift){0};
	if (is_line && !control) {
		control = begin(translator, &outside);
		world_fail(world, control ? 0 : -ENOMEM);
	}
	if (!control)
		return;
	control->is_over = false;
	if (is_line)
		rename_line(world, translator, control, &named, text, packet, decision);
	packet_rewrite_sequence(packet, sequence_there(&control->shift, be32_to(tcp->seq)), be32_to(tcp->ack));
}

/* What comes in at the outside with this tuple, as the inside counts. */
static uint32_t counted_inside(const struct translator *translator, const struct tuple *arriving, uint32_t ack)
{
	const struct tuple outside = tuple_reverse(*arriving);
	const struct control *control = is_control(&outside) ? find(translator, &outside) : NULL;
	return control ? sequence_back(&control->shift, ack) : ack;
}

void ftp_gateway_segment(const struct translator *translator, const struct tuple *arriving, struct nat_segment *segment)
{
	segment->ack = counted_inside(translator, arriving, segment->ack);
}

void ftp_gateway_in(const struct translator *translator, struct packet *packet, const struct decision *decision)
{
	const struct tcp_header *tcp = packet_l4_const(packet);
	if ((tcp->flags & TCP_ACK) == 0 || decision->nat.packet.tuple.proto != PROTO_TCP || packet_is_fragment(packet))
		return;
	uint32_t ack = be32_to(tcp->ack), inside = counted_inside(translator, &decision->nat.packet.tuple, ack);
	if (inside != ack)
		packet_rewrite_sequence(packet, be32_to(tcp->seq), inside);
}
