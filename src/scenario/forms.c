/* DOC: the forms of sections whose keys do not all go together: what stands here is what the schema says and the loader
 * holds files to. What a missing key of a form means is up to the reader of that form. */
#include "scenario/keys_internal.h"
#include <string.h>

static const struct key move_keys[] = {
	{AS_WRITTEN_KEY("to"), .type = KEY_WORKERS, .required = true, .help = "Workers that run the app from now on."},
};
static const struct key nsg_keys[] = {
	{AS_WRITTEN_KEY("rule"), .type = KEY_NAME, .help = "A rule of the group."},
	{AS_WRITTEN_KEY("set"), .type = KEY_SECTION, .of = SECTION_RULE_SET,
	 .help = "Keys of the rule and their new values."},
	{AS_WRITTEN_KEY("add"), .type = KEY_SECTION, .of = SECTION_RULE, .help = "A rule."},
	{AS_WRITTEN_KEY("remove"), .type = KEY_BOOL, .help = "true: takes `rule` away."},
};
static const struct key route_keys[] = {
	{AS_WRITTEN_KEY("add"), .type = KEY_ROUTE, .of = SECTION_ROUTE_ADD,
	 .help = "{name, prefix, next_hop}, or {NAME: {prefix, next_hop}}."},
	{AS_WRITTEN_KEY("remove"), .type = KEY_ROUTES, .help = "Names or prefixes of routes."},
};
static const struct key firewall_keys[] = {
	{AS_WRITTEN_KEY("rule"), .type = KEY_TEXT, .help = "COLLECTION/RULE, or a whole COLLECTION."},
	{AS_WRITTEN_KEY("set"), .type = KEY_SECTION, .of = SECTION_FIREWALL_CHANGE,
	 .help = "Keys of the rule and their new values; of a collection its `action`."},
	{AS_WRITTEN_KEY("add"), .type = KEY_SECTION, .of = SECTION_FIREWALL_CHANGE,
	 .help = "{collection, name, ...}: a rule."},
	{AS_WRITTEN_KEY("remove"), .type = KEY_BOOL, .help = "true: takes `rule` away."},
};
static const struct key vip_keys[] = {
	{WRITTEN_KEY("to", MUTATE_ADDRESS), .type = KEY_ADDRESS, .required = true, .help = "The new address."},
};
/* Of events that give a subnet another element of a kind. */
static const struct key way_out_keys[] = {
	{AS_WRITTEN_KEY("to"), .type = KEY_REF, .required = true, .help = "Its name from then on, or none."},
};
static const struct key peer_keys[] = {
	{AS_WRITTEN_KEY("set"), .type = KEY_SECTION, .of = SECTION_PEERING, .required = true,
	 .help = "Switches and their new values; the others stay."},
};
static const struct key not_internet_keys[] = {
	{AS_WRITTEN_KEY("internet"), .type = KEY_BOOL, .values = "false", .help = "false, or left out."},
};
static const struct key internet_keys[] = {
	{AS_WRITTEN_KEY("internet"), .type = KEY_BOOL, .required = true, .values = "true",
	 .help = "true: a host on the Internet."},
};
#define OWN(array) .own = (array), .n_own = sizeof(array) / sizeof *(array)

static const struct form flow_forms[] = {
	{.key = "from",
	 .needs = "to",
	 .with = "to|at|repeat|send|reply|rounds|pause|then|dns|from_port|ftp|keepalive|df|ttl"},
	{.key = "packets", .needs = "from|to", .with = "from|to|at|from_port|df|ttl"},
	{.key = "late"},
};
static const struct form host_forms[] = {
	{.key = "subnet",
	 .with = "internet|ip|listen|dns|pasv_address|public_ip|nsg|asg|forwards|stateful|nat",
	 OWN(not_internet_keys)},
	{.key = "service", .needs = "ip", .with = "internet|region|ip|listen|dns|pasv_address", OWN(not_internet_keys)},
	{.key = "site", .needs = "ip", .with = "internet|ip|listen|dns|pasv_address", OWN(not_internet_keys)},
	{.key = "internet", .needs = "ip", .with = "ip|listen|dns|pasv_address", OWN(internet_keys)},
};
#define KIND_FORM(kind, help) {.key = #kind, .needs = "to", .with = "at|to", OWN(way_out_keys)},
static const struct form event_forms[] = {
	{.key = "scale", .needs = "workers", .with = "at|workers"},
	{.key = "move", .needs = "to", .with = "at|to", OWN(move_keys)},
	{.key = "nsg", .one_of = "set|add|remove", .with = "at|rule|set|add|direction|remove", OWN(nsg_keys)},
	{.key = "route", .one_of = "add|remove", .with = "at|add|remove", OWN(route_keys)},
	{.key = "firewall", .one_of = "set|add|remove", .with = "at|rule|set|add|remove", OWN(firewall_keys)},
	{.key = "vip", .needs = "to", .with = "at|to", OWN(vip_keys)},
	{.key = "address", .needs = "to", .with = "at|to", OWN(vip_keys)},
	{.key = "peer", .needs = "with|set", .with = "at|with|set", OWN(peer_keys)},
	NETWORK_KIND_EVENTS(KIND_FORM){.key = "nat", .needs = "forget", .with = "at|forget"},
	{.key = "link", .some_of = "state|latency|loss", .with = "at|state|latency|loss"},
	{.key = "stop", .with = "at"},
	{.key = "start", .with = "at"},
};
static const struct form expect_forms[] = {
	{.key = "flow",
	 .with = "id|packet|outcome|seen_at|pass|src|src_in|src_not_in|src_port|dst|dst_port|dst_in|hops|crosses|never_"
		 "crosses|reason|"
		 "by|"
		 "rule|connections",
	 .some_of = "outcome|seen_at|hops|crosses|never_crosses|reason|by|rule|connections|packet"},
	{.key = "tap", .needs = "packets", .with = "id|filter|packets"},
	{.key = "nat", .needs = "metric", .some_of = "value|min|max", .with = "id|metric|worker|value|min|max|at"},
	{.key = "resolve", .needs = "to", .with = "id|to|from"},
	{.key = "ase", .needs = "health", .with = "id|health|because"},
};

const struct form *forms_of(enum section section, size_t *ret_n)
{
	static const struct {
		enum section section;
		const struct form *forms;
		size_t n;
	} all[] = {
		{SECTION_FLOW, flow_forms, sizeof flow_forms / sizeof *flow_forms},
		{SECTION_HOST, host_forms, sizeof host_forms / sizeof *host_forms},
		{SECTION_EVENT, event_forms, sizeof event_forms / sizeof *event_forms},
		{SECTION_EXPECT, expect_forms, sizeof expect_forms / sizeof *expect_forms},
	};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (all[i].section == section) {
			*ret_n = all[i].n;
			return all[i].forms;
		}
	*ret_n = 0;
	return NULL;
}

bool words_hold(const char *words, const char *word)
{
	size_t length = strlen(word);
	for (; words; words = strchr(words, '|') ? strchr(words, '|') + 1 : NULL)
		if (strcspn(words, "|") == length && strncmp(words, word, length) == 0)
			return true;
	return false;
}

bool form_takes(const struct form *form, const char *key)
{
	return strcmp(form->key, key) == 0 || words_hold(form->with, key) || strcmp(key, SOURCE_KEY_NAME) == 0;
}
