/* DOC: from frames to flows. Link layers are taken off (Ethernet with VLAN tags, raw IP, Linux cooked of both versions,
 * BSD loopback); of IPv4 the first fragment counts. Bytes of TCP count once, whatever was retransmitted: data below the
 * highest sequence number was seen. A round is what the caller sends and what comes back until it sends again. */
#include "import/flows.h"
#include <stdlib.h>
#include <string.h>

enum {
	LINK_NULL = 0,
	LINK_ETHERNET = 1,
	LINK_RAW_BSD = 12,
	LINK_RAW_OPENBSD = 14,
	LINK_RAW = 101,
	LINK_LOOP = 108,
	LINK_SLL = 113,
	LINK_IPV4 = 228,
	LINK_IPV6 = 229,
	LINK_SLL2 = 276
};
enum {
	ETHERTYPE_IPV4 = 0x0800,
	ETHERTYPE_VLAN = 0x8100,
	ETHERTYPE_IPV6 = 0x86dd,
	ETHERTYPE_QINQ = 0x88a8,
	ETHERTYPE_OLD_QINQ = 0x9100
};
enum { TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_ACK = 16 };
enum { PROTO_NUMBER_ICMP = 1, PROTO_NUMBER_TCP = 6, PROTO_NUMBER_UDP = 17 };

void flow_table_init(struct flow_table *table)
{
	*table = (struct flow_table){.n = 1};
}

void flow_table_deinit(struct flow_table *table)
{
	free(table->flows);
	free(table->slots);
	*table = (struct flow_table){0};
}

