/* What the NAT itself costs, without an engine around it: a packet, a mapping, its end.
 *
 *   bench_nat [MAPPINGS]     default 1000000
 *
 * DOC: a translated packet is all that a NAT does to one: read the tuple from the header, find the mapping, note the
 * use, write the new source or destination, mend the checksums. The next mapping in turn is never the neighbour of the
 * last in memory; as the engine does, the one that is a few packets ahead is fetched. The best of some runs counts,
 * because whatever else the machine does only makes a run slower.
 *
 *   make     every mapping by its first packet
 *   named    packets of live mappings, out and in, that an earlier answer named: how the engine asks
 *   found    the same without a name: each is looked up in the table
 *   end      all are due, and nat_handle() ends them
 *   churn    mappings are made and end all the time, MAPPINGS of them a virtual second */
#include "base/random.h"
#include "measure.h"
#include "net/header.h"
#include "net/packet.h"
#include "rule/nat.h"
#include <string.h>

#define BAR_NS 60.0
#define BAR_BYTES 128.0
#define AHEAD 8u
#define STEP 618033u /* prime to every power of ten, and wide */
#define DESTINATIONS 64u
#define PORTS 60000u /* of one inside address */
#define RUNS 5u

/* Connections in the order in which their packets come, which is far from that in which they were made. Read in a row,
 * they cost little beside the NAT. */
struct visit {
	struct tuple tuple;
	uint32_t name;
	uint16_t outside_port;
};

struct bench {
	struct nat *nat;
	uint32_t n;
	struct visit *visits;
	struct packet packet;
	struct instant now;
};

static const struct nat_rules rules = {.addresses = NULL,
				       .n_addresses = 1,
				       .mapping = NAT_ON_ADDRESS_AND_PORT,
				       .udp_mapping = NAT_ON_ADDRESS_AND_PORT,
				       .filtering = NAT_ON_ADDRESS_AND_PORT,
				       .port_first = 1024,
				       .port_last = 65535,
				       .reuse = NAT_REUSE_PER_DESTINATION,
				       .hairpin = true,
				       .translate_icmp = true,
				       .tcp_idle_ns = 240 * NS_PER_S,
				       .tcp_transitory_ns = NS_PER_S,
				       .tcp_reset_ns = NS_PER_S,
				       .udp_idle_ns = NS_PER_S,
				       .udp_stream_ns = NS_PER_S,
				       .icmp_idle_ns = NS_PER_S,
				       .seed = 1};

static be32 outside(void)
{
	return be32_from(0xc6336401u);
}

/* The i-th connection, as its inside host sends. Numbers beyond the mappings that live at once are used again by churn,
 * with other ports.
 */
static struct tuple inside_tuple(uint32_t i, uint8_t proto)
{
	return (struct tuple){be32_from(0x0a000001u + i / PORTS), be32_from(0xcb007100u + i % DESTINATIONS),
			      be16_from((uint16_t)(1024 + i % PORTS)), be16_from(443), proto};
}

static void make_packet(struct packet *packet)
{
	*packet = (struct packet){.header_bytes = 54};
	packet_ethernet(packet)->type = be16_from(0x0800);
	struct ipv4_header *ip = packet_ip(packet);
	ip->version_ihl = 0x45;
	ip->ttl = 64;
	ip->proto = PROTO_TCP;
	((struct tcp_header *)packet_l4(packet))->data_offset = 0x50;
	packet_finish(packet);
}

/* A packet of this connection stands in the header; that its checksums are another's costs the rewriting nothing. */
static void address(struct packet *packet, const struct tuple *tuple, uint8_t flags)
{
	struct ipv4_header *ip = packet_ip(packet);
	struct tcp_header *tcp = packet_l4(packet);
	ip->src = tuple->src;
	ip->dst = tuple->dst;
	ip->proto = tuple->proto;
	tcp->src_port = tuple->src_port;
	tcp->dst_port = tuple->dst_port;
	tcp->flags = flags;
}

static struct nat_packet nat_packet_of(const struct packet *packet, uint32_t hint)
{
	struct nat_packet about = {
		.tuple = packet_tuple(packet), .ip_bytes = packet_frame_bytes(packet) - 14, .hint = hint};
	if (about.tuple.proto == PROTO_TCP)
		about.tcp_flags = ((const struct tcp_header *)packet_l4_const(packet))->flags;
	return about;
}

