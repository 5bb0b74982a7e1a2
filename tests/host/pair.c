/* See pair.h. The pending events are an array that is searched: a few hundred at the most. */
#include "pair.h"
#include "host/udp.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct pair *context_pair(void *context)
{
	return context;
}

static uint32_t end_index(const struct pair *pair, const struct tcb *tcb)
{
	return tcb == &pair->end[0].tcb ? 0 : 1;
}

static void push(struct pair *pair, struct pending what)
{
	ck_assert_uint_lt(pair->n_pending, PAIR_MAX_PENDING);
	what.order = pair->order++;
	pair->pending[pair->n_pending++] = what;
}

static struct packet *new_packet(void *context, struct tcb *tcb)
{
	struct pair *pair = context_pair(context);

	if (pair->n_packets_left == 0)
		return NULL;
	if (pair->n_packets_left != UINT32_MAX)
		pair->n_packets_left--;
	struct packet *p = malloc(sizeof *p);
	ck_assert_ptr_nonnull(p);
	memset(p, 0xa5, sizeof *p); /* whoever reads what nobody wrote shall fail */
	p->next = NULL;
	p->connection = tcb->connection;
	p->serial = pair->n_log;
	p->id = pair->n_log + 1;
	pair->n_live_packets++;
	return p;
}

static void free_packet(struct pair *pair, struct packet *p)
{
	free(p);
	pair->n_live_packets--;
}

static void read_sack(struct segment *s, const struct packet *p, uint32_t base)
{
	const struct tcp_header *h = packet_l4_const(p);
	const uint8_t *at = (const uint8_t *)h + 20;
	uint32_t left = (uint32_t)(h->data_offset >> 4) * 4 - 20;

	while (left > 0) {
		uint32_t n = at[0] == 1 ? 1 : at[1];
		ck_assert_uint_ge(left, n);
		ck_assert_uint_gt(n, 0);
		if (at[0] == 5) {
			s->n_sack = (uint8_t)((n - 2) / 8);
			for (uint32_t i = 0; i < s->n_sack; i++) {
				be32 edge[2];
				memcpy(edge, at + 2 + 8 * (size_t)i, sizeof edge);
				s->sack[i][0] = be32_to(edge[0]) - base;
				s->sack[i][1] = be32_to(edge[1]) - base;
			}
		}
		at += n;
		left -= n;
	}
}

static uint32_t log_segment(struct pair *pair, uint32_t from, const struct packet *p)
{
	const struct tcp_header *h = packet_l4_const(p);

	if (pair->n_log == pair->capacity_log) {
		pair->capacity_log = pair->capacity_log * 2 + 64;
		pair->log = realloc(pair->log, pair->capacity_log * sizeof(pair->log[0]));
		ck_assert_ptr_nonnull(pair->log);
	}
	struct segment *s = &pair->log[pair->n_log];
	*s = (struct segment){.at = pair->now,
			      .from = from,
			      .bytes = p->payload_bytes,
			      .window = be16_to(h->window),
			      .flags = h->flags,
			      .packet_flags = p->flags};
	s->seq = be32_to(h->seq) - pair->end[from].iss;
	s->ack = h->flags & TCP_ACK ? be32_to(h->ack) - pair->end[!from].iss : 0;
	if (h->flags & TCP_ACK && !(h->flags & TCP_SYN))
		read_sack(s, p, pair->end[!from].iss);
	return pair->n_log++;
}

/* The router in the middle: whether it passes the packet on. */
static bool passes(struct pair *pair, uint32_t from, const struct packet *p)
{
	if (pair->mtu[from] == 0 || packet_frame_bytes(p) - 14 <= pair->mtu[from])
		return true;
	ck_assert_uint_eq(be16_to(packet_ip_const(p)->flags_fragment), IPV4_DF);
	if (pair->n_errors++ < pair->n_errors_to_lose)
		return false;
	struct packet *error = new_packet(pair, &pair->end[from].tcb);
	if (!error)
		return false;
	icmp_error_make(&pair->craft, error, be32_from(0xc6130000), ICMP_UNREACHABLE, ICMP_FRAGMENTATION_NEEDED,
			pair->mtu_is_secret ? 0 : pair->mtu[from], 64, 1, p);
	push(pair, (struct pending){.at = instant_add(pair->now, pair->latency_ns), .to = from, .packet = error});
	return false;
}

