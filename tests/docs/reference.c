/* Prints what the documentation says of keys, from the table that the loader reads.
 *
 *   reference markdown SECTION...   a table of the keys of these sections
 *   reference profiles              what each profile of a NAT fills in
 *   reference sources               where these values are from
 *   reference man VERSION           pktpath-scenario(5)
 *
 * `./dev docs` writes it into docs/ and man/; tests/docs/docs.sh compares. */
#include "base/units.h"
#include "model/defaults.h"
#include "net/reason.h"
#include "scenario/keys.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	enum section section;
	const char *name; /* in the docs */
	const char *path; /* where it stands */
} sections[] = {
	{SECTION_TOP, "top", ""},
	{SECTION_NETWORK, "network", "network"},
	{SECTION_LINKS, "links", "network.links"},
	{SECTION_LINK, "link", "network.links.CLASS"},
	{SECTION_VNET, "vnet", "network.vnets.NAME"},
	{SECTION_PEERING, "peering", "network.vnets.NAME.peers.VNET"},
	{SECTION_SUBNET, "subnet", "network.vnets.NAME.subnets.NAME"},
	{SECTION_NSG, "nsg", "network.nsgs.NAME"},
	{SECTION_RULE, "rule", "network.nsgs.NAME.inbound, .outbound"},
	{SECTION_ROUTE_TABLE, "route-table", "network.route_tables.NAME"},
	{SECTION_ROUTE, "route", "network.route_tables.NAME.routes.NAME"},
	{SECTION_ASE, "ase", "network.ases.NAME"},
	{SECTION_APP, "app", "network.ases.NAME.apps.NAME"},
	{SECTION_NAT, "nat", "network.ases.NAME.snat, network.sites.NAME.nat, network.hosts.NAME.nat"},
	{SECTION_MAPPING, "mapping", "mapping: of a NAT"},
	{SECTION_FORGET, "forget", "forget: of an event"},
	{SECTION_DOUBLING, "doubling", "ports_per_worker: of a NAT"},
	{SECTION_PORT_HOLD, "port-hold", "port_hold: of a NAT"},
	{SECTION_HOST, "host", "network.hosts.NAME"},
	{SECTION_SITE, "site", "network.sites.NAME"},
	{SECTION_GATEWAY, "gateway", "network.sites.NAME.gateway"},
	{SECTION_FIREWALL, "firewall", "network.firewalls.NAME"},
	{SECTION_FIREWALL_RULES, "firewall-rules", "network.firewalls.NAME.rules"},
	{SECTION_FIREWALL_COLLECTION, "firewall-collection", "network.firewalls.NAME.rules.KIND[]"},
	{SECTION_FIREWALL_CHANGE, "firewall-change", "timeline[].add"},
	{SECTION_FIREWALL_RULE, "firewall-rule", "network.firewalls.NAME.rules.KIND[].rules[]"},
	{SECTION_NAT_GATEWAY, "nat-gateway", "network.nat_gateways.NAME"},
	{SECTION_PRIVATE_ENDPOINT, "private-endpoint", "network.private_endpoints.NAME"},
	{SECTION_WEB_APP, "web-app", "network.web_apps.NAME"},
	{SECTION_BALANCER, "load-balancer", "network.load_balancers.NAME"},
	{SECTION_FRONTEND, "frontend", "network.load_balancers.NAME.frontends.NAME"},
	{SECTION_PROBE, "probe", "network.load_balancers.NAME.probes.NAME"},
	{SECTION_BALANCING, "balancing-rule", "network.load_balancers.NAME.rules"},
	{SECTION_INBOUND_NAT, "inbound-nat-rule", "network.load_balancers.NAME.inbound_nat"},
	{SECTION_OUTBOUND, "outbound-rule", "network.load_balancers.NAME.outbound"},
	{SECTION_PUBLIC_IP, "public-ip", "network.hosts.NAME.public_ip"},
	{SECTION_FLOW, "flow", "flows.NAME"},
	{SECTION_REPEAT, "repeat", "flows.NAME.repeat"},
	{SECTION_LATE, "late", "flows.NAME.late"},
	{SECTION_PACKET, "packet", "flows.NAME.packets"},
	{SECTION_PACKET_FIELDS, "packet-fields", "flows.NAME.packets: fields"},
	{SECTION_PACKET_FRAGMENT, "packet-fragment", "flows.NAME.packets: fields: fragment"},
	{SECTION_PACKET_ICMP, "packet-icmp", "flows.NAME.packets: fields: icmp"},
	{SECTION_EVENT, "event", "timeline"},
	{SECTION_RULE_SET, "set", "timeline: set"},
	{SECTION_ROUTE_ADD, "new-route", "timeline: add"},
	{SECTION_TAP, "tap", "taps.NAME"},
	{SECTION_EXPECT, "expect", "expect"},
	{SECTION_CONNECTIONS, "connections", "expect: connections"},
	{SECTION_COUNT_RANGE, "range", "expect: packets, value"},
};
#define N_SECTIONS (sizeof sections / sizeof *sections)

