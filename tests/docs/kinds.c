/* Prints tables for docs/nat.md and docs/nat-scenarios.md, each from what the engine does:
 *
 *   kinds classify        what `pktpath classify` finds of each profile; an asterisk: the vendor does not publish it
 *   kinds punching        through which pairs of NATs two machines reach each other by UDP hole punching
 *   kinds burst FILE      what became of each flow of a scenario
 *
 * `./dev docs` writes them there; tests/docs/docs.sh compares. */
#include "model/defaults.h"
#include "net/header.h"
#include "rule/nat.h"
#include <inttypes.h>
#include <pktpath/pktpath.h>
#include <pktpath/tools.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- classify ---- */

/* What is inferred, by column; the rest is from the pages that docs/nat.md names beside the profile. */
static const char *const inferred[NAT_PROFILE_COUNT] = {
	[NAT_PROFILE_AZURE] = "ports syn",
	[NAT_PROFILE_LINUX] = "",
	[NAT_PROFILE_HOME] = "",
	[NAT_PROFILE_AZURE_NAT_GATEWAY] = "mapping filtering hairpin",
	[NAT_PROFILE_AZURE_FIREWALL] = "mapping filtering hairpin ports syn fin rst icmp",
	[NAT_PROFILE_AWS_NAT_GATEWAY] = "mapping filtering hairpin ports syn fin rst icmp",
	[NAT_PROFILE_GCP_CLOUD_NAT] = "mapping filtering hairpin ports",
	[NAT_PROFILE_DOCKER] = "",
	[NAT_PROFILE_CILIUM] = "mapping filtering hairpin",
	[NAT_PROFILE_PF] = "mapping filtering hairpin",
	[NAT_PROFILE_VPP] = "mapping filtering hairpin ports",
	[NAT_PROFILE_CGNAT] = "mapping filtering hairpin",
};

static const char *mark(enum nat_profile profile, const char *column)
{
	return strstr(inferred[profile], column) ? "*" : "";
}

static const char *short_name(const char *depends)
{
	return strcmp(depends, "endpoint-independent") == 0 ? "endpoint"
	       : strcmp(depends, "address-dependent") == 0  ? "address"
							    : "address and port";
}

static void put_time(int64_t ns, enum nat_profile profile, const char *column)
{
	if (ns == 0)
		printf(" -%s |", mark(profile, column));
	else
		printf(" %" PRId64 " s%s |", ns / 1000000000, mark(profile, column));
}

static int classify_one(const pp_scenario *scenario, enum nat_profile profile)
{
	const char *name = default_profile_name(profile), *nearest;
	pp_nat_class c;
	if (pp_classify(scenario, name, &c, &nearest) != 0)
		return -1;
	const char *udp = short_name(c.udp_mapping), *tcp = short_name(c.tcp_mapping),
		   *contended = short_name(c.udp_contended);
	printf("| `%s` | %s%s%s%s | %s%s | %s%s | %s%s | %s%s |", name, udp,
	       strcmp(udp, tcp) == 0 ? "" : "; TCP: ", strcmp(udp, tcp) == 0 ? "" : tcp, mark(profile, "mapping"),
	       contended, mark(profile, "mapping"), short_name(c.udp_filtering), mark(profile, "filtering"),
	       c.hairpins ? "yes" : "no", mark(profile, "hairpin"), c.ports, mark(profile, "ports"));
	put_time(c.udp_idle_ns, profile, "udp");
	put_time(c.udp_stream_ns, profile, "udp");
	put_time(c.tcp_opening_ns, profile, "syn");
	put_time(c.tcp_idle_ns, profile, "tcp");
	put_time(c.tcp_transitory_ns, profile, "fin");
	put_time(c.tcp_reset_ns, profile, "rst");
	put_time(c.icmp_idle_ns, profile, "icmp");
	putchar('\n');
	return 0;
}