static void send_packet(void *context, struct tcb *tcb, struct packet *p)
{
	struct pair *pair = context_pair(context);
	uint32_t from = end_index(pair, tcb);

	ck_assert(packet_checksums_valid(p));
	ck_assert_uint_eq(be16_to(packet_ip_const(p)->total_bytes), packet_frame_bytes(p) - 14);
	ck_assert_uint_eq(packet_ip_const(p)->ttl, tcb->ttl);
	ck_assert_uint_eq((p->flags & PACKET_FROM_CALLER) != 0, from == 0);
	uint32_t index = log_segment(pair, from, p);
	bool lost = (pair->loses && pair->loses(pair, p, index)) || !passes(pair, from, p);
	pair->log[index].lost = lost;
	if (pair->observe)
		pair->observe(pair, p, lost);
	if (lost) {
		free_packet(pair, p);
		return;
	}
	if (pair->syn_mss != 0 && pair->log[index].flags & TCP_SYN) {
		be16 mss = be16_from(pair->syn_mss);
		memcpy(p->header + CRAFT_MSS_AT, &mss, sizeof mss);
	}
	int64_t extra_ns = pair->delays ? pair->delays(pair, p, index) : 0;
	push(pair,
	     (struct pending){.at = instant_add(pair->now, pair->latency_ns + extra_ns), .to = !from, .packet = p});
	if (pair->doubles && pair->doubles(pair, p, index)) {
		struct packet *copy = malloc(sizeof *copy);
		ck_assert_ptr_nonnull(copy);
		*copy = *p;
		pair->n_live_packets++;
		push(pair, (struct pending){.at = instant_add(pair->now, pair->latency_ns + extra_ns + 1),
					    .to = !from,
					    .packet = copy});
	}
}

static void set_timer(void *context, struct tcb *tcb, struct instant due)
{
	struct pair *pair = context_pair(context);
	struct pair_end *e = &pair->end[end_index(pair, tcb)];

	ck_assert(!instant_before(due, pair->now));
	ck_assert(!instant_is_never(due));
	for (uint32_t i = 0; i < pair->n_pending && pair->forgets_timers; i++) {
		const struct pending *p = &pair->pending[i];
		if (!p->packet && !p->action && p->to == end_index(pair, tcb)) {
			/* only TIME-WAIT asks for a later one than it has */
			ck_assert(tcb->state == TCP_TIME_WAIT || instant_before(due, p->at));
			pair->pending[i--] = pair->pending[--pair->n_pending];
		}
	}
	e->n_timer_calls++;
	push(pair, (struct pending){.at = due, .to = end_index(pair, tcb)});
}

static void tell(void *context, struct tcb *tcb, enum tcp_event event, uint32_t bytes)
{
	struct pair *pair = context_pair(context);
	uint32_t index = end_index(pair, tcb);
	struct pair_end *e = &pair->end[index];

	ck_assert(e->open);
	ck_assert_msg(e->n_event[TCP_DONE] + e->n_event[TCP_REFUSED] + e->n_event[TCP_RESET_BY_PEER] +
				      e->n_event[TCP_TIMED_OUT] ==
			      0,
		      "event %d after the last one", (int)event);
	ck_assert_uint_eq(bytes > 0, event == TCP_RECEIVED);
	e->n_event[event]++;
	e->last_event = event;
	if (event == TCP_RECEIVED)
		e->received_bytes += bytes;
	(pair->owner ? pair->owner : dialogue_owner)(pair, index, event, bytes);
}

static void free_tcb(void *context, struct tcb *tcb)
{
	struct pair *pair = context_pair(context);
	struct pair_end *e = &pair->end[end_index(pair, tcb)];

	ck_assert(e->open);
	ck_assert_ptr_null(tcb->out_of_order);
	e->open = false;
	e->n_freed++;
	memset(tcb, 0xa5, sizeof *tcb); /* nothing may be read from here on */
}

struct pair *pair_new(uint32_t iss_caller, uint32_t iss_listener)
{
	struct pair *pair = calloc(1, sizeof *pair);
	char errbuf[256];