/* ---- what a value looks like ---- */

/* "a|b|c" as "a, b, c". */
static void put_words(FILE *out, const char *words, const char *before, const char *after)
{
	for (bool first = true; words; first = false) {
		size_t n = strcspn(words, "|");
		fprintf(out, "%s%s%.*s%s", first ? "" : ", ", before, (int)n, words, after);
		words = words[n] ? words + n + 1 : NULL;
	}
}

static const char *kind_of(const struct key *key)
{
	static const char *const kinds[KEY_TYPE_COUNT] = {
		[KEY_TEXT] = "text",
		[KEY_TEXTS] = "text, or a list",
		[KEY_NAME] = "a name",
		[KEY_INT] = "a number",
		[KEY_BOOL] = "true or false",
		[KEY_DURATION] = "a duration",
		[KEY_SIZE] = "a size",
		[KEY_HOLD] = "a duration, or exponential(MEAN)",
		[KEY_RATE] = "a rate",
		[KEY_FRACTION] = "a fraction",
		[KEY_WALL_TIME] = "a time",
		[KEY_REASON] = "a reason",
		[KEY_ADDRESS] = "an address",
		[KEY_ADDRESSES] = "an address, or a list",
		[KEY_PREFIX] = "a prefix",
		[KEY_PREFIXES] = "a prefix, or a list",
		[KEY_WHERE] = "a prefix or a tag",
		[KEY_PARTIES] = "prefixes, tags, asg/NAME",
		[KEY_TAGS] = "a map of names to prefixes",
		[KEY_NAMES] = "names",
		[KEY_PEERS] = "a name, a list, or a map by name",
		[KEY_PORTS] = "ports",
		[KEY_PORT_RANGE] = "FIRST-LAST",
		[KEY_LISTEN] = "PORT/PROTO, or a list",
		[KEY_BLOCK] = "a number, auto, shared, or {min, max}",
		[KEY_MAPPING] = "a kind, or {tcp, udp}",
		[KEY_FORWARDS] = "a map of ports to hosts",
		[KEY_STATICS] = "a map of addresses to hosts",
		[KEY_REF] = "a name",
		[KEY_NEXT_HOP] = "a name, or an address",
		[KEY_REFS] = "a name, or a list",
		[KEY_SUBNET] = "VNET/SUBNET",
		[KEY_FROM] = "who calls",
		[KEY_TO] = "who is called",
		[KEY_FLOWS] = "flows",
		[KEY_WORKER] = "a worker",
		[KEY_WORKERS] = "workers",
		[KEY_POINT] = "a point",
		[KEY_POINTS] = "a point, or a list",
		[KEY_COUNT] = "a number, or {min, max}",
		[KEY_PASS] = "a number, or last",
		[KEY_FLAGS] = "letters, words, or a list",
		[KEY_BYTES] = "a number of bytes",
		[KEY_SECTION] = "a map",
		[KEY_NAMED] = "a map by name",
		[KEY_LIST] = "a list",
		[KEY_TAPS] = "a map by name, or none",
		[KEY_FILES] = "a file, or a list",
		[KEY_SOURCE] = "FILE:LINE",
		[KEY_PUBLIC_IP] = "an address, or a map",
		[KEY_POOLS] = "a map by name, of names",
		[KEY_PORTS_EACH] = "a number, or auto",
		[KEY_SERVICE] = "PORT/PROTO",
		[KEY_MACHINE_PORT] = "HOST:PORT",
		[KEY_VARS] = "a map by name, of any values",
		[KEY_BY_FORM] = "depends on the form",
	};
	return kinds[key->type];
}

