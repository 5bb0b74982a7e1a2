/* DOC: each question is a small conversation with a fresh NAT: who is inside sends, who is outside tries to get in, and
 * the answers are compared. The addresses of the far side are those of RFC 5780: two hosts, two ports each. Whether
 * hairpinning is allowed at all is the translator's to decide, which asks the rules: so is it asked here. */
#include "rule/classify.h"
#include "net/header.h"
#include <errno.h>

#define INSIDE_ADDR 0x0a4d0a0au /* 10.77.10.10, and its neighbours */
#define FAR_ADDR 0xcb007142u    /* 203.0.113.66, and .67 */
#define FAR_PORT 3478u          /* and 3479 */
#define PROBE_PORT 40000u
#define N_HOSTS 16u
#define LONGEST_NS (2000 * 86400 * NS_PER_S) /* the language allows five years */

struct probe {
	struct nat *nat;
	struct instant now;
	int error;
};

static struct probe probe_begin(const struct nat_rules *rules)
{
	struct probe probe = {0};
	probe.error = nat_new(rules, &probe.nat);
	return probe;
}

static void probe_end(struct probe *probe, int *ret_error)
{
	if (probe->error < 0)
		*ret_error = probe->error;
	probe->nat = nat_free(probe->nat);
}

static struct tuple call(uint8_t proto, uint32_t host, uint16_t port, uint32_t far_host, uint32_t far_port)
{
	return (struct tuple){be32_from(INSIDE_ADDR + host), be32_from(FAR_ADDR + far_host), be16_from(port),
			      be16_from(proto == PROTO_ICMP ? port : (uint16_t)(FAR_PORT + far_port)), proto};
}

/* Outward. The far side sees ret: as the source. False where it did not pass. */
static bool send_out(struct probe *probe, const struct tuple *tuple, uint8_t tcp_flags, struct tuple *ret)
{
	struct nat_packet about = {.tuple = *tuple, .tcp_flags = tcp_flags, .ip_bytes = 60};
	struct nat_answer answer;
	if (probe->error < 0)
		return false;
	probe->error = nat_outbound(probe->nat, &about, probe->now, &answer);
	*ret = *tuple;
	ret->src = answer.addr;
	ret->src_port = answer.port;
	if (tuple->proto == PROTO_ICMP)
		ret->dst_port = answer.port;
	return probe->error == 0 && answer.reason == REASON_NONE;
}

/* Inward, to what the far side saw, from one of its hosts and ports. */
static bool send_in(struct probe *probe, const struct tuple *seen, uint32_t far_host, uint32_t far_port,
		    uint8_t tcp_flags)
{
	struct tuple back = tuple_reverse(*seen);
	struct nat_answer answer;
	back.src = be32_from(FAR_ADDR + far_host);
	if (back.proto != PROTO_ICMP)
		back.src_port = be16_from((uint16_t)(FAR_PORT + far_port));
	struct nat_packet about = {.tuple = back, .tcp_flags = tcp_flags, .ip_bytes = 60};
	if (probe->error < 0)
		return false;
	probe->error = nat_inbound(probe->nat, &about, probe->now, &answer);
	return probe->error == 0 && answer.reason == REASON_NONE;
}

static uint8_t opening(uint8_t proto)
{
	return proto == PROTO_TCP ? TCP_SYN : 0;
}
static uint8_t following(uint8_t proto)
{
	return proto == PROTO_TCP ? TCP_ACK : 0;
}

static bool same_outside(const struct tuple *a, const struct tuple *b)
{
	return a->src.raw == b->src.raw && a->src_port.raw == b->src_port.raw;
}

/* Where the range begins above 20000 the probes come from ports inside of it, so that a NAT that keeps ports can. */
#define LOW_RANGE 20000u
static uint16_t port_at(const struct nat_rules *rules, uint32_t offset)
{
	uint32_t n = (uint32_t)rules->port_last - rules->port_first + 1;
	if (rules->port_first <= LOW_RANGE)
		return (uint16_t)(PROBE_PORT + offset);
	return (uint16_t)(rules->port_first + (n / 4 + offset) % n);
}

/* ---- RFC 5780 4.3: to one host and port, to another host, to another port of that ---- */

/* Under contention others call the same place before, from the same port: that two calls look alike because each is the
 * first there, or because its port was free, is no mapping. They share the outside address. */
static enum nat_depends mapping_of(const struct nat_rules *rules, uint8_t proto, bool contended, int *error)
{
	struct probe probe = probe_begin(rules);
	struct tuple seen[3];
	static const uint32_t far[3][2] = {{0, 0}, {1, 0}, {1, 1}};
	uint16_t port = port_at(rules, 0);
	for (size_t i = 0; i < 3; i++) {
		for (uint32_t k = 0; contended && k < i; k++) {
			struct tuple other = call(proto, rules->n_addresses * (k + 1), port, far[i][0], far[i][1]),
				     ignored;
			(void)send_out(&probe, &other, opening(proto), &ignored);
			/* So does one from the port that was got before. */
			other.src = be32_from(INSIDE_ADDR + rules->n_addresses * 5);
			other.src_port = seen[i - 1].src_port;
			if (proto != PROTO_ICMP)
				(void)send_out(&probe, &other, opening(proto), &ignored);
		}
		struct tuple tuple = call(proto, 0, port, far[i][0], far[i][1]);
		(void)send_out(&probe, &tuple, opening(proto), &seen[i]);
	}
	bool by_host = !same_outside(&seen[0], &seen[1]), by_port = !same_outside(&seen[1], &seen[2]);
	probe_end(&probe, error);
	return by_port ? NAT_ON_ADDRESS_AND_PORT : by_host ? NAT_ON_ADDRESS : NAT_ON_ENDPOINT;
}