	ck_assert_ptr_nonnull(pair);
	pair->arena = arena_new();
	ck_assert_int_eq(craft_init(&pair->craft, errbuf), 0);
	pair->env = (struct tcp_env){pair, &pair->craft, new_packet, send_packet, set_timer, tell, free_tcb};
	pair->latency_ns = 10 * NS_PER_MS;
	pair->listens = true;
	pair->n_packets_left = UINT32_MAX;
	pair->lose[0] = pair->lose[1] = UINT32_MAX;
	for (uint32_t i = 0; i < 2; i++) {
		struct tcb *t = &pair->end[i].tcb;
		t->local_addr = be32_from(i == 0 ? 0x0a000106 : 0xcb00710a);
		t->remote_addr = be32_from(i == 0 ? 0xcb00710a : 0x0a000106);
		t->local_port = be16_from(i == 0 ? 49152 : 7);
		t->remote_port = be16_from(i == 0 ? 7 : 49152);
		t->ttl = i == 0 ? 64 : 128;
		t->max_syn_retries = TCP_MAX_RETRANSMISSIONS;
		t->caller = i == 0;
		t->iss = pair->end[i].iss = i == 0 ? iss_caller : iss_listener;
		t->ip_id = 65530;
	}
	return pair;
}

void pair_free(struct pair *pair)
{
	for (uint32_t i = 0; i < pair->n_pending; i++)
		if (pair->pending[i].packet)
			free_packet(pair, pair->pending[i].packet);
	for (uint32_t i = 0; i < 2; i++)
		if (pair->end[i].open)
			tcp_deinit(&pair->end[i].tcb);
	ck_assert_uint_eq(pair->n_live_packets, 0);
	free(pair->log);
	arena_free(pair->arena);
	free(pair);
}

void pair_connect(struct pair *pair)
{
	pair->end[0].open = true;
	tcp_connect(&pair->env, &pair->end[0].tcb, pair->now);
}

void pair_at(struct pair *pair, struct instant at, void (*action)(struct pair *pair))
{
	push(pair, (struct pending){.at = at, .action = action});
}

static void arrive_error(struct pair *pair, uint32_t to, const struct packet *p)
{
	struct tcb *t = &pair->end[to].tcb;
	struct tuple inner, own = {t->local_addr, t->remote_addr, t->local_port, t->remote_port, PROTO_TCP};
	uint16_t mtu;

	ck_assert(packet_checksums_valid(p));
	ck_assert(icmp_error_is_too_big(p, &mtu));
	ck_assert(icmp_error_inner(p, &inner));
	if (pair->end[to].open) {
		ck_assert(tuple_equal(&inner, &own));
		tcp_too_big(&pair->env, t, mtu, pair->now);
	}
}