static void answered(int result, const struct nat_answer *answer)
{
	must(result, "the NAT");
	if (answer->reason == REASON_NONE)
		return;
	(void)fprintf(stderr, "bench: the NAT dropped a packet: %s\n", reason_name(answer->reason));
	exit(1);
}

static struct nat_answer go_out(struct bench *b, const struct tuple *tuple, uint8_t flags, uint32_t hint)
{
	struct nat_answer answer;
	address(&b->packet, tuple, flags);
	struct nat_packet about = nat_packet_of(&b->packet, hint);
	answered(nat_outbound(b->nat, &about, b->now, &answer), &answer);
	packet_rewrite_src(&b->packet, answer.addr, answer.port);
	return answer;
}

static void come_in(struct bench *b, const struct tuple *sent, uint16_t port, uint8_t flags, uint32_t hint)
{
	struct tuple tuple = {sent->dst, outside(), sent->dst_port, be16_from(port), sent->proto};
	struct nat_answer answer;
	address(&b->packet, &tuple, flags);
	struct nat_packet about = nat_packet_of(&b->packet, hint);
	answered(nat_inbound(b->nat, &about, b->now, &answer), &answer);
	packet_rewrite_dst(&b->packet, answer.addr, answer.port);
	if (!be16_equal(answer.port, sent->src_port)) {
		(void)fprintf(stderr, "bench: a reply did not come back to its sender\n");
		exit(1);
	}
}

static void open_nat(struct bench *b)
{
	struct nat_rules with_address = rules;
	const be32 address = outside();
	with_address.addresses = &address;
	must(nat_new(&with_address, &b->nat), "nat_new");
	b->now = (struct instant){0};
}

/* ---- what is measured: each says the nanoseconds of one ---- */

static uint32_t after(const struct bench *b, uint32_t i)
{
	return (uint32_t)(((uint64_t)i + STEP) % b->n);
}

static double make(struct bench *b)
{
	double start = seconds(CLOCK_PROCESS_CPUTIME_ID);
	for (uint32_t i = 0; i < b->n; i++) {
		struct tuple ahead = inside_tuple(i + AHEAD, PROTO_TCP), tuple = inside_tuple(i, PROTO_TCP);
		nat_fetch_new(b->nat, 0, &ahead);
		b->now.ns += 1000;
		struct nat_answer answer = go_out(b, &tuple, TCP_SYN, 0);
		b->visits[i] = (struct visit){tuple, answer.mapping, be16_to(answer.port)};
	}
	return (seconds(CLOCK_PROCESS_CPUTIME_ID) - start) * 1e9 / b->n;
}

static void shuffle(struct bench *b, struct visit *made)
{
	memcpy(made, b->visits, b->n * sizeof *made);
	for (uint32_t k = 0, i = 0; k < b->n; k++, i = after(b, i))
		b->visits[k] = made[i];
}

static double pass(struct bench *b, bool is_named)
{
	double start = seconds(CLOCK_PROCESS_CPUTIME_ID);
	for (uint32_t k = 0; k < b->n; k++) {
		const struct visit *visit = &b->visits[k];
		if (is_named)
			nat_fetch(b->nat, b->visits[k + AHEAD < b->n ? k + AHEAD : k].name);
		b->now.ns += 100;
		if (k % 2 == 0)
			(void)go_out(b, &visit->tuple, TCP_ACK, is_named ? visit->name : 0);
		else
			come_in(b, &visit->tuple, visit->outside_port, TCP_ACK, is_named ? visit->name : 0);
	}
	return (seconds(CLOCK_PROCESS_CPUTIME_ID) - start) * 1e9 / b->n;
}

static double end_all(struct bench *b)
{
	struct nat_metrics metrics;
	b->now.ns += 2 * rules.tcp_idle_ns;
	double start = seconds(CLOCK_PROCESS_CPUTIME_ID);
	must(nat_handle(b->nat, b->now), "nat_handle");
	double ns = (seconds(CLOCK_PROCESS_CPUTIME_ID) - start) * 1e9 / b->n;
	nat_metrics(b->nat, UINT32_MAX, &metrics);
	if (metrics.mappings != 0 || metrics.expired != b->n) {
		(void)fprintf(stderr, "bench: %llu mappings outlived their time\n",
			      (unsigned long long)metrics.mappings);
		exit(1);
	}
	return ns;
}