static int classify(void)
{
	char text[4096];
	pp_scenario *scenario = NULL;
	int n = snprintf(text, sizeof text, "scenario: 1\nnetwork:\n  sites:\n");
	for (unsigned p = 0; p < NAT_PROFILE_COUNT; p++)
		n += snprintf(text + n, sizeof text - (size_t)n,
			      "    %s: {prefixes: [192.168.%u.0/24], nat: {profile: %s, address: 203.0.113.%u%s}}\n",
			      default_profile_name((enum nat_profile)p), p, default_profile_name((enum nat_profile)p),
			      p + 1, p == NAT_PROFILE_AZURE ? ", ports_per_worker: 1024" : "");
	int r = pp_scenario_load_text("kinds", text, (size_t)n, NULL, 0, &scenario);
	puts("| profile | mapping by | under contention | filtering by | hairpins | ports | UDP | both ways | SYN "
	     "alone | TCP | after FIN "
	     "| after "
	     "RST | ICMP |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
	for (unsigned p = 0; r == 0 && p < NAT_PROFILE_COUNT; p++)
		r = classify_one(scenario, (enum nat_profile)p);
	pp_scenario_free(scenario);
	return r == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* ---- hole punching ---- */

static const struct kind {
	const char *name;
	enum nat_depends mapping, filtering;
	enum nat_allocates allocation;
} kinds[] = {
	{"full cone", NAT_ON_ENDPOINT, NAT_ON_ENDPOINT, NAT_ALLOCATES_PRESERVE},
	{"restricted cone", NAT_ON_ENDPOINT, NAT_ON_ADDRESS, NAT_ALLOCATES_PRESERVE},
	{"port restricted cone", NAT_ON_ENDPOINT, NAT_ON_ADDRESS_AND_PORT, NAT_ALLOCATES_PRESERVE},
	{"symmetric that keeps ports", NAT_ON_ADDRESS_AND_PORT, NAT_ON_ADDRESS_AND_PORT, NAT_ALLOCATES_PRESERVE},
	{"symmetric, ports at random", NAT_ON_ADDRESS_AND_PORT, NAT_ON_ADDRESS_AND_PORT, NAT_ALLOCATES_RANDOM},
};
#define N_KINDS (sizeof kinds / sizeof *kinds)
#define SERVER UINT32_C(0xc6336401) /* 198.51.100.1 */

struct side {
	struct nat *nat;
	be32 address, inside;
	be32 peer; /* where it sends: what the server said, then what it saw itself */
	be16 peer_port;
	bool reached; /* by the last datagram */
};

static bool side_begin(struct side *side, const struct kind *kind, uint32_t number)
{
	*side = (struct side){.address = be32_from(UINT32_C(0xcb007101) + number),
			      .inside = be32_from(UINT32_C(0xc0a80102) + (number << 8))};
	const struct nat_rules rules = {.addresses = &side->address,
					.n_addresses = 1,
					.mapping = kind->mapping,
					.udp_mapping = kind->mapping,
					.filtering = kind->filtering,
					.allocation = kind->allocation,
					.port_first = 1024,
					.port_last = 65535,
					.ports_per_worker = NAT_PORTS_SHARED,
					.reuse = NAT_REUSE_PER_DESTINATION,
					.tcp_idle_ns = 1,
					.udp_idle_ns = NS_PER_S,
					.udp_stream_ns = NS_PER_S,
					.seed = number + 1};
	return nat_new(&rules, &side->nat) == 0;
}

/* A datagram from the machine's port 40000: how it looks outside. */
static bool send_out(struct side *side, be32 dst, be16 dst_port, struct tuple *ret)
{
	struct nat_packet packet = {.tuple = {side->inside, dst, be16_from(40000), dst_port, PROTO_UDP},
				    .ip_bytes = 60};
	struct nat_answer answer;
	*ret = packet.tuple;
	if (nat_outbound(side->nat, &packet, INSTANT_ZERO, &answer) != 0 || answer.reason != REASON_NONE)
		return false;
	ret->src = answer.addr;
	ret->src_port = answer.port;
	return true;
}

static void send_to_peer(struct side *from, struct side *to)
{
	struct nat_packet packet = {.ip_bytes = 60};
	struct nat_answer answer;
	to->reached = send_out(from, from->peer, from->peer_port, &packet.tuple) &&
		      packet.tuple.dst.raw == to->address.raw &&
		      nat_inbound(to->nat, &packet, INSTANT_ZERO, &answer) == 0 && answer.reason == REASON_NONE;
	if (!to->reached)
		return;
	to->peer = packet.tuple.src;
	to->peer_port = packet.tuple.src_port;
}

static bool is_punched(const struct kind *one, const struct kind *two)
{
	struct side a, b;
	struct tuple seen_a = {0}, seen_b = {0};
	bool ready = side_begin(&a, one, 0);
	ready = side_begin(&b, two, 1) && ready;
	ready = ready && send_out(&a, be32_from(SERVER), be16_from(3478), &seen_a) &&
		send_out(&b, be32_from(SERVER), be16_from(3478), &seen_b);
	a.peer = seen_b.src;
	a.peer_port = seen_b.src_port;
	b.peer = seen_a.src;
	b.peer_port = seen_a.src_port;
	for (int round = 0; ready && round < 4; round++) {
		send_to_peer(&a, &b);
		send_to_peer(&b, &a);
	}
	nat_free(a.nat);
	nat_free(b.nat);
	return ready && a.reached && b.reached;
}

static int punching(void)
{
	fputs("| |", stdout);
	for (size_t k = 0; k < N_KINDS; k++)
		printf(" %s |", kinds[k].name);
	fputs("\n| --- |", stdout);
	for (size_t k = 0; k < N_KINDS; k++)
		fputs(" --- |", stdout);
	putchar('\n');
	for (size_t i = 0; i < N_KINDS; i++) {
		printf("| %s |", kinds[i].name);
		for (size_t k = 0; k < N_KINDS; k++)
			printf(" %s |", is_punched(&kinds[i], &kinds[k]) ? "yes" : "no");
		putchar('\n');
	}
	return EXIT_SUCCESS;
}

/* ---- one burst ---- */

static int burst(const char *path)
{
	pp_scenario *scenario = NULL;
	pp_run *run = NULL;
	pp_scenario_info info;
	int r = pp_scenario_load(path, NULL, 0, &scenario);
	if (r == 0)
		r = pp_run_new(scenario, NULL, &run);
	while (r == 0)
		r = pp_run_step(run, UINT64_MAX);
	if (r == 1)
		r = pp_run_finish(run);
	if (r == 0) {
		pp_scenario_info_get(scenario, &info);
		puts("| NAT | what became of the calls |\n| --- | --- |");
		for (size_t i = 0; i < info.n_flows; i++) {
			pp_outcome outcome;
			pp_run_outcome(run, i, &outcome);
			printf("| `%s` | %s |\n", outcome.flow, outcome.actual);
		}
	}
	pp_run_free(run);
	pp_scenario_free(scenario);
	return r == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "classify") == 0)
		return classify();
	if (argc == 2 && strcmp(argv[1], "punching") == 0)
		return punching();
	if (argc == 3 && strcmp(argv[1], "burst") == 0)
		return burst(argv[2]);
	fputs("usage: kinds classify | kinds punching | kinds burst FILE\n", stderr);
	return EXIT_FAILURE;
}
