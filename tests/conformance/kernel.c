/* The kernel's NAT: namespaces made by netns.sh, packet sockets at both ends.
 *
 * DOC: a packet that is dropped cannot be waited for. So each packet is followed by a marker, of a protocol that
 * nothing tracks or translates, which takes the same way: what did not come out before the marker did is not coming. */
#include "bed.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MARKER_PROTOCOL 253
#define MARKER_TIMEOUT_MS 2000

struct kernel {
	const char *script;
	char name[32];
	int sockets[2];
	uint16_t marker;
	unsigned zone; /* of its table: each bed has one, so that no case meets what another has left */
};

static int run(const char *format, ...) __attribute__((format(printf, 1, 2)));
static int run(const char *format, ...)
{
	char command[1024];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(command, sizeof command, format, args);
	va_end(args);
	return system(command);
}

static int open_in(const char *name, const char *which, const char *interface)
{
	char path[128];
	(void)snprintf(path, sizeof path, "/run/netns/%s-%s", name, which);
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), there = open(path, O_RDONLY | O_CLOEXEC);
	int fd = -1;
	if (home >= 0 && there >= 0 && setns(there, CLONE_NEWNET) == 0) {
		fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));
		struct sockaddr_ll address = {.sll_family = AF_PACKET,
					      .sll_protocol = htons(ETH_P_ALL),
					      .sll_ifindex = (int)if_nametoindex(interface)};
		if (fd >= 0 &&
		    (address.sll_ifindex == 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0)) {
			close(fd);
			fd = -1;
		}
		if (setns(home, CLONE_NEWNET) < 0)
			abort();
	}
	if (home >= 0)
		close(home);
	if (there >= 0)
		close(there);
	return fd;
}

struct kernel *kernel_new(const char *script, const char *name)
{
	struct kernel *kernel = calloc(1, sizeof *kernel);
	kernel->script = script;
	(void)snprintf(kernel->name, sizeof kernel->name, "%s", name);
	kernel->sockets[INSIDE] = open_in(kernel->name, "in", "in0");
	kernel->sockets[OUTSIDE] = open_in(kernel->name, "out", "out0");
	if (kernel->sockets[INSIDE] >= 0 && kernel->sockets[OUTSIDE] >= 0)
		return kernel;
	free(kernel);
	return NULL;
}

void kernel_free(struct kernel *kernel)
{
	close(kernel->sockets[INSIDE]);
	close(kernel->sockets[OUTSIDE]);
	free(kernel);
}

/* ---- rules ---- */

static void print_rules(FILE *out, const struct setup *setup, unsigned zone)
{
	fputs("flush chain ip filter forward\nflush chain ip filter input\n"
	      "add rule ip filter forward ip protocol 253 accept\n"
	      "flush chain ip filter raw\nflush chain ip filter rawout\n"
	      "add rule ip filter raw ip protocol 253 notrack\n",
	      out);
	fprintf(out, "add rule ip filter raw ct zone set %u\nadd rule ip filter rawout ct zone set %u\n", zone, zone);
	if (setup->drops_invalid)
		fputs("add rule ip filter forward ct state invalid drop\nadd rule ip filter input ct state invalid "
		      "drop\n",
		      out);
	if (setup->firewall)
		fputs("add rule ip filter input drop\n"
		      "add rule ip filter forward ct status dnat accept\n"
		      "add rule ip filter forward iifname out1 ct state new drop\n",
		      out);
	const char *inside = setup->environment ? "10.0.1.0/26" : "172.16.0.0/12";
	fputs("table ip nat\ndelete table ip nat\ntable ip nat {\n", out);
	if (setup->environment)
		fputs("  chain pre { type nat hook prerouting priority dstnat; ip daddr 198.51.100.1 tcp dport 443 "
		      "dnat to 10.0.1.4; }\n",
		      out);
	fputs("  chain post {\n    type nat hook postrouting priority srcnat;\n", out);
	if (!setup->firewall)
		fprintf(out, "    ip saddr %s meta l4proto { tcp, udp } snat to 198.51.100.1\n", inside);
	else
		fprintf(out, "    ip saddr %s meta l4proto { tcp, udp } snat to 198.51.100.1:%u-%u\n", inside,
			setup->port_first, setup->port_last);
	fprintf(out, "    ip saddr %s meta l4proto icmp snat to 198.51.100.1\n  }\n}\n", inside);
}

static unsigned or_else(unsigned given, unsigned otherwise)
{
	return given ? given : otherwise;
}