/* A packet reaches an end: its TCB, the listener, or nobody. */
static void arrive(struct pair *pair, uint32_t to, struct packet *p)
{
	struct pair_end *e = &pair->end[to];
	const struct tcp_header *h = packet_l4_const(p);

	if (packet_ip_const(p)->proto == PROTO_ICMP) {
		arrive_error(pair, to, p);
	} else if (e->open) {
		tcp_input(&pair->env, &e->tcb, p, pair->now);
	} else if (to == 1 && pair->listens && e->n_freed == 0 &&
		   (h->flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN) {
		e->open = true;
		tcp_accept(&pair->env, &e->tcb, p, pair->now);
	} else {
		struct tcb as_if = {.connection = 0};
		struct packet *reply = new_packet(pair, &as_if);
		if (reply && tcp_refuse(&pair->craft, p, e->tcb.ttl, reply)) {
			ck_assert(packet_checksums_valid(reply));
			log_segment(pair, to, reply);
			push(pair, (struct pending){
					   .at = instant_add(pair->now, pair->latency_ns), .to = !to, .packet = reply});
		} else if (reply) {
			free_packet(pair, reply);
		}
	}
	free_packet(pair, p);
}

void pair_run(struct pair *pair, struct instant until)
{
	while (pair->n_pending > 0) {
		uint32_t first = 0;
		for (uint32_t i = 1; i < pair->n_pending; i++) {
			const struct pending *a = &pair->pending[i], *b = &pair->pending[first];
			if (a->at.ns < b->at.ns || (a->at.ns == b->at.ns && a->order < b->order))
				first = i;
		}
		struct pending what = pair->pending[first];
		if (instant_before(until, what.at))
			break;
		pair->pending[first] = pair->pending[--pair->n_pending];
		pair->now = what.at;
		if (what.action)
			what.action(pair);
		else if (what.packet)
			arrive(pair, what.to, what.packet);
		else if (pair->end[what.to].open)
			tcp_timer(&pair->env, &pair->end[what.to].tcb, pair->now);
	}
	if (!instant_is_never(until))
		pair->now = until;
}

const struct payload *pair_text(struct pair *pair, uint32_t size_bytes)
{
	const struct payload *p = text_payload(pair->arena, "pair", "test", size_bytes);

	ck_assert_ptr_nonnull(p);
	return p;
}

const struct dialogue *pair_dialogue(struct pair *pair, uint16_t port, uint32_t send_bytes, uint32_t reply_bytes,
				     uint32_t rounds)
{
	const struct dialogue *d = dialogue_new(pair->arena, &(struct dialogue_config){.flow = "pair",
										       .server_name = "api.example.net",
										       .port = port,
										       .send_bytes = send_bytes,
										       .reply_bytes = reply_bytes,
										       .rounds = rounds,
										       .seed = 7});
	ck_assert_ptr_nonnull(d);
	return d;
}

static void next_turn(struct pair *pair, uint32_t end)
{
	struct pair_end *e = &pair->end[end];

	if (e->turn < pair->dialogue->n_turns && dialogue_is_callers(pair->dialogue, e->turn) == (end == 0)) {
		tcp_send(&pair->env, &e->tcb, dialogue_message(pair->dialogue, e->turn), pair->now);
		e->turn++;
	}
	if (end == 0 && e->turn == pair->dialogue->n_turns && !pair->hold)
		tcp_close(&pair->env, &e->tcb, pair->now);
}

void dialogue_owner(struct pair *pair, uint32_t end, enum tcp_event event, uint32_t bytes)
{
	struct pair_end *e = &pair->end[end];

	if (event == TCP_PEER_FIN)
		tcp_close(&pair->env, &e->tcb, pair->now);
	if (!pair->dialogue)
		return;
	if (event == TCP_CONNECTED && end == 0)
		next_turn(pair, end);
	if (event != TCP_RECEIVED)
		return;
	e->turn_bytes += bytes;
	while (e->turn < pair->dialogue->n_turns && dialogue_is_callers(pair->dialogue, e->turn) != (end == 0) &&
	       e->turn_bytes >= dialogue_message(pair->dialogue, e->turn)->size_bytes) {
		e->turn_bytes -= dialogue_message(pair->dialogue, e->turn)->size_bytes;
		e->turn++;
		next_turn(pair, end);
	}
}

bool lose_listed(struct pair *pair, const struct packet *packet, uint32_t index)
{
	(void)packet;
	return index == pair->lose[0] || index == pair->lose[1];
}

void pair_inject(struct pair *pair, uint32_t to, uint8_t flags, uint32_t seq, uint32_t ack, uint32_t bytes)
{
	const struct pair_end *e = &pair->end[to], *peer = &pair->end[!to];
	struct packet *p = new_packet(pair, &pair->end[to].tcb);

	craft_start(p, &pair->craft.tcp);
	p->flags = 0;
	packet_ip(p)->src = e->tcb.remote_addr;
	packet_ip(p)->dst = e->tcb.local_addr;
	struct tcp_header *h = packet_l4(p);
	h->src_port = e->tcb.remote_port;
	h->dst_port = e->tcb.local_port;
	h->seq = be32_from(peer->iss + seq);
	h->ack = be32_from(e->iss + ack);
	h->flags = flags;
	h->window = be16_from(UINT16_MAX);
	if (bytes > 0) {
		p->payload = pair_text(pair, bytes);
		p->payload_offset = 0;
		p->payload_bytes = bytes;
	}
	packet_finish(p);
	arrive(pair, to, p);
}