/* ---- RFC 5780 4.4: who may answer: another host, another port of the same? ---- */

static bool admits(const struct nat_rules *rules, uint8_t proto, uint32_t far_host, uint32_t far_port, int *error)
{
	struct probe probe = probe_begin(rules);
	struct tuple tuple = call(proto, 0, port_at(rules, 0), 0, 0), seen;
	bool passes = send_out(&probe, &tuple, opening(proto), &seen) &&
		      send_in(&probe, &seen, far_host, far_port, opening(proto));
	probe_end(&probe, error);
	return passes;
}

static enum nat_depends filtering_of(const struct nat_rules *rules, uint8_t proto, int *error)
{
	if (admits(rules, proto, 1, 1, error))
		return NAT_ON_ENDPOINT;
	return admits(rules, proto, 0, 1, error) ? NAT_ON_ADDRESS : NAT_ON_ADDRESS_AND_PORT;
}

/* ---- RFC 5780 4.5: one inside host calls another by its outside address ---- */

static void hairpin(const struct nat_rules *rules, struct classification *ret, int *error)
{
	struct probe probe = probe_begin(rules);
	struct tuple first = call(PROTO_UDP, 0, port_at(rules, 0), 0, 0), seen,
		     across = call(PROTO_UDP, 1, port_at(rules, 1000), 0, 0), from;
	bool sent = send_out(&probe, &first, 0, &seen);
	across.dst = seen.src;
	across.dst_port = seen.src_port;
	ret->hairpins = sent && rules->hairpin && !rules->hairpin_forwards_alone && send_out(&probe, &across, 0, &from);
	ret->hairpin_outside = ret->hairpins && nat_has_address(probe.nat, from.src);
	probe_end(&probe, error);
}

/* ---- ports and addresses ---- */

static void note_port(struct classification *ret, const struct tuple *seen)
{
	uint16_t port = be16_to(seen->src_port);
	ret->port_first = ret->port_first == 0 || port < ret->port_first ? port : ret->port_first;
	ret->port_last = port > ret->port_last ? port : ret->port_last;
}

static void ports(const struct nat_rules *rules, struct classification *ret, int *error)
{
	struct probe probe = probe_begin(rules);
	bool preserves = true, sequential = true, parity = true;
	uint16_t before = 0;
	for (uint16_t i = 0; i < 8; i++) {
		uint16_t port = port_at(rules, 3u + 7u * i);
		struct tuple tuple = call(PROTO_UDP, 0, port, 0, 0), seen;
		if (!send_out(&probe, &tuple, 0, &seen))
			break;
		uint16_t outside = be16_to(seen.src_port);
		preserves &= outside == port;
		sequential &= before == 0 || outside == before + 1;
		parity &= (outside - port) % 2 == 0;
		before = outside;
		note_port(ret, &seen);
	}
	ret->ports = preserves ? CLASSIFY_PRESERVES : sequential ? CLASSIFY_SEQUENTIAL : CLASSIFY_OTHER;
	ret->parity = parity;
	probe_end(&probe, error);
}

/* Two hosts from one port to two places: does the second get the port that the first has? */
static void overloading(const struct nat_rules *rules, struct classification *ret, int *error)
{
	struct probe probe = probe_begin(rules);
	struct tuple one = call(PROTO_TCP, 0, port_at(rules, 0), 0, 0),
		     two = call(PROTO_TCP, rules->n_addresses, port_at(rules, 0), 1, 1), first, second;
	ret->overloads = send_out(&probe, &one, TCP_SYN, &first) && send_out(&probe, &two, TCP_SYN, &second) &&
			 same_outside(&first, &second);
	probe_end(&probe, error);
}

static void addresses(const struct nat_rules *rules, struct classification *ret, int *error)
{
	struct probe probe = probe_begin(rules);
	be32 seen_addresses[NAT_MAX_ADDRESSES];
	ret->paired = true;
	for (uint32_t host = 0; host < N_HOSTS; host++)
		for (uint16_t i = 0; i < 3; i++) {
			struct tuple tuple = call(PROTO_UDP, host, port_at(rules, i), i, i), seen;
			if (!send_out(&probe, &tuple, 0, &seen))
				continue;
			uint32_t k = 0;
			while (k < ret->n_addresses && seen_addresses[k].raw != seen.src.raw)
				k++;
			if (k == ret->n_addresses && k < NAT_MAX_ADDRESSES)
				seen_addresses[ret->n_addresses++] = seen.src;
			struct tuple again = call(PROTO_UDP, host, port_at(rules, 10000), 0, 0), second;
			ret->paired &= !send_out(&probe, &again, 0, &second) || second.src.raw == seen.src.raw;
			note_port(ret, &seen);
		}
	probe_end(&probe, error);
}

