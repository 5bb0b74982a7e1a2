/* DOC: what may stand in a scenario, where its value lies in the model, and how `mutate` changes it; keys_network.c and
 * keys_traffic.c have most of it, docs/language.md says it for people. Defaults stand here as text, with units, and
 * are read by the same code that reads files; those of Azure (latencies, a NAT's keys by profile) stand in
 * model/defaults.c. */
#include "scenario/keys_internal.h"
#include <string.h>

static const struct key top[] = {
	{AS_WRITTEN_KEY("scenario"), .type = KEY_INT, .required = true, .min = 1, .max = 1,
	 .help = "Version of the language, always 1."},
	{.name = "name",
	 .value = IN_NAME(struct model, name),
	 .mutation = MUTATE_NOT,
	 .type = KEY_NAME,
	 .help = "Name; output goes to captures/NAME/. Default: the file's stem."},
	{AS_WRITTEN_KEY("about"), .type = KEY_TEXT, .help = "Prose."},
	{.name = "include",
	 .value = JOINED,
	 .mutation = MUTATE_NOT,
	 .type = KEY_FILES,
	 .help = "Files that belong to this one, relative to it: their maps are joined, a key twice is an error."},
	{.name = "vars",
	 .value = JOINED,
	 .mutation = MUTATE_NOT,
	 .type = KEY_VARS,
	 .help = "Variables: {NAME: VALUE}. A whole value `${NAME}` is replaced; `--var NAME=VALUE` gives another; "
		 "without a value it must be given."},
	{.name = "seed",
	 .value = IN_U64(struct model, seed),
	 .mutation = MUTATE_NOT,
	 .type = KEY_INT,
	 .fallback = "1",
	 .min = 0,
	 .max = INT64_MAX,
	 .help = "Seed of every random choice."},
	{.name = "start",
	 .value = IN_WALL_TIME(struct model, start_unix_ns),
	 .mutation = MUTATE_NOT,
	 .type = KEY_WALL_TIME,
	 .fallback = "2015-12-17T00:00:00Z",
	 .help = "Wall time of virtual time 0, in traces."},
	{.name = "stop",
	 .value = IN_NS_IF(struct model, stop_ns, has_stop),
	 .mutation = MUTATE_NOT,
	 .type = KEY_DURATION,
	 .max = MAX_TIME,
	 .help = "Virtual time at which the run ends at the latest. Default: when nothing is left to happen."},
	{.name = "network",
	 .value = HERE,
	 .mutation = MUTATE_NOT,
	 .type = KEY_SECTION,
	 .of = SECTION_NETWORK,
	 .help = "The network."},
	{.name = "flows",
	 .value = NAMED_IN(struct model, flows, n_flows),
	 .mutation = MUTATE_NOT,
	 .type = KEY_NAMED,
	 .of = SECTION_FLOW,
	 .help = "The traffic, by name."},
	{.name = "timeline",
	 .value = AS_WRITTEN,
	 .mutation = MUTATE_ITEMS,
	 .type = KEY_LIST,
	 .of = SECTION_EVENT,
	 .help = "What happens to the network meanwhile."},
	{AS_WRITTEN_KEY("taps"), .type = KEY_TAPS, .of = SECTION_TAP, .help = "Further captures by name, or `none`."},
	{AS_WRITTEN_KEY("expect"), .type = KEY_LIST, .of = SECTION_EXPECT, .help = "What must come out."},
};

KEY_LIST_OF(top);
static const struct key region[] = {SOURCE_KEY};
static KEY_LIST_OF(region);