void kernel_setup(struct kernel *kernel, const struct setup *setup)
{
	char path[] = "/tmp/pktpath-rules.XXXXXX";
	int fd = mkstemp(path);
	FILE *out = fdopen(fd, "w");
	print_rules(out, setup, ++kernel->zone);
	if (fclose(out) != 0 || run("%s rules %s %s", kernel->script, kernel->name, path) != 0)
		abort();
	(void)unlink(path);
	unsigned idle = or_else(setup->tcp_idle_s, 432000), closing = or_else(setup->tcp_transitory_s, 120);
	unsigned udp = or_else(setup->udp_idle_s, 30), udp_stream = or_else(setup->udp_idle_s, 120);
	unsigned opening = or_else(setup->tcp_idle_s, 120);
	if (run("%s set %s net.netfilter.nf_conntrack_tcp_timeout_syn_sent=%u "
		"net.netfilter.nf_conntrack_tcp_timeout_syn_recv=%u "
		"net.netfilter.nf_conntrack_tcp_timeout_established=%u "
		"net.netfilter.nf_conntrack_tcp_timeout_fin_wait=%u "
		"net.netfilter.nf_conntrack_tcp_timeout_close_wait=%u "
		"net.netfilter.nf_conntrack_tcp_timeout_last_ack=%u "
		"net.netfilter.nf_conntrack_tcp_timeout_time_wait=%u net.netfilter.nf_conntrack_tcp_timeout_close=%u "
		"net.netfilter.nf_conntrack_udp_timeout=%u net.netfilter.nf_conntrack_udp_timeout_stream=%u "
		"net.netfilter.nf_conntrack_icmp_timeout=%u net.netfilter.nf_conntrack_tcp_loose=%d",
		kernel->script, kernel->name, opening, or_else(setup->tcp_idle_s, 60), idle,
		or_else(setup->tcp_idle_s, 120), or_else(setup->tcp_idle_s, 60), or_else(setup->tcp_transitory_s, 30),
		closing, or_else(setup->tcp_reset_s, 10), udp, udp_stream, or_else(setup->icmp_idle_s, 30),
		!setup->strict) != 0)
		abort();
}

/* ---- packets ---- */

static void put_macs(uint8_t *frame, enum side side)
{
	static const uint8_t macs[2][12] = {{2, 0, 0, 0, 1, 1, 2, 0, 0, 0, 1, 0}, {2, 0, 0, 0, 2, 1, 2, 0, 0, 0, 2, 0}};
	memcpy(frame, macs[side], 12);
}

static void send_frame(struct kernel *kernel, enum side side, const uint8_t *frame, size_t n)
{
	if (send(kernel->sockets[side], frame, n, 0) != (ssize_t)n) {
		perror("conformance: send");
		exit(1);
	}
}

/* From .250 to the other side's .250, both of which no rule knows. */
static void send_marker(struct kernel *kernel, enum side side)
{
	struct packet marker = {.header_bytes = 34 + 8};
	struct ipv4_header *ip = packet_ip(&marker);
	*ip = (struct ipv4_header){
		.version_ihl = 0x45, .ttl = 64, .proto = MARKER_PROTOCOL, .id = be16_from(++kernel->marker)};
	ip->src = be32_from(side == INSIDE ? 0xc0a801fau : 0xcb0071fau);
	ip->dst = be32_from(side == INSIDE ? 0xcb0071fau : 0xc0a801fau);
	packet_ethernet(&marker)->type = be16_from(ETHERTYPE_IPV4);
	packet_finish(&marker);
	uint8_t frame[64];
	packet_copy(&marker, frame);
	put_macs(frame, side);
	send_frame(kernel, side, frame, marker.header_bytes);
}

/* True where it was the marker that is waited for. */
static bool take(struct kernel *kernel, enum side side, struct outputs *ret)
{
	struct sockaddr_ll from;
	socklen_t from_bytes = sizeof from;
	struct output output = {.side = side};
	ssize_t n = recvfrom(kernel->sockets[side], output.bytes, sizeof output.bytes, MSG_DONTWAIT,
			     (struct sockaddr *)&from, &from_bytes);
	if (n < 34 || from.sll_pkttype == PACKET_OUTGOING || from.sll_protocol != htons(ETH_P_IP))
		return false;
	struct ipv4_header ip;
	memcpy(&ip, output.bytes + 14, sizeof ip);
	if (ip.proto == MARKER_PROTOCOL)
		return be16_to(ip.id) == kernel->marker;
	output.n_bytes = (size_t)n;
	output.own = be32_to(ip.src) == NAT_ADDR || be32_to(ip.src) == 0xac100001u;
	output.own &= ip.proto == PROTO_ICMP &&
		      (output.bytes[34] == ICMP_TIME_EXCEEDED || output.bytes[34] == ICMP_UNREACHABLE);
	if (ret->n < BED_MAX_OUTPUTS)
		ret->items[ret->n++] = output;
	return false;
}

