/* DOC: when mappings end. A packet only moves the mapping's last use; the timers look at it when they come due and arm
 * again where there is time left, so that expiry costs nothing a packet. Each kind of time-out has a ring (what is
 * armed with the same delay comes due in order); what is armed again goes to a heap. A mapping has one live entry, that
 * of its `armed` time; others are passed over.
 *
 * TCP (RFC 5382 R5, RFC 7857 2; azure-facts.md): opening until something came back, idle until FIN was seen from both
 * sides, then transitory; after RST its own. A closing mapping is armed for its end at once. Where `closing_is_idle`
 * further packets put that off, and where `doubts_resets` those after RST open it again; otherwise only a first RST
 * moves it, nearer. A mapping that serves several outsiders closes with the last of their connections; which the inside
 * never answered has none. UDP: RFC 4787 R5, R6; longer once it was seen both ways (netfilter's "stream"); with
 * `idle_each_way` the direction counts that has been silent for longer. */
#include "base/fetch.h"
#include "net/header.h"
#include "rule/nat_internal.h"
#include <errno.h>
#include <stdlib.h>

static bool is_closing_state(unsigned state)
{
	return (state & NAT_RST) != 0 || (state & (NAT_FIN_OUT | NAT_FIN_IN)) == (NAT_FIN_OUT | NAT_FIN_IN);
}

static bool is_closing(const struct nat_mapping *m)
{
	return is_closing_state(m->state);
}

static enum nat_timeout timeout_of_track(const struct nat_track *track)
{
	switch ((enum nat_tcp)track->state) {
	case NAT_TCP_NONE:
	case NAT_TCP_COUNT:
	case NAT_TCP_SYN_SENT:
	case NAT_TCP_SYN_RECV:
	case NAT_TCP_SYN_SENT2:
		return TIMEOUT_TCP_OPENING;
	case NAT_TCP_ESTABLISHED:
		break;
	case NAT_TCP_FIN_WAIT:
	case NAT_TCP_CLOSE_WAIT:
	case NAT_TCP_LAST_ACK:
	case NAT_TCP_TIME_WAIT:
		return TIMEOUT_TCP_TRANSITORY;
	case NAT_TCP_CLOSE:
		return TIMEOUT_TCP_RESET;
	}
	return TIMEOUT_TCP_IDLE;
}

static enum nat_timeout timeout_of(const struct nat *nat, const struct nat_mapping *m)
{
	switch (m->inside.proto) {
	case PROTO_TCP:
		if (nat_tracks(nat, PROTO_TCP))
			return timeout_of_track(nat_track_of(nat, m));
		return m->state & NAT_RST       ? TIMEOUT_TCP_RESET
		       : is_closing(m)          ? TIMEOUT_TCP_TRANSITORY
		       : m->state & NAT_SEEN_IN ? TIMEOUT_TCP_IDLE
						: TIMEOUT_TCP_OPENING;
	case PROTO_UDP:
		return m->state & NAT_STREAM ? TIMEOUT_UDP_STREAM : TIMEOUT_UDP_IDLE;
	default:
		return TIMEOUT_ICMP;
	}
}

static int64_t timeout_ns(const struct nat *nat, enum nat_timeout timeout)
{
	switch (timeout) {
	case TIMEOUT_TCP_OPENING:
		return nat->rules.tcp_opening_ns;
	case TIMEOUT_TCP_IDLE:
		return nat->rules.tcp_idle_ns;
	case TIMEOUT_TCP_TRANSITORY:
		return nat->rules.tcp_transitory_ns;
	case TIMEOUT_TCP_RESET:
		return nat->rules.tcp_reset_ns;
	case TIMEOUT_UDP_IDLE:
		return nat->rules.udp_idle_ns;
	case TIMEOUT_UDP_STREAM:
		return nat->rules.udp_stream_ns;
	case TIMEOUT_ICMP:
	case TIMEOUT_COUNT:
		break;
	}
	return nat->rules.icmp_idle_ns;
}

