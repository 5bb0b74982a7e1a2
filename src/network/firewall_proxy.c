/* DOC: application rules need a name, which a call says once its connection stands: the firewall completes the caller's
 * handshake itself, reads the name from the first data (Host of HTTP, SNI of TLS), and only then calls the other end. The
 * two handshakes have different initial sequence numbers of that end: later segments are shifted by the difference.
 * A call that is refused has seen a handshake, and gets a reset. It offers no option but the size of segments, so that
 * nothing else is to be translated between the two. */
#include "host/tcp.h"
#include "net/checksum.h"
#include "network/firewall.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PROXY_TTL 64u
#define PROXY_WINDOW 65535u
#define MAX_HELD 64u
#define NAME_BYTES 256u
#define MSS_OPTION_BYTES 4u

/* ---- the name ---- */

static bool find_host(const char *text, size_t bytes, char *ret)
{
	static const char field[] = "\r\nHost: ";
	size_t n = sizeof field - 1;
	for (size_t i = 0; i + n < bytes; i++) {
		if (strncasecmp(text + i, field, n) != 0)
			continue;
		size_t length = 0;
		while (i + n + length < bytes && length + 1 < NAME_BYTES && text[i + n + length] != '\r' &&
		       text[i + n + length] != ':')
			length++;
		memcpy(ret, text + i + n, length);
		ret[length] = '\0';
		return length > 0;
	}
	return false;
}

static size_t read16(const uint8_t *at)
{
	return (size_t)at[0] << 8 | at[1];
}

/* The extension server_name of a ClientHello (RFC 8446 4.1.2, RFC 6066 3). */
static bool find_server_name(const uint8_t *at, size_t bytes, char *ret)
{
	size_t i = 5 + 4 + 2 + 32; /* record, handshake, version, random */
	if (bytes < i + 1 || at[0] != 22 || at[5] != 1)
		return false;
	i += 1u + at[i]; /* session */
	if (i + 2 > bytes)
		return false;
	i += 2 + read16(at + i); /* cipher suites */
	if (i + 1 > bytes)
		return false;
	i += 1u + at[i]; /* compression */
	if (i + 2 > bytes)
		return false;
	i += 2;
	while (i + 4 <= bytes) {
		size_t type = read16(at + i), length = read16(at + i + 2);
		i += 4;
		if (i + length > bytes)
			return false;
		if (type == 0 && length > 5 && at[i + 2] == 0) {
			size_t n = read16(at + i + 3);
			if (n + 5 > length || n + 1 > NAME_BYTES)
				return false;
			memcpy(ret, at + i + 5, n);
			ret[n] = '\0';
			return true;
		}
		i += length;
	}
	return false;
}

static const char *name_in(const struct world *world, const struct packet *packet, const struct tuple *from,
			   char text[NAME_BYTES])
{
	uint8_t bytes[PAYLOAD_SLICE_BYTES];
	uint32_t n = packet->payload_bytes < sizeof bytes ? packet->payload_bytes : (uint32_t)sizeof bytes;
	if (n > 0)
		payload_copy(packet->payload, packet->payload_offset, n, bytes);
	switch (firewall_application(from)) {
	case FIREWALL_HTTP:
		return find_host((const char *)bytes, n, text) ? text : NULL;
	case FIREWALL_HTTPS:
		return find_server_name(bytes, n, text) ? text : NULL;
	}
	return dns_name_of_address(world->model, from->dst); /* what SQL's clients say stands in no payload of ours */
}

/* ---- segments of its own ---- */

static struct packet *make_segment(struct world *world, uint32_t connection, const struct tuple *tuple, uint8_t flags,
				   uint32_t seq, uint32_t ack, uint16_t mss_bytes)
{
	struct packet *p = packet_for(world, connection);
	if (!p)
		return NULL;
	craft_start(p, &world->craft.tcp_syn);
	struct tcp_header *tcp = packet_l4(p);
	struct ipv4_header *ip = packet_ip(p);
	uint8_t *options = (uint8_t *)tcp + sizeof *tcp;
	ip->src = tuple->src;
	ip->dst = tuple->dst;
	ip->ttl = PROXY_TTL;
	tcp->src_port = tuple->src_port;
	tcp->dst_port = tuple->dst_port;
	tcp->seq = be32_from(seq);
	tcp->ack = be32_from(ack);
	tcp->flags = flags;
	tcp->window = be16_from(PROXY_WINDOW);
	options[0] = 2;
	options[1] = MSS_OPTION_BYTES;
	options[2] = (uint8_t)(mss_bytes >> 8);
	options[3] = (uint8_t)mss_bytes;
	tcp->data_offset = (uint8_t)((sizeof *tcp + MSS_OPTION_BYTES) << 2);
	p->header_bytes = (uint16_t)(PACKET_L4_AT - PACKET_PAD_BYTES + sizeof *tcp + MSS_OPTION_BYTES);
	packet_finish(p);
	return p;
}