static void put_kind(FILE *out, const struct key *key, const char *before, const char *after)
{
	char low[UNITS_TEXT_BYTES], high[UNITS_TEXT_BYTES];
	if (key->type == KEY_ENUM || key->type == KEY_WORDS || key->type == KEY_MAPPING) {
		if (key->type == KEY_WORDS)
			fputs("a list of ", out);
		put_words(out, key->values, before, after);
		if (key->type == KEY_MAPPING)
			fputs(key->of == SECTION_FORGET ? ", or {inside: IP}" : ", or {tcp, udp}", out);
		return;
	}
	fputs(kind_of(key), out);
	if (key->type == KEY_INT && key->max != INT64_MAX && key->max != UINT32_MAX && key->max > 0)
		fprintf(out, ", %" PRId64 " to %" PRId64, key->min, key->max);
	if (key->type == KEY_SIZE && key->min > 0)
		fprintf(out, ", %s to %s", units_print_size((uint64_t)key->min, low),
			units_print_size((uint64_t)key->max, high));
}

/* ---- markdown ---- */

static void markdown(enum section section)
{
	size_t n;
	const struct key *keys = keys_of(section, &n);
	puts("| key | value | meaning | default |\n| --- | --- | --- | --- |");
	for (size_t i = 0; i < n; i++) {
		printf("| `%s` | ", keys[i].name);
		put_kind(stdout, &keys[i], "`", "`");
		printf(" | %s | ", keys[i].help);
		if (keys[i].required)
			puts("required |");
		else if (keys[i].fallback)
			printf("`%s` |\n", keys[i].fallback);
		else
			puts("|");
	}
}

static int print_markdown(int n, char **names)
{
	for (int i = 0; i < n; i++) {
		size_t k = 0;
		while (k < N_SECTIONS && strcmp(sections[k].name, names[i]) != 0)
			k++;
		if (k == N_SECTIONS) {
			fprintf(stderr, "reference: there is no section `%s`\n", names[i]);
			return EXIT_FAILURE;
		}
		markdown(sections[k].section);
	}
	return EXIT_SUCCESS;
}

/* ---- what profiles fill in ---- */

static void print_profiles(unsigned first, unsigned last)
{
	size_t n;
	const struct nat_default *defaults = default_nat(&n);
	fputs("| key |", stdout);
	for (unsigned p = first; p <= last; p++)
		printf(" `%s` |", default_profile_name((enum nat_profile)p));
	fputs("\n| --- |", stdout);
	for (unsigned p = first; p <= last; p++)
		fputs(" --- |", stdout);
	putchar('\n');
	for (size_t i = 0; i < n; i++) {
		printf("| `%s` |", defaults[i].key);
		for (unsigned p = first; p <= last; p++) {
			bool is_none = strcmp(defaults[i].value[p], NAT_DEFAULT_NONE) == 0;
			printf(" %s |", is_none ? "" : defaults[i].value[p]);
		}
		putchar('\n');
	}
}

static int print_all_profiles(void)
{
	print_profiles(NAT_PROFILE_AZURE, NAT_PROFILE_HOME);
	putchar('\n');
	print_profiles(NAT_PROFILE_AZURE_NAT_GATEWAY, NAT_PROFILE_GCP_CLOUD_NAT);
	putchar('\n');
	print_profiles(NAT_PROFILE_DOCKER, NAT_PROFILE_CGNAT);
	return EXIT_SUCCESS;
}