static void icmp(const struct nat_rules *rules, struct classification *ret, int *error)
{
	struct probe probe = probe_begin(rules);
	struct tuple echo = call(PROTO_ICMP, 0, 77, 0, 0), udp = call(PROTO_UDP, 0, port_at(rules, 0), 0, 0), seen,
		     seen_udp;
	struct nat_answer answer;
	bool passes = send_out(&probe, &echo, 0, &seen) && send_in(&probe, &seen, 0, 0, 0) &&
		      send_out(&probe, &udp, 0, &seen_udp);
	if (passes)
		nat_error(probe.nat, false, &seen_udp, probe.now, &answer);
	ret->icmp = passes && answer.reason == REASON_NONE && answer.addr.raw == udp.src.raw &&
		    answer.port.raw == udp.src_port.raw;
	probe_end(&probe, error);
}

/* ---- timers ---- */

struct exchange { /* before the silence; all at one instant, so that no timer is too short for it */
	uint8_t proto;
	uint8_t n_steps;
	struct {
		bool inward;
		uint8_t tcp_flags;
	} steps[5];
};

/* Does the far side get in after this much silence? */
static bool survives(const struct nat_rules *rules, const struct exchange *exchange, int64_t silence_ns, int *error)
{
	struct probe probe = probe_begin(rules);
	struct tuple tuple = call(exchange->proto, 0, port_at(rules, 0), 0, 0), seen = {0};
	for (size_t i = 0; i < exchange->n_steps; i++)
		if (exchange->steps[i].inward)
			(void)send_in(&probe, &seen, 0, 0, exchange->steps[i].tcp_flags);
		else
			(void)send_out(&probe, &tuple, exchange->steps[i].tcp_flags, &seen);
	probe.now = instant_add(probe.now, silence_ns);
	bool passes = seen.proto != 0 && send_in(&probe, &seen, 0, 0, following(exchange->proto));
	probe_end(&probe, error);
	return passes;
}

static int64_t timer_of(const struct nat_rules *rules, const struct exchange *exchange, int *error)
{
	int64_t low = -1, high = LONGEST_NS; /* passes after low, not after high */
	if (!survives(rules, exchange, 0, error))
		return 0;
	for (low = 0; high - low > 1 && *error == 0;) {
		int64_t middle = low + (high - low) / 2;
		if (survives(rules, exchange, middle, error))
			low = middle;
		else
			high = middle;
	}
	return high;
}

static void timers(const struct nat_rules *rules, struct classification *ret, int *error)
{
	static const struct exchange
		udp = {PROTO_UDP, 1, {{false, 0}}},
		stream = {PROTO_UDP, 3, {{false, 0}, {true, 0}, {false, 0}}}, echo = {PROTO_ICMP, 1, {{false, 0}}},
		half = {PROTO_TCP, 1, {{false, TCP_SYN}}},
		open = {PROTO_TCP, 3, {{false, TCP_SYN}, {true, TCP_SYN | TCP_ACK}, {false, TCP_ACK}}},
		closed = {PROTO_TCP,
			  5,
			  {{false, TCP_SYN},
			   {true, TCP_SYN | TCP_ACK},
			   {false, TCP_ACK},
			   {false, TCP_FIN | TCP_ACK},
			   {true, TCP_FIN | TCP_ACK}}},
		reset = {PROTO_TCP,
			 4,
			 {{false, TCP_SYN}, {true, TCP_SYN | TCP_ACK}, {false, TCP_ACK}, {false, TCP_RST}}};
	ret->udp_idle_ns = timer_of(rules, &udp, error);
	ret->udp_stream_ns = timer_of(rules, &stream, error);
	ret->icmp_idle_ns = timer_of(rules, &echo, error);
	ret->tcp_opening_ns = timer_of(rules, &half, error);
	ret->tcp_idle_ns = timer_of(rules, &open, error);
	ret->tcp_transitory_ns = timer_of(rules, &closed, error);
	ret->tcp_reset_ns = timer_of(rules, &reset, error);
}

int nat_classify(const struct nat_rules *rules, struct classification *ret)
{
	int error = 0;
	*ret = (struct classification){0};
	ret->udp_mapping = mapping_of(rules, PROTO_UDP, false, &error);
	ret->tcp_mapping = mapping_of(rules, PROTO_TCP, false, &error);
	ret->udp_contended = mapping_of(rules, PROTO_UDP, true, &error);
	ret->tcp_contended = mapping_of(rules, PROTO_TCP, true, &error);
	ret->udp_filtering = filtering_of(rules, PROTO_UDP, &error);
	ret->tcp_filtering = filtering_of(rules, PROTO_TCP, &error);
	hairpin(rules, ret, &error);
	ports(rules, ret, &error);
	overloading(rules, ret, &error);
	addresses(rules, ret, &error);
	icmp(rules, ret, &error);
	timers(rules, ret, &error);
	return error;
}