void kernel_send(struct kernel *kernel, enum side side, const struct packet *packet, struct outputs *ret)
{
	uint8_t frame[BED_FRAME_BYTES];
	ret->n = 0;
	packet_copy(packet, frame);
	put_macs(frame, side);
	send_frame(kernel, side, frame, packet_frame_bytes(packet));
	send_marker(kernel, side);
	struct pollfd polled[2] = {{kernel->sockets[INSIDE], POLLIN, 0}, {kernel->sockets[OUTSIDE], POLLIN, 0}};
	for (bool marked = false; !marked;) {
		if (poll(polled, 2, MARKER_TIMEOUT_MS) <= 0) {
			fputs("conformance: the marker did not come out\n", stderr);
			exit(1);
		}
		for (int i = 0; i < 2; i++)
			if (polled[i].revents)
				marked |= take(kernel, (enum side)i, ret);
	}
	for (int i = 0; i < 2; i++) /* what came out on the other side before it */
		for (int again = 0; again < 8; again++)
			(void)take(kernel, (enum side)i, ret);
}

void kernel_wait(unsigned ms)
{
	struct timespec time = {(time_t)(ms / 1000), (long)(ms % 1000) * 1000000};
	while (nanosleep(&time, &time) < 0 && errno == EINTR)
		;
}

/* ---- its table ---- */

static FILE *open_table(const struct kernel *kernel)
{
	char path[128];
	(void)snprintf(path, sizeof path, "/run/netns/%s-nat", kernel->name);
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), there = open(path, O_RDONLY | O_CLOEXEC);
	FILE *ret = NULL;
	if (home >= 0 && there >= 0 && setns(there, CLONE_NEWNET) == 0) {
		ret = fopen("/proc/thread-self/net/nf_conntrack", "re");
		if (setns(home, CLONE_NEWNET) < 0)
			abort();
	}
	if (home >= 0)
		close(home);
	if (there >= 0)
		close(there);
	return ret;
}

static unsigned number_behind(const char *line, const char *word)
{
	const char *found = strstr(line, word);
	return found ? (unsigned)strtoul(found + strlen(word), NULL, 10) : 0;
}

static be32 address_behind(const char *line, const char *word)
{
	const char *found = strstr(line, word);
	unsigned a = 0, b = 0, c = 0, d = 0;
	if (found && sscanf(found + strlen(word), "%u.%u.%u.%u", &a, &b, &c, &d) != 4)
		a = b = c = d = 0;
	return be32_from(a << 24 | b << 16 | c << 8 | d);
}

/* "ipv4 2 tcp 6 117 SYN_SENT src=... dst=... sport=... dport=... ..."; the first of each word is the direction that
 * opened it. */
void kernel_table(struct kernel *kernel, uint16_t remote, struct table *ret)
{
	char line[512];
	FILE *in = open_table(kernel);
	ret->n = 0;
	while (in && fgets(line, sizeof line, in)) {
		unsigned proto;
		long long seconds;
		be32 src = address_behind(line, " src=");
		bool ours = false;
		if (number_behind(line, " zone=") != kernel->zone)
			continue;
		for (int i = 0; i < 3; i++)
			ours |= be32_equal(src, bed_host("abc"[i], remote));
		if (be32_equal(address_behind(line, " dst="), be32_from(NAT_ADDR)))
			continue; /* with the router itself: no translation */
		if (!ours || ret->n == BED_MAX_ENTRIES || sscanf(line, "%*s %*u %*s %u %lld", &proto, &seconds) != 2)
			continue;
		bool is_icmp = proto == PROTO_ICMP;
		ret->items[ret->n++] = (struct table_entry){(uint8_t)proto,
							    src,
							    address_behind(line, " dst="),
							    (uint16_t)number_behind(line, is_icmp ? " id=" : " sport="),
							    (uint16_t)number_behind(line, is_icmp ? " id=" : " dport="),
							    seconds,
							    false};
	}
	if (in)
		(void)fclose(in);
}