/* Where each value is from, for docs/nat.md. */
static int print_sources(void)
{
	size_t n;
	const struct nat_default *defaults = default_nat(&n);
	puts("| key | sources |\n| --- | --- |");
	for (size_t i = 0; i < n; i++)
		printf("| `%s` | %s |\n", defaults[i].key, defaults[i].source);
	return EXIT_SUCCESS;
}

/* ---- roff ---- */

/* A hyphen is a minus where it is to be typed, a leading dot or apostrophe is no request. */
static void put_roff(const char *text)
{
	if (*text == '.' || *text == '\'')
		fputs("\\&", stdout);
	for (; *text; text++) {
		if (*text == '-')
			fputs("\\-", stdout);
		else if (*text == '\\')
			fputs("\\e", stdout);
		else
			putchar(*text);
	}
}

static void man_section(size_t at)
{
	size_t n, n_forms;
	const struct key *keys = keys_of(sections[at].section, &n);
	const struct form *forms = forms_of(sections[at].section, &n_forms);
	fputs(".SS \"", stdout);
	put_roff(sections[at].path[0] ? sections[at].path : "Top level");
	puts("\"");
	if (n_forms > 0) {
		fputs("One of the keys\n.BR ", stdout);
		for (size_t i = 0; i < n_forms; i++)
			printf("%s%s", i ? ", " : "", forms[i].key);
		puts("\nsays what it is; the others go with it.");
	}
	for (size_t i = 0; i < n; i++) {
		fputs(".TP\n.B ", stdout);
		put_roff(keys[i].name);
		fputs("\n(", stdout);
		put_kind(stdout, &keys[i], "", "");
		fputs(keys[i].required ? "; required)\n" : ")\n", stdout);
		put_roff(keys[i].help);
		if (keys[i].fallback) {
			fputs("\nDefault: ", stdout);
			put_roff(keys[i].fallback);
			putchar('.');
		}
		putchar('\n');
	}
}

static int print_man(const char *version)
{
	printf(".\\\" Made from the table of keys by tests/docs/reference.c; written by ./dev docs.\n"
	       ".TH PKTPATH-SCENARIO 5 \"\" \"pktpath %s\" \"User Commands\"\n"
	       ".SH NAME\npktpath\\-scenario \\- the language of scenarios, version 1\n"
	       ".SH DESCRIPTION\n"
	       "A scenario is one YAML file: a network, the traffic sent through it, what happens to the network "
	       "meanwhile, and what must come out.\n"
	       "What is not listed here is an error.\n"
	       "Durations, sizes and rates carry a unit: 500us, 240s, 2h4m; 300B, 2kB, 1MiB; 100Mbit/s.\n"
	       "Fractions are 0.01, 1%% or 1e\\-4.\n"
	       "Names of the network are letters, digits, _, . and \\-, at most 80; names of flows and taps small "
	       "letters, digits and hyphens, at most 63.\n"
	       ".SH KEYS\n",
	       version);
	for (size_t i = 0; i < N_SECTIONS; i++)
		man_section(i);
	puts(".SH REASONS\nWhy the first packet of a connection was lost or refused:");
	for (unsigned i = REASON_NONE + 1; i < REASON_COUNT; i++) {
		put_roff(reason_name((enum reason)i));
		puts(i + 1 < REASON_COUNT ? "," : ".");
	}
	puts(".SH SEE ALSO\n.BR pktpath (1)");
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	if (argc > 2 && strcmp(argv[1], "markdown") == 0)
		return print_markdown(argc - 2, argv + 2);
	if (argc == 2 && strcmp(argv[1], "profiles") == 0)
		return print_all_profiles();
	if (argc == 2 && strcmp(argv[1], "sources") == 0)
		return print_sources();
	if (argc == 3 && strcmp(argv[1], "man") == 0)
		return print_man(argv[2]);
	fputs("usage: reference markdown SECTION... | reference profiles | reference sources | reference man VERSION\n",
	      stderr);
	return EXIT_FAILURE;
}