static void send_own(struct world *world, const struct firewall_state *state, enum passage passage,
		     struct packet *packet)
{
	if (!packet)
		return;
	path_make_own(world, state->node, packet);
	path_send_from(world, (struct leg){passage, state->node, NONE}, packet);
}

static void answer_syn(struct world *world, const struct firewall_state *state, const struct session *session)
{
	const struct proxy *proxy = session->more;
	const struct tuple back = tuple_reverse(session->from);
	send_own(world, state, PASSAGE_NIC_OUT,
		 make_segment(world, session->connection, &back, TCP_SYN | TCP_ACK, proxy->own_isn,
			      proxy->caller_isn + 1, proxy->mss_bytes));
}

static void call_server(struct world *world, const struct firewall_state *state, const struct session *session)
{
	const struct proxy *proxy = session->more;
	struct packet *syn = make_segment(world, session->connection, &session->from, TCP_SYN, proxy->caller_isn, 0,
					  proxy->mss_bytes);
	if (!syn)
		return;
	syn->flags = PACKET_FROM_CALLER | PACKET_OPENING;
	path_make_own(world, state->node, syn);
	firewall_allow(world, state, session, syn);
	path_send_from(world, (struct leg){PASSAGE_FIREWALL_OUT, state->node, NONE}, syn);
}

static void reset_caller(struct world *world, const struct firewall_state *state, const struct session *session,
			 uint32_t seq)
{
	const struct tuple back = tuple_reverse(session->from);
	struct packet *packet = packet_for(world, session->connection);
	if (packet)
		tcp_reset_make(&world->craft, packet, &back, seq, PROXY_TTL);
	send_own(world, state, PASSAGE_NIC_OUT, packet);
}

/* ---- life ---- */

void proxy_free(struct world *world, uint32_t node, struct session *session)
{
	struct proxy *proxy = session->more;
	while (proxy && proxy->held) {
		struct packet *packet = proxy->held;
		proxy->held = packet->next;
		world->counts.in_flight--;
		path_deliver(world, node, packet);
		packets_put(&world->packets, packet);
	}
	free(proxy);
	session->more = NULL;
}

void proxy_discard(struct world *world, struct session *session)
{
	struct proxy *proxy = session->more;
	for (struct packet *packet = proxy ? proxy->held : NULL, *next; packet; packet = next) {
		next = packet->next;
		packets_put(&world->packets, packet);
	}
	free(proxy);
	session->more = NULL;
}

/* The firewall itself is the end of this packet's way. */
static void absorb(struct world *world, const struct firewall_state *state, struct packet *packet)
{
	path_deliver(world, state->node, packet);
	packets_put(&world->packets, packet);
}

void proxy_open(struct world *world, struct firewall_state *state, struct packet *packet, struct decision *decision)
{
	const struct tuple from = packet_tuple(packet);
	const struct tcp_header *tcp = packet_l4_const(packet);
	struct session *session = session_open(state->sessions, &from, &from, world->now);
	struct proxy *proxy = session ? calloc(1, sizeof *proxy) : NULL;
	decision->verb = VERB_TAKEN;
	if (!proxy) {
		world_fail(world, -ENOMEM);
		packets_put(&world->packets, packet);
		return;
	}
	proxy->caller_isn = be32_to(tcp->seq);
	proxy->own_isn = (uint32_t)random_join(random_join(world->seed, world->nodes[state->node].identity),
					       (uint64_t)packet->connection << 32 | packet->serial);
	proxy->mss_bytes = TCP_MSS_BYTES;
	proxy->held_end = &proxy->held;
	session->more = proxy;
	session->flags |= SESSION_PROXIED;
	session->connection = packet->connection;
	firewall_time(world, state, &from, session);
	absorb(world, state, packet);
	answer_syn(world, state, session);
}

/* ---- what comes ---- */

static const struct tcp_header *tcp_of(const struct packet *packet)
{
	return packet_l4_const(packet);
}

void proxy_decide(const struct ask *ask, const struct firewall_state *state, const struct firewall_flow *flow,
		  struct decision *ret)
{
	const struct proxy *proxy = flow->session->more;
	char text[NAME_BYTES];
	if (!proxy || proxy->phase == PROXY_FORWARDS || translate_is_error(ask->packet))
		return; /* it passes */
	ret->verb = VERB_TAKEN;
	if (proxy->phase != PROXY_SHAKES || flow->back || ask->packet->payload_bytes == 0)
		return;
	struct firewall_judgement judgement =
		firewall_judge_name(state->rules, &flow->from, name_in(ask->world, ask->packet, &flow->from, text));
	if (judgement.answer == FIREWALL_DENIED)
		firewall_drop(ask, judgement.rule, ret);
}