/* Where TCP is followed each state has a timer of its own. */
static const char *key_of_track(const struct nat_track *track)
{
	switch ((enum nat_tcp)track->state) {
	case NAT_TCP_NONE:
	case NAT_TCP_COUNT:
	case NAT_TCP_SYN_SENT:
	case NAT_TCP_SYN_SENT2:
		return "tcp_syn_sent";
	case NAT_TCP_SYN_RECV:
		return "tcp_syn_recv";
	case NAT_TCP_ESTABLISHED:
		break;
	case NAT_TCP_FIN_WAIT:
		return "tcp_fin_wait";
	case NAT_TCP_CLOSE_WAIT:
		return "tcp_close_wait";
	case NAT_TCP_LAST_ACK:
		return "tcp_last_ack";
	case NAT_TCP_TIME_WAIT:
		return "tcp_time_wait";
	case NAT_TCP_CLOSE:
		return "tcp_close";
	}
	return "tcp_idle";
}

const char *nat_mapping_timer(const struct nat *nat, const struct nat_mapping *mapping, int64_t *ret_ns)
{
	if (nat_tracks(nat, mapping->inside.proto)) {
		const struct nat_track *track = nat_track_of(nat, mapping);
		*ret_ns = nat->rules.states.of[track->state];
		return key_of_track(track);
	}
	enum nat_timeout timeout = timeout_of(nat, mapping);
	*ret_ns = timeout_ns(nat, timeout);
	switch (timeout) {
	case TIMEOUT_TCP_OPENING:
		return nat->rules.tcp_opening_ns == nat->rules.tcp_idle_ns ? "tcp_idle" : "tcp_syn_sent";
	case TIMEOUT_TCP_IDLE:
		return "tcp_idle";
	case TIMEOUT_TCP_TRANSITORY:
		return "tcp_transitory";
	case TIMEOUT_TCP_RESET:
		return "tcp_reset";
	case TIMEOUT_UDP_STREAM:
		return nat->rules.udp_stream_ns == nat->rules.udp_idle_ns ? "udp_idle" : "udp_stream";
	case TIMEOUT_UDP_IDLE:
		return "udp_idle";
	case TIMEOUT_ICMP:
	case TIMEOUT_COUNT:
		break;
	}
	return "icmp_idle";
}

struct instant nat_due(const struct nat *nat, const struct nat_mapping *mapping)
{
	if (nat_rests(mapping))
		return mapping->armed;
	if (nat_tracks(nat, mapping->inside.proto))
		return nat_track_of(nat, mapping)->due;
	if (nat_has_ways(nat, mapping->inside.proto)) {
		const struct nat_ways *ways = nat_ways_of(nat, mapping);
		return instant_add(instant_min(ways->out, ways->in), timeout_ns(nat, timeout_of(nat, mapping)));
	}
	return is_closing(mapping) && !nat->rules.closing_is_idle
		       ? mapping->armed
		       : instant_add(mapping->last_used, timeout_ns(nat, timeout_of(nat, mapping)));
}

struct instant nat_mapping_ends(const struct nat *nat, const struct nat_mapping *mapping)
{
	return nat_due(nat, mapping);
}

bool nat_mapping_is_shared(const struct nat *nat, const struct nat_mapping *mapping)
{
	return nat_sessions(nat, mapping) != POOL_NONE;
}

static const char *state_of_track(const struct nat_track *track)
{
	switch (timeout_of_track(track)) {
	case TIMEOUT_TCP_OPENING:
		return "opening";
	case TIMEOUT_TCP_TRANSITORY:
		return "closing";
	case TIMEOUT_TCP_RESET:
		return "reset";
	case TIMEOUT_TCP_IDLE:
	case TIMEOUT_UDP_IDLE:
	case TIMEOUT_UDP_STREAM:
	case TIMEOUT_ICMP:
	case TIMEOUT_COUNT:
		break;
	}
	return "open";
}

const char *nat_mapping_state(const struct nat *nat, const struct nat_mapping *mapping)
{
	switch (mapping->inside.proto) {
	case PROTO_TCP:
		if (nat_tracks(nat, PROTO_TCP))
			return state_of_track(nat_track_of(nat, mapping));
		return mapping->state & NAT_RST       ? "reset"
		       : is_closing(mapping)          ? "closing"
		       : mapping->state & NAT_SEEN_IN ? "open"
						      : "opening";
	case PROTO_UDP:
		return mapping->state & NAT_SEEN_IN ? "both-ways" : "one-way";
	default:
		return "query";
	}
}

enum nat_end nat_end_by_timer(const struct nat *nat, const struct nat_mapping *mapping)
{
	if (nat_tracks(nat, mapping->inside.proto)) {
		const struct nat_track *track = nat_track_of(nat, mapping);
		return track->state == NAT_TCP_CLOSE                                           ? NAT_END_RESET
		       : track->state == NAT_TCP_LAST_ACK || track->state == NAT_TCP_TIME_WAIT ? NAT_END_CLOSED
											       : NAT_END_IDLE;
	}
	return mapping->state & NAT_RST ? NAT_END_RESET : is_closing(mapping) ? NAT_END_CLOSED : NAT_END_IDLE;
}