static const struct {
	const char *name;
	const struct key_list *keys;
} sections[] = {
	[SECTION_TOP] = {"a scenario", &keys_top},
	[SECTION_NETWORK] = {"`network`", &keys_network},
	[SECTION_REGION] = {"a region", &keys_region},
	[SECTION_LINKS] = {"`links`", &keys_links},
	[SECTION_LINK] = {"a class of link", &keys_link},
	[SECTION_VNET] = {"a VNet", &keys_vnet},
	[SECTION_PEERING] = {"a peering", &keys_peering},
	[SECTION_SUBNET] = {"a subnet", &keys_subnet},
	[SECTION_NSG] = {"a security group", &keys_nsg},
	[SECTION_RULE] = {"a rule", &keys_rule},
	[SECTION_RULE_SET] = {"`set`", &keys_rule_set},
	[SECTION_ROUTE_TABLE] = {"a route table", &keys_route_table},
	[SECTION_ROUTE] = {"a route", &keys_route},
	[SECTION_ROUTE_ADD] = {"a route", &keys_route_add},
	[SECTION_SITE] = {"a site", &keys_site},
	[SECTION_GATEWAY] = {"a gateway", &keys_gateway},
#define KIND_SECTION_ROW(KIND, kind, article, words, schema, help, stands)                                             \
	[SECTION_##KIND] = {article words, &keys_##kind},
	NETWORK_KINDS(KIND_SECTION_ROW)
#define KIND_SUBSECTION_ROW(SECTION, keys, words, schema) [SECTION] = {(words), &keys_##keys},
		NETWORK_KIND_SECTIONS(KIND_SUBSECTION_ROW)[SECTION_ASE] = {"an environment", &keys_ase},
	[SECTION_BALANCER] = {"a load balancer", &keys_balancer},
	[SECTION_FRONTEND] = {"a frontend", &keys_frontend},
	[SECTION_PROBE] = {"a probe", &keys_probe},
	[SECTION_BALANCING] = {"a balancing rule", &keys_balancing},
	[SECTION_INBOUND_NAT] = {"an inbound NAT rule", &keys_inbound_nat},
	[SECTION_OUTBOUND] = {"an outbound rule", &keys_outbound},
	[SECTION_APP] = {"an app", &keys_app},
	[SECTION_NAT] = {"a NAT", &keys_nat},
	[SECTION_MAPPING] = {"`mapping`", &keys_mapping},
	[SECTION_DOUBLING] = {"`ports_per_worker`", &keys_doubling},
	[SECTION_PORT_HOLD] = {"`port_hold`", &keys_port_hold},
	[SECTION_HOST] = {"a host", &keys_host},
	[SECTION_PUBLIC_IP] = {"`public_ip`", &keys_public_ip},
	[SECTION_FLOW] = {"a flow", &keys_flow},
	[SECTION_REPEAT] = {"`repeat`", &keys_repeat},
	[SECTION_LATE] = {"`late`", &keys_late},
	[SECTION_PACKET] = {"a packet", &keys_packet},
	[SECTION_PACKET_FIELDS] = {"`fields`", &keys_packet_fields},
	[SECTION_PACKET_FRAGMENT] = {"`fragment`", &keys_packet_fragment},
	[SECTION_PACKET_ICMP] = {"`icmp`", &keys_packet_icmp},
	[SECTION_EVENT] = {"an event of the timeline", &keys_event},
	[SECTION_FORGET] = {"`forget`", &keys_forget},
	[SECTION_TAP] = {"a tap", &keys_tap},
	[SECTION_EXPECT] = {"an expectation", &keys_expect},
	[SECTION_COUNT_RANGE] = {"a range", &keys_count_range},
	[SECTION_CONNECTIONS] = {"`connections`", &keys_connections},
};
_Static_assert(sizeof sections / sizeof *sections == SECTION_COUNT, "keys for each section");

const char *section_name(enum section section)
{
	return sections[section].name;
}

const struct key *keys_of(enum section section, size_t *ret_n)
{
	*ret_n = sections[section].keys->n;
	return sections[section].keys->items;
}

const struct key *key_find(enum section section, const char *name)
{
	const struct key_list *keys = sections[section].keys;
	for (size_t i = 0; i < keys->n; i++)
		if (keys->items[i].name[0] == name[0] && strcmp(keys->items[i].name, name) == 0)
			return &keys->items[i];
	return NULL;
}

const struct key *key_of_value(enum section section, const char *word)
{
	size_t n, length = strlen(word);
	const struct key *keys = keys_of(section, &n);
	for (size_t i = 0; i < n; i++)
		for (const char *at = keys[i].type == KEY_ENUM ? keys[i].values : NULL; at;) {
			size_t bytes = strcspn(at, "|");
			if (bytes == length && strncmp(at, word, bytes) == 0)
				return &keys[i];
			at = at[bytes] == '|' ? at + bytes + 1 : NULL;
		}
	return NULL;
}