/* Virtual time goes on as the engine has it: to each packet, and to each end that comes first. */
static void advance(struct bench *b, int64_t ns)
{
	struct instant to = instant_add(b->now, ns);
	while (!instant_before(to, nat_expiry(b->nat))) {
		struct instant due = nat_expiry(b->nat);
		b->now = instant_before(b->now, due) ? due : b->now;
		must(nat_handle(b->nat, b->now), "nat_handle");
	}
	b->now = to;
}

/* A virtual second of mappings for the table to fill, then two that are measured. UDP: one packet each; TCP: six, from
 * SYN to the last ACK.
 */
static double churn(uint32_t n, uint8_t proto, uint32_t packets, struct bench *b)
{
	int64_t every_ns = NS_PER_S / n;
	double start = 0;
	open_nat(b);
	for (uint32_t i = 0; i < 3 * n; i++) {
		if (i == n)
			start = seconds(CLOCK_PROCESS_CPUTIME_ID);
		struct tuple ahead = inside_tuple(i + AHEAD, proto), tuple = inside_tuple(i, proto);
		nat_fetch_new(b->nat, 0, &ahead);
		advance(b, every_ns);
		struct nat_answer answer = go_out(b, &tuple, TCP_SYN, 0);
		if (packets == 1)
			continue;
		uint16_t port = be16_to(answer.port);
		come_in(b, &tuple, port, TCP_SYN | TCP_ACK, answer.mapping);
		(void)go_out(b, &tuple, TCP_ACK, answer.mapping);
		(void)go_out(b, &tuple, TCP_FIN | TCP_ACK, answer.mapping);
		come_in(b, &tuple, port, TCP_FIN | TCP_ACK, answer.mapping);
		(void)go_out(b, &tuple, TCP_ACK, answer.mapping);
	}
	double ns = (seconds(CLOCK_PROCESS_CPUTIME_ID) - start) * 1e9 / (2.0 * n * packets);
	struct nat_metrics metrics;
	nat_metrics(b->nat, UINT32_MAX, &metrics);
	if (metrics.mappings > n + 1 || metrics.mappings_total != 3 * (uint64_t)n) {
		(void)fprintf(stderr, "bench: churn left %llu mappings\n", (unsigned long long)metrics.mappings);
		exit(1);
	}
	b->nat = nat_free(b->nat);
	return ns;
}

static double least(double a, double b)
{
	return a < b ? a : b;
}

int main(int argc, char **argv)
{
	static struct bench b;
	b.n = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1000000;
	struct visit *made_order = calloc(b.n, sizeof *made_order);
	b.visits = calloc(b.n, sizeof *b.visits);
	if (b.n == 0 || !made_order || !b.visits)
		return 1;
	make_packet(&b.packet);
	double made = 1e9, named = 1e9, found = 1e9, ended = 1e9, udp = 1e9, tcp = 1e9, bytes = 0;
	for (uint32_t run = 0; run < RUNS; run++) {
		uint64_t before = allocated_bytes();
		open_nat(&b);
		made = least(made, make(&b));
		bytes = (double)(allocated_bytes() - before) / b.n;
		shuffle(&b, made_order);
		named = least(named, pass(&b, true));
		found = least(found, pass(&b, false));
		ended = least(ended, end_all(&b));
		b.nat = nat_free(b.nat);
		udp = least(udp, churn(b.n, PROTO_UDP, 1, &b));
		tcp = least(tcp, churn(b.n, PROTO_TCP, 6, &b));
	}
	(void)printf("%u mappings: make %.1f ns, end %.1f ns each; a packet found in the table %.1f ns; churn of as "
		     "many a virtual second "
		     "%.1f ns a mapping of one datagram, "
		     "%.1f ns a TCP connection\n",
		     b.n, made, ended, found, udp, 6 * tcp);
	print_bar("named, a translated packet", named, BAR_NS, BAR_NS, "ns");
	print_bar("churn, a packet of a TCP connection", tcp, BAR_NS, BAR_NS, "ns");
	print_bar("a live mapping", bytes, BAR_BYTES, BAR_BYTES, "B");
	free(made_order);
	free(b.visits);
	/* Memory is the same on every machine, time is not: only memory can fail, where there are enough to share what
	 * a NAT keeps at first. */
	return b.n >= 1000000 && bytes > BAR_BYTES;
}