static uint16_t be(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t be_long(const uint8_t *at)
{
	return (uint32_t)be(at) << 16 | be(at + 2);
}

/* ---- the table ---- */

/* The same for both directions. */
static uint32_t hash_of(uint32_t a, uint32_t b, uint16_t a_port, uint16_t b_port, uint8_t protocol)
{
	uint64_t x = ((uint64_t)a << 16 | a_port) * UINT64_C(0x9e3779b97f4a7c15),
		 y = ((uint64_t)b << 16 | b_port) * UINT64_C(0x9e3779b97f4a7c15);
	uint64_t h = (x ^ x >> 31) + (y ^ y >> 31) + protocol;
	return (uint32_t)(h ^ h >> 32);
}

static bool grow(struct flow_table *table)
{
	size_t capacity = table->capacity ? table->capacity * 2 : 256, n_slots = capacity * 2;
	struct seen_flow *flows = realloc(table->flows, capacity * sizeof *flows);
	if (!flows) {
		table->failed = true;
		return false;
	}
	table->flows = flows;
	uint32_t *slots = calloc(n_slots, sizeof *slots);
	if (!slots) {
		table->failed = true;
		return false;
	}
	free(table->slots);
	table->slots = slots;
	table->n_slots = n_slots;
	table->capacity = capacity;
	for (size_t i = 1; i < table->n; i++) { /* in order: the newest is found first */
		struct seen_flow *at = &flows[i];
		uint32_t *slot =
			&slots[hash_of(at->caller, at->called, at->caller_port, at->called_port, at->protocol) &
			       (n_slots - 1)];
		at->next = *slot;
		*slot = (uint32_t)i;
	}
	return true;
}

struct seen_flow *flow_table_add(struct flow_table *table, const struct seen_flow *flow)
{
	if (table->n > FLOWS_MAX) {
		table->too_many++;
		return NULL;
	}
	if (table->n + 1 > table->capacity && !grow(table))
		return NULL;
	uint32_t *slot = &table->slots[hash_of(flow->caller, flow->called, flow->caller_port, flow->called_port,
					       flow->protocol) &
				       (table->n_slots - 1)];
	struct seen_flow *added = &table->flows[table->n];
	*added = *flow;
	added->next = *slot;
	*slot = (uint32_t)table->n++;
	return added;
}

struct segment { /* a packet, as far as flows need it */
	int64_t at_ns;
	uint32_t interface; /* from 1 on */
	uint32_t src, dst, seq;
	uint16_t src_port, dst_port;
	uint8_t protocol, flags;
	uint32_t bytes; /* of payload */
	bool reply;     /* of ICMP */
};

static struct seen_flow *find(struct flow_table *table, const struct segment *segment, bool *ret_up)
{
	if (table->n_slots == 0)
		return NULL;
	uint32_t slot = hash_of(segment->src, segment->dst, segment->src_port, segment->dst_port, segment->protocol) &
			(uint32_t)(table->n_slots - 1);
	for (uint32_t i = table->slots[slot]; i != 0; i = table->flows[i].next) {
		struct seen_flow *at = &table->flows[i];
		if (at->protocol != segment->protocol)
			continue;
		*ret_up = at->caller == segment->src && at->called == segment->dst &&
			  at->caller_port == segment->src_port && at->called_port == segment->dst_port;
		if (*ret_up || (at->caller == segment->dst && at->called == segment->src &&
				at->caller_port == segment->dst_port && at->called_port == segment->src_port))
			return at;
	}
	return NULL;
}

struct seen_flow *flow_table_newest(struct flow_table *table, const struct seen_flow *like)
{
	bool up;
	struct segment segment = {.src = like->caller,
				  .dst = like->called,
				  .src_port = like->caller_port,
				  .dst_port = like->called_port,
				  .protocol = like->protocol};
	struct seen_flow *found = find(table, &segment, &up);
	return found && up ? found : NULL;
}

/* ---- a packet of a flow ---- */

/* Who called: the sender of a SYN, the receiver of its answer, or else the end with the larger port, as services have
 * small ones. */
static bool is_from_caller(const struct segment *segment)
{
	if (segment->protocol == PROTO_NUMBER_ICMP)
		return !segment->reply;
	if (segment->protocol == PROTO_NUMBER_TCP && segment->flags & TCP_SYN)
		return !(segment->flags & TCP_ACK);
	bool low_source = segment->src_port < 1024 && segment->dst_port >= 1024;
	return !low_source;
}

static struct seen_flow *open_flow(struct flow_table *table, const struct segment *segment, bool *ret_up)
{
	bool up = *ret_up = is_from_caller(segment);
	struct seen_flow flow = {.caller = up ? segment->src : segment->dst,
				 .called = up ? segment->dst : segment->src,
				 .caller_port = up ? segment->src_port : segment->dst_port,
				 .called_port = up ? segment->dst_port : segment->src_port,
				 .protocol = segment->protocol,
				 .opened = segment->flags & TCP_SYN,
				 .first_ns = segment->at_ns};
	return flow_table_add(table, &flow);
}

/* How many bytes of the segment are new. */
static uint32_t new_bytes(struct seen_flow *flow, const struct segment *segment, bool up)
{
	size_t side = up ? 0 : 1;
	uint32_t end = segment->seq + segment->bytes;
	if (segment->protocol != PROTO_NUMBER_TCP)
		return segment->bytes;
	if (!flow->has_seq[side] || segment->flags & TCP_SYN) {
		flow->has_seq[side] = true;
		flow->next_seq[side] = segment->flags & TCP_SYN ? end + 1 : end;
		return segment->bytes;
	}
	uint32_t ahead = end - flow->next_seq[side];
	if (ahead == 0 || ahead > UINT32_C(0x7fffffff))
		return 0;
	flow->next_seq[side] = end;
	return ahead < segment->bytes ? ahead : segment->bytes;
}

static void count_data(struct seen_flow *flow, uint32_t bytes, bool up, int64_t at_ns)
{
	if (up) {
		if (!flow->turn_up) {
			flow->rounds += flow->rounds < UINT32_MAX;
			if (flow->down_bytes > 0 && at_ns > flow->down_ns) {
				flow->pause_ns += at_ns - flow->down_ns;
				flow->pauses++;
			}
		}
		flow->up_bytes += bytes;
		flow->up_ns = at_ns;
	} else {
		flow->down_bytes += bytes;
		flow->down_ns = at_ns;
	}
	flow->turn_up = up;
}

static void look_at_flags(struct seen_flow *flow, const struct segment *segment, bool up)
{
	if (segment->flags & TCP_FIN)
		flow->fins |= up ? 1 : 2;
	if (flow->fins && flow->end == FLOW_OPEN)
		flow->end = FLOW_CLOSED;
	if (!(segment->flags & TCP_RST))
		return;
	if (!up && !flow->answered)
		flow->refused = true;
	else if (flow->end == FLOW_OPEN)
		flow->end = FLOW_RESET;
}

/* Several interfaces of one file may see the same packet: of TCP the sequence numbers show it; of datagrams and echoes one
 * interface counts in each direction. */
static bool is_elsewhere(struct seen_flow *flow, const struct segment *segment, bool up)
{
	uint32_t *first = &flow->interface[up ? 0 : 1];
	if (*first == 0)
		*first = segment->interface;
	return segment->protocol != PROTO_NUMBER_TCP && *first != segment->interface;
}

static void take_segment(struct flow_table *table, const struct segment *segment)
{
	bool up, syn = segment->protocol == PROTO_NUMBER_TCP && (segment->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
	struct seen_flow *flow = find(table, segment, &up);
	/* The same ports again: a connection of its own. */
	bool again = flow && syn && (flow->end != FLOW_OPEN || flow->refused || (flow->has_seq[0] && flow->answered));
	if (!flow || again)
		flow = open_flow(table, segment, &up);
	if (!flow)
		return;
	if (is_elsewhere(flow, segment, up)) {
		table->elsewhere++;
		return;
	}
	uint32_t bytes = new_bytes(flow, segment, up);
	if (segment->protocol == PROTO_NUMBER_TCP)
		look_at_flags(flow, segment, up);
	if (!up && !(segment->protocol == PROTO_NUMBER_TCP && segment->flags & TCP_RST))
		flow->answered = true;
	flow->last_ns = segment->at_ns > flow->last_ns ? segment->at_ns : flow->last_ns;
	if (bytes > 0 || segment->protocol != PROTO_NUMBER_TCP)
		count_data(flow, bytes, up, segment->at_ns);
}

/* ---- layers ---- */

static bool is_unicast(uint32_t addr)
{
	return addr >> 28 != 0xe && addr >> 28 != 0xf && addr >> 24 != 0 && addr >> 24 != 127 && addr >> 16 != 0xa9fe;
}

static bool transport(struct flow_table *table, struct segment *segment, const uint8_t *data, size_t captured,
		      uint32_t bytes)
{
	switch (segment->protocol) {
	case PROTO_NUMBER_TCP: {
		if (captured < 14)
			break;
		uint32_t header = (uint32_t)(data[12] >> 4) * 4;
		segment->src_port = be(data);
		segment->dst_port = be(data + 2);
		segment->seq = be_long(data + 4);
		segment->flags = data[13];
		segment->bytes = bytes > header ? bytes - header : 0;
		return header >= 20;
	}
	case PROTO_NUMBER_UDP:
		if (captured < 8)
			break;
		segment->src_port = be(data);
		segment->dst_port = be(data + 2);
		segment->bytes = bytes > 8 ? bytes - 8 : 0;
		return segment->dst_port != 0;
	case PROTO_NUMBER_ICMP:
		if (captured < 8)
			break;
		if (data[0] != 8 && data[0] != 0) {
			table->icmp_other++;
			return false;
		}
		segment->reply = data[0] == 0;
		segment->src_port = segment->dst_port = be(data + 4);
		segment->bytes = bytes > 8 ? bytes - 8 : 0;
		return true;
	default:
		table->other_protocol++;
		return false;
	}
	table->cut_short++;
	return false;
}

static void take_ipv4(struct flow_table *table, const uint8_t *data, size_t captured, uint32_t frame_bytes,
		      const struct captured_frame *frame)
{
	if (captured < 20 || data[0] >> 4 != 4) {
		table->cut_short++;
		return;
	}
	uint32_t header = (uint32_t)(data[0] & 15) * 4, total = be(data + 2);
	total = total == 0 ? frame_bytes : total; /* as hosts hand over what the card will cut */
	struct segment segment = {.at_ns = frame->unix_ns,
				  .interface = frame->interface + 1,
				  .src = be_long(data + 12),
				  .dst = be_long(data + 16),
				  .protocol = data[9]};
	if (header < 20 || header > captured || total < header) {
		table->cut_short++;
	} else if (!is_unicast(segment.src) || !is_unicast(segment.dst)) {
		table->not_unicast++;
	} else if ((be(data + 6) & 0x1fff) != 0) {
		table->fragments++;
	} else if (transport(table, &segment, data + header, captured - header, total - header)) {
		take_segment(table, &segment);
	}
}

static void take_ethertype(struct flow_table *table, uint16_t type, const uint8_t *data, size_t captured,
			   uint32_t frame_bytes, const struct captured_frame *frame)
{
	for (int tags = 0; tags < 4 && captured >= 4 &&
			   (type == ETHERTYPE_VLAN || type == ETHERTYPE_QINQ || type == ETHERTYPE_OLD_QINQ);
	     tags++) {
		type = be(data + 2);
		data += 4;
		captured -= 4;
		frame_bytes -= frame_bytes < 4 ? frame_bytes : 4;
	}
	if (type == ETHERTYPE_IPV4)
		take_ipv4(table, data, captured, frame_bytes, frame);
	else if (type == ETHERTYPE_IPV6)
		table->ipv6++;
	else
		table->not_ip++;
}

static void take_raw(struct flow_table *table, const uint8_t *data, size_t captured, uint32_t frame_bytes,
		     const struct captured_frame *frame)
{
	if (captured >= 1 && data[0] >> 4 == 6)
		table->ipv6++;
	else
		take_ipv4(table, data, captured, frame_bytes, frame);
}

#define EARLIER_NS INT64_C(1000000) /* queues of one card differ by less */

void flow_table_frame(void *context, const struct captured_frame *frame)
{
	struct flow_table *table = context;
	const uint8_t *data = frame->data;
	size_t captured = frame->captured_bytes, header = 0;
	uint16_t type = 0;
	table->n_packets++;
	if (frame->unix_ns + EARLIER_NS < table->newest_ns)
		table->earlier++;
	table->newest_ns = frame->unix_ns > table->newest_ns ? frame->unix_ns : table->newest_ns;
	switch (frame->link_type) {
	case LINK_ETHERNET:
		header = 14;
		type = captured >= header ? be(data + 12) : 0;
		break;
	case LINK_SLL:
		header = 16;
		type = captured >= header ? be(data + 14) : 0;
		break;
	case LINK_SLL2:
		header = 20;
		type = captured >= header ? be(data) : 0;
		break;
	case LINK_NULL:
	case LINK_LOOP:
		header = 4;
		break;
	case LINK_RAW:
	case LINK_RAW_BSD:
	case LINK_RAW_OPENBSD:
	case LINK_IPV4:
	case LINK_IPV6:
		break;
	default:
		table->bad_link++;
		return;
	}
	if (captured < header) {
		table->cut_short++;
		return;
	}
	uint32_t rest = frame->frame_bytes > header ? frame->frame_bytes - (uint32_t)header : 0;
	if (type != 0)
		take_ethertype(table, type, data + header, captured - header, rest, frame);
	else if (header == 0 || header == 4)
		take_raw(table, data + header, captured - header, rest, frame);
	else
		table->not_ip++;
}