/* ---- rings and heap ---- */

/* Most mappings end long before their idle time: what is left of their timers goes when the ring is full. The last one
 * stays, whatever became of its mapping: when a run ends does not hang on how full a ring was. */
#define SWEPT_FROM 16384u

static void sweep_ring(const struct nat *nat, struct nat_ring *ring)
{
	uint32_t kept = 0;
	for (uint32_t i = 0; i < ring->n; i++) {
		const struct nat_timer *timer = &ring->timers[(ring->head + i) & ring->mask];
		if (i + 1 == ring->n || nat_mapping_at(nat, timer->mapping)->armed.ns == timer->due.ns)
			ring->timers[(ring->head + kept++) & ring->mask] = *timer;
	}
	ring->n = kept;
}

static int ring_push(const struct nat *nat, struct nat_ring *ring, struct nat_timer timer)
{
	bool is_full = !ring->timers || ring->n > ring->mask;
	if (is_full && ring->n >= SWEPT_FROM)
		sweep_ring(nat, ring);
	if (is_full && (!ring->timers || ring->n > ring->mask / 2)) {
		uint32_t size = ring->timers ? (ring->mask + 1) * 2 : 64;
		struct nat_timer *timers = malloc((size_t)size * sizeof *timers);
		if (!timers)
			return -ENOMEM;
		for (uint32_t i = 0; i < ring->n; i++)
			timers[i] = ring->timers[(ring->head + i) & ring->mask];
		free(ring->timers);
		ring->timers = timers;
		ring->mask = size - 1;
		ring->head = 0;
	}
	ring->timers[(ring->head + ring->n++) & ring->mask] = timer;
	return 0;
}

static bool timer_before(struct nat_timer a, struct nat_timer b)
{
	return a.due.ns != b.due.ns ? a.due.ns < b.due.ns : a.mapping < b.mapping;
}