static void hold(struct world *world, struct proxy *proxy, struct packet *packet)
{
	world->counts.in_flight++;
	packet->next = NULL;
	*proxy->held_end = packet;
	proxy->held_end = &packet->next;
	proxy->n_held++;
}

static bool is_held(const struct proxy *proxy, const struct packet *packet)
{
	for (const struct packet *held = proxy->held; held; held = held->next)
		if (tcp_of(held)->seq.raw == tcp_of(packet)->seq.raw)
			return true;
	return false;
}

static void shift(be32 *field, be16 *check, uint32_t by)
{
	be32 after = be32_from(be32_to(*field) + by);
	*check = checksum_replace32(*check, *field, after);
	*field = after;
}

/* To the other end the caller's acknowledgments, to the caller the other end's numbers. */
static void shift_segment(const struct proxy *proxy, bool back, struct packet *packet)
{
	struct tcp_header *tcp = packet_l4(packet);
	uint32_t by = proxy->server_isn - proxy->own_isn;
	if (back)
		shift(&tcp->seq, &tcp->check, 0u - by);
	else if (tcp->flags & TCP_ACK)
		shift(&tcp->ack, &tcp->check, by);
}

static void from_caller(struct world *world, struct firewall_state *state, struct session *session,
			struct packet *packet)
{
	struct proxy *proxy = session->more;
	uint8_t flags = tcp_of(packet)->flags;
	if ((flags & TCP_SYN) != 0) {
		absorb(world, state, packet);
		answer_syn(world, state, session);
	} else if (flags & TCP_RST) {
		absorb(world, state, packet);
		session_end(session);
		proxy_free(world, state->node, session);
	} else if (packet->payload_bytes > 0 || (flags & TCP_FIN)) {
		bool again = is_held(proxy, packet);
		if (again || proxy->n_held == MAX_HELD)
			absorb(world, state, packet);
		else
			hold(world, proxy, packet);
		if (again || proxy->phase == PROXY_SHAKES)
			call_server(world, state, session);
		proxy->phase = PROXY_CALLS;
	} else {
		absorb(world, state, packet);
	}
}

static void from_server(struct world *world, struct firewall_state *state, struct session *session,
			struct packet *packet)
{
	struct proxy *proxy = session->more;
	const struct tcp_header *tcp = tcp_of(packet);
	uint8_t flags = tcp->flags;
	proxy->server_isn = be32_to(tcp->seq);
	absorb(world, state, packet);
	if (flags & TCP_RST) {
		reset_caller(world, state, session, proxy->own_isn + 1);
		session_end(session);
		proxy_free(world, state->node, session);
		return;
	}
	if ((flags & (TCP_SYN | TCP_ACK)) != (TCP_SYN | TCP_ACK))
		return;
	proxy->phase = PROXY_FORWARDS;
	struct packet *held = proxy->held;
	proxy->held = NULL;
	proxy->held_end = &proxy->held;
	for (struct packet *next; held; held = next) {
		next = held->next;
		held->next = NULL;
		world->counts.in_flight--;
		shift_segment(proxy, false, held);
		path_send_from(world, (struct leg){PASSAGE_FIREWALL_OUT, state->node, NONE}, held);
	}
}

/* By name: how it leaves is known once the name is. */
static bool plan(struct world *world, struct firewall_state *state, struct session *session,
		 const struct packet *packet)
{
	struct firewall_judgement judgement = {FIREWALL_BY_NAME, NULL};
	char text[NAME_BYTES];
	struct tuple to;
	judgement.rule =
		firewall_judge_name(state->rules, &session->from, name_in(world, packet, &session->from, text)).rule;
	session->rule = judgement.rule;
	if (firewall_plan(world, state, &session->from, &judgement, &to))
		session->flags |= SESSION_TRANSLATED;
	return session_leaves_as(state->sessions, session, &to);
}

void proxy_commit(struct world *world, struct firewall_state *state, const struct firewall_flow *flow,
		  struct packet *packet, struct decision *decision)
{
	struct session *session = flow->session;
	struct proxy *proxy = session->more;
	if (!proxy)
		return;
	if (decision->verb == VERB_DROP) { /* refused by its name */
		reset_caller(world, state, session, proxy->own_isn + 1);
		session_end(session);
		proxy_free(world, state->node, session);
	} else if (decision->verb == VERB_PASSED) {
		if (!translate_is_error(packet))
			shift_segment(proxy, flow->back, packet);
	} else if (flow->back) {
		from_server(world, state, session, packet);
	} else {
		if (proxy->phase == PROXY_SHAKES && packet->payload_bytes > 0 && !plan(world, state, session, packet))
			world_fail(world, -ENOMEM);
		from_caller(world, state, session, packet);
	}
}