static int heap_push(struct nat *nat, struct nat_timer timer)
{
	if (nat->n_heap == nat->capacity_heap) {
		size_t capacity = nat->capacity_heap ? nat->capacity_heap * 2 : 64;
		struct nat_timer *heap = realloc(nat->heap, capacity * sizeof *heap);
		if (!heap)
			return -ENOMEM;
		nat->heap = heap;
		nat->capacity_heap = capacity;
	}
	size_t i = nat->n_heap++;
	while (i > 0 && timer_before(timer, nat->heap[(i - 1) / 2])) {
		nat->heap[i] = nat->heap[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	nat->heap[i] = timer;
	return 0;
}

static struct nat_timer heap_pop(struct nat *nat)
{
	struct nat_timer top = nat->heap[0], last = nat->heap[--nat->n_heap];
	size_t i = 0;
	for (;;) {
		size_t child = 2 * i + 1;
		if (child >= nat->n_heap)
			break;
		if (child + 1 < nat->n_heap && timer_before(nat->heap[child + 1], nat->heap[child]))
			child++;
		if (!timer_before(nat->heap[child], last))
			break;
		nat->heap[i] = nat->heap[child];
		i = child;
	}
	if (nat->n_heap)
		nat->heap[i] = last;
	return top;
}

int nat_arm_at(struct nat *nat, uint32_t mapping, struct instant due)
{
	nat_mapping_at(nat, mapping)->armed = due;
	nat->expiry = instant_min(nat->expiry, due);
	return heap_push(nat, (struct nat_timer){due, mapping});
}

/* For a time-out that counts from its last use. A ring takes only what comes due after all that it holds; the rest is
 * for the heap. */
int nat_arm(struct nat *nat, uint32_t mapping)
{
	struct nat_mapping *m = nat_mapping_at(nat, mapping);
	enum nat_timeout timeout = timeout_of(nat, m);
	struct nat_ring *ring = &nat->rings[timeout];
	struct nat_timer timer = {nat_tracks(nat, m->inside.proto)
					  ? nat_due(nat, m)
					  : instant_add(m->last_used, timeout_ns(nat, timeout)),
				  mapping};
	m->armed = timer.due;
	nat->expiry = instant_min(nat->expiry, timer.due);
	if (ring->n > 0 && instant_before(timer.due, ring->timers[(ring->head + ring->n - 1) & ring->mask].due))
		return heap_push(nat, timer);
	return ring_push(nat, ring, timer);
}

/* ---- packets ---- */

static bool all_closing(const struct nat *nat, const struct nat_mapping *m, unsigned of_first)
{
	if (!is_closing_state(of_first))
		return false;
	for (uint32_t i = m->sessions; i != POOL_NONE;
	     i = ((const struct nat_session *)pool_at(&nat->sessions, i))->next)
		if (!is_closing_state(((const struct nat_session *)pool_at(&nat->sessions, i))->state))
			return false;
	return true;
}

/* SYN, FIN and RST, and what takes a reset back, belong to the connection with one outsider. False where there is
 * none. */
static bool note_tcp(struct nat *nat, struct nat_mapping *m, bool outbound, const struct nat_packet *packet)
{
	uint8_t flags = packet->tcp_flags;
	be32 remote = outbound ? packet->tuple.dst : packet->tuple.src;
	be16 port = outbound ? packet->tuple.dst_port : packet->tuple.src_port;
	bool is_first = remote.raw == m->inside.dst.raw && port.raw == m->inside.dst_port.raw;
	struct nat_session *session = is_first ? NULL : nat_session_find(nat, m, remote, port);
	unsigned of_first = m->state >> NAT_FIRST_SHIFT, kept = m->state & NAT_SEEN_IN;
	if (!is_first && !session)
		return false;
	unsigned state = is_first ? of_first : session->state;
	if (is_closing_state(state) && outbound && (flags & TCP_SYN) != 0) {
		state = 0; /* the same end points open again: by a SYN from inside, or one from outside that has its answer */
		kept = m->sessions == POOL_NONE && (flags & TCP_ACK) == 0 ? 0 : kept;
	}
	if (flags & TCP_RST)
		state |= NAT_RST;
	else if (nat->rules.doubts_resets)
		state &= ~(unsigned)NAT_RST;
	if (flags & TCP_FIN)
		state |= outbound ? NAT_FIN_OUT : NAT_FIN_IN;
	if (is_first)
		of_first = state;
	else
		session->state = (uint8_t)state;
	m->state = (uint8_t)(kept | of_first << NAT_FIRST_SHIFT | (all_closing(nat, m, of_first) ? state : 0));
	return true;
}

/* Seen both ways before this datagram: RFC 4787 REQ-5 leaves it open; netfilter waits whether it lasts. */
static bool is_stream(const struct nat *nat, const struct nat_mapping *m, bool outbound, struct instant now)
{
	int64_t after_ns = nat->rules.udp_stream_after_ns;
	return after_ns > 0 ? instant_before(instant_add(m->created, after_ns), now) : outbound;
}

/* Its connection has closed, or was reset, as far as the port's rest goes. */
static bool has_closed(const struct nat *nat, const struct nat_mapping *m, enum nat_end *ret)
{
	const struct nat_hold *hold = &nat->rules.hold;
	*ret = nat_end_by_timer(nat, m);
	return m->inside.proto == PROTO_TCP &&
	       ((*ret == NAT_END_CLOSED && hold->has_fin) || (*ret == NAT_END_RESET && hold->has_rst));
}

static int note_use(struct nat *nat, uint32_t mapping, bool outbound, const struct nat_packet *packet,
		    struct instant now);

int nat_touch(struct nat *nat, uint32_t mapping, bool outbound, const struct nat_packet *packet, struct instant now)
{
	enum nat_end why;
	if (__builtin_expect(nat_rests(nat_mapping_at(nat, mapping)), 0))
		return nat_rest_again(nat, mapping, packet, now);
	int r = note_use(nat, mapping, outbound, packet, now);
	if (r == 0 && (packet->tcp_flags & (TCP_FIN | TCP_RST)) != 0 &&
	    has_closed(nat, nat_mapping_at(nat, mapping), &why))
		r = nat_end_or_rest(nat, mapping, why, now);
	return r;
}

static int note_use(struct nat *nat, uint32_t mapping, bool outbound, const struct nat_packet *packet,
		    struct instant now)
{
	struct nat_mapping *m = nat_mapping_at(nat, mapping);
	uint8_t tcp_flags = packet->tcp_flags;
	struct instant before = m->last_used;
	m->last_used = now;
	m->packets += m->packets < UINT32_MAX;
	m->bytes += packet->ip_bytes;
	uint8_t state_before = m->state;
	if (nat_tracks(nat, m->inside.proto))
		return instant_before(nat_due(nat, m), m->armed) ? nat_arm(nat, mapping) : 0;
	bool was_closing = is_closing(m);
	bool was_reset = (m->state & NAT_RST) != 0;
	if ((tcp_flags & (TCP_SYN | TCP_FIN | TCP_RST)) != 0 || (was_closing && nat->rules.doubts_resets)) {
		if (!note_tcp(nat, m, outbound, packet) && outbound && (tcp_flags & TCP_RST) != 0)
			m->last_used = before; /* the inside refuses a stranger: no use of the mapping (RFC 7857 7.1) */
	} else if (m->inside.proto == PROTO_UDP) {
		if (nat_has_ways(nat, PROTO_UDP))
			*(outbound ? &nat_ways_of(nat, m)->out : &nat_ways_of(nat, m)->in) = now;
		if ((m->state & NAT_SEEN_IN) && is_stream(nat, m, outbound, now))
			m->state |= NAT_STREAM;
	}
	if (!outbound)
		m->state |= NAT_SEEN_IN;
	if (m->state == state_before)
		return 0;
	if (is_closing(m) && !nat->rules.closing_is_idle) {
		bool nearer = (tcp_flags & TCP_RST) != 0 && !was_reset &&
			      instant_before(instant_add(now, nat->rules.tcp_reset_ns), m->armed);
		return !was_closing || nearer ? nat_arm(nat, mapping) : 0;
	}
	/* A timer may come too early, never too late. */
	return instant_before(nat_due(nat, m), m->armed) ? nat_arm(nat, mapping) : 0;
}

/* ---- expiry ---- */

static struct nat_ring *first_ring(const struct nat *nat, struct instant *ret_due)
{
	const struct nat_ring *first = NULL;
	*ret_due = INSTANT_NEVER;
	for (size_t i = 0; i < TIMEOUT_COUNT; i++) {
		const struct nat_ring *ring = &nat->rings[i];
		if (ring->n > 0 && instant_before(ring->timers[ring->head].due, *ret_due)) {
			first = ring;
			*ret_due = ring->timers[ring->head].due;
		}
	}
	return (struct nat_ring *)(uintptr_t)first;
}

struct instant nat_expiry(const struct nat *nat)
{
	return nat->expiry;
}

/* A million mappings are in no cache: those that come due soon are fetched before. */
#define FETCH_TIMER 24
#define FETCH_MAPPING 8
#define FETCH_TABLE 4

static void fetch_ahead(const struct nat *nat, const struct nat_ring *ring)
{
	fetch_line(&ring->timers[(ring->head + FETCH_TIMER) & ring->mask]);
	if (ring->n <= FETCH_MAPPING)
		return;
	const char *far =
		(const char *)nat_mapping_at(nat, ring->timers[(ring->head + FETCH_MAPPING) & ring->mask].mapping);
	fetch_line(far);
	fetch_line(far + sizeof(struct nat_mapping) - 1);
	const struct nat_timer *near = &ring->timers[(ring->head + FETCH_TABLE) & ring->mask];
	if (nat_mapping_at(nat, near->mapping)->armed.ns == near->due.ns)
		nat_table_fetch(nat, near->mapping);
}

int nat_handle(struct nat *nat, struct instant now)
{
	for (;;) {
		struct instant due;
		struct nat_ring *ring = first_ring(nat, &due);
		bool from_heap = nat->n_heap && !instant_before(due, nat->heap[0].due);
		if (from_heap)
			due = nat->heap[0].due;
		nat->expiry = due;
		if (!instant_reached(now, due))
			return 0;
		struct nat_timer timer;
		if (from_heap) {
			timer = heap_pop(nat);
		} else {
			timer = ring->timers[ring->head];
			ring->head = (ring->head + 1) & ring->mask;
			ring->n--;
			fetch_ahead(nat, ring);
		}
		struct nat_mapping *m = nat_mapping_at(nat, timer.mapping);
		if (m->armed.ns != timer.due.ns)
			continue; /* armed again since, or gone */
		bool is_due = instant_reached(now, nat_due(nat, m));
		int r = is_due ? nat_end_or_rest(nat, timer.mapping, nat_end_by_timer(nat, m), nat_due(nat, m))
			       : nat_arm_at(nat, timer.mapping, nat_due(nat, m));
		if (r < 0)
			return r;
	}
}
