/* Each key of the table is mutated where a file has it, or is on the list here with the reason why it is not. A new key
 * that nothing mutates fails. */
#include "base/buf.h"
#include "scenario/keys.h"
#include "scenario/load.h"
#include "scenario/mutants.h"
#include "suite.h"
#include <stdio.h>
#include <string.h>

#define N(array) (sizeof(array) / sizeof *(array))

/* ---- what is not mutated ---- */

/* Whole sections: what a file says of the run and of the traffic, and not of the network. */
static const struct {
	enum section section;
	const char *why;
} sections[] = {
	{SECTION_TOP, "the seed, the start and names of parts: what the network is stands below them"},
	{SECTION_LINKS, "classes of links"},
	{SECTION_LINK, "the medium loses and delays, and decides nothing"},
	{SECTION_TAP, "what is recorded"},
	{SECTION_EXPECT, "what must be seen; a mutant changes what is"},
	{SECTION_COUNT_RANGE, "of expectations"},
	{SECTION_CONNECTIONS, "of expectations"},
	{SECTION_REPEAT, "how many calls there are is the flow's own"},
	{SECTION_LATE, "as of flows"},
	{SECTION_ROUTE_ADD, "the event that adds it is taken away"},
};
static const struct {
	enum section section;
	const char *key, *why;
} reasons[] = {
	{SECTION_NETWORK, "tags", "a tag's prefixes are what rules say by its name; the rules are mutated"},
	{SECTION_NETWORK, "asgs", "declares names"},
	{SECTION_VNET, "space", "its subnets and addresses stand in it"},
	{SECTION_SUBNET, "cidr", "addresses stand in it"},
	{SECTION_ROUTE, "prefix", "another prefix is another route; the route is taken away"},
	{SECTION_SITE, "prefixes", "addresses stand in it"},
	{SECTION_GATEWAY, "vnet", "a gateway elsewhere is another network"},
	{SECTION_BALANCER, "pools", "each machine is taken away"},
	{SECTION_FRONTEND, "subnet", "its address stands in it"},
	{SECTION_BALANCING, "frontend", "a rule at another frontend is another rule; the rule is taken away"},
	{SECTION_BALANCING, "pool", "as `frontend`"},
	{SECTION_INBOUND_NAT, "frontend", "as of balancing rules"},
	{SECTION_OUTBOUND, "pool", "as of balancing rules"},
	{SECTION_FIREWALL, "subnet", "its address stands in it"},
	{SECTION_FIREWALL, "address", "an address of its subnet that routes and DNAT name"},
	{SECTION_ASE, "generation", "other keys go with it"},
	{SECTION_ASE, "internal", "an address of its subnet, by which its apps are called"},
	{SECTION_ASE, "front_ends", "any of them answers"},
	{SECTION_ASE, "needs", "what health is asked for"},
	{SECTION_WEB_APP, "integrated", "another subnet is not empty"},
	{SECTION_WEB_APP, "listen", "nothing listens there: each call would fail"},
	{SECTION_WEB_APP, "dns", "a name"},
	{SECTION_APP, "dns", "a name"},
	{SECTION_APP, "listen", "what answers is the traffic's own"},
	{SECTION_HOST, "internet", "where a host stands is what it is"},
	{SECTION_HOST, "service", "as `internet`"},
	{SECTION_HOST, "site", "as `internet`"},
	{SECTION_HOST, "ip", "stands in its subnet, and calls name the host"},
	{SECTION_HOST, "dns", "a name"},
	{SECTION_HOST, "listen", "what answers is the traffic's own"},
	{SECTION_PUBLIC_IP, "address", "calls name the host"},
	{SECTION_PRIVATE_ENDPOINT, "subnet", "its address stands in it"},
	{SECTION_PRIVATE_ENDPOINT, "to", "to another service it is another endpoint"},
	{SECTION_WEB_APP, "integrated", "a subnet is no number to change"},
	{SECTION_WEB_APP, "listen", "what answers is the traffic's own"},
	{SECTION_WEB_APP, "dns", "a name"},
	{SECTION_FLOW, "from", "who calls whom, when and how much is the flow"},
	{SECTION_FLOW, "to", "as `from`"},
	{SECTION_FLOW, "at", "as `from`"},
	{SECTION_FLOW, "send", "as `from`"},
	{SECTION_FLOW, "reply", "as `from`"},
	{SECTION_FLOW, "rounds", "as `from`"},
	{SECTION_FLOW, "pause", "as `from`"},
	{SECTION_FLOW, "then", "as `from`"},
	{SECTION_FLOW, "dns", "as `from`"},
	{SECTION_PACKET, "at", "an instant of the flow's own"},
	{SECTION_PACKET, "hex", "the packet is taken away"},
	{SECTION_EVENT, "at", "an instant of the scenario's own; the event is taken away"},
	{SECTION_EVENT, "move", "what happens to what: the event is taken away"},
	{SECTION_EVENT, "to", "of `move` and of a subnet's way out, as `move`; an address is the next one"},
	{SECTION_EVENT, "rule", "as `move`"},
	{SECTION_EVENT, "set", "its keys are"},
	{SECTION_EVENT, "add", "as `move`"},
	{SECTION_EVENT, "remove", "as `move`"},
	{SECTION_EVENT, "address", "as `move`"},
	{SECTION_EVENT, "nat_gateway", "as `move`"},
	{SECTION_EVENT, "link", "as `move`"},
	{SECTION_EVENT, "stop", "as `move`"},
	{SECTION_EVENT, "start", "as `move`"},
	{SECTION_EVENT, "forget", "as `move`"},
};

/* Names, what a thing was made from, references of an event, and maps whose keys are mutated themselves. */
static bool says_nothing_itself(enum section section, const struct key *key)
{
	return key->type == KEY_NAME || key->type == KEY_SOURCE || key->type == KEY_NAMED || key->type == KEY_SECTION ||
	       (section == SECTION_EVENT && key->type == KEY_REF);
}

static const char *reason_of(enum section section, const struct key *key)
{
	for (size_t i = 0; i < N(sections); i++)
		if (sections[i].section == section)
			return sections[i].why;
	for (size_t i = 0; i < N(reasons); i++)
		if (reasons[i].section == section && strcmp(reasons[i].key, key->name) == 0)
			return reasons[i].why;
	return NULL;
}

START_TEST(each_key_is_mutated_or_has_a_reason)
{
	struct buf missing = {0};
	for (unsigned section = 0; section < SECTION_COUNT; section++) {
		size_t n;
		const struct key *keys = keys_of((enum section)section, &n);
		for (size_t i = 0; i < n; i++)
			if (keys[i].mutation == MUTATE_NOT && !says_nothing_itself((enum section)section, &keys[i]) &&
			    !reason_of((enum section)section, &keys[i]))
				buf_printf(&missing, "`%s` of %s is not mutated, and no reason says why\n",
					   keys[i].name, section_name((enum section)section));
	}
	ck_assert_msg(missing.size_bytes == 0, "\n%s", buf_text(&missing));
	buf_free(&missing);
}
END_TEST

/* ---- reasons that are none ---- */

START_TEST(each_reason_is_of_a_key_that_is_not_mutated)
{
	for (size_t i = 0; i < N(reasons); i++) {
		const struct key *key = key_find(reasons[i].section, reasons[i].key);
		ck_assert_msg(key, "no key `%s` of %s", reasons[i].key, section_name(reasons[i].section));
		ck_assert_msg(key->mutation == MUTATE_NOT && !says_nothing_itself(reasons[i].section, key),
			      "`%s` of %s needs no reason", reasons[i].key, section_name(reasons[i].section));
	}
}
END_TEST

/* ---- what is mutated ---- */

static bool names(const char *path, const char *key)
{
	size_t n = strlen(key);
	for (const char *at = path; (at = strstr(at, key)); at++)
		if ((at == path || at[-1] == '.') && (at[n] == '\0' || at[n] == '.'))
			return true;
	return false;
}

/* Those of no single key are known by their paths. */
static bool is_of(const struct mutant *mutant, const struct key *key)
{
	return mutant->key ? mutant->key == key : names(mutant->path, key->name);
}

static bool is_exempt(const struct key *key)
{
	return key->mutation == MUTATE_NOT || key->mutation == MUTATE_RULES;
}

/* good/ has every key; each that has a mutation makes a mutant there. */
START_TEST(each_mutation_makes_a_mutant)
{
	static const char *const files[] = {CORPUS "/good/everything.yaml", CORPUS "/good/azure-today.yaml",
					    CORPUS "/good/arrivals.yaml",
					    CORPUS "/good/outbound-network-addresses.yaml", CORPUS "/../cli/rich.yaml"};
	struct arena *arena = arena_new();
	struct mutants all[N(files)];
	struct buf missing = {0};
	for (size_t i = 0; i < N(files); i++) {
		struct diag_list diags;
		struct scenario_input input = {.source = {.file = files[i]}};
		struct scenario_read read;
		diag_init(&diags, arena);
		char *text;
		ck_assert_int_eq(scenario_slurp(arena, files[i], &text, &input.source.text_bytes), 0);
		input.source.text = text;
		ck_assert_int_eq(scenario_read(arena, &input, &diags, &read), 0);
		ck_assert_ptr_nonnull(read.model);
		ck_assert_int_eq(mutants_find(arena, read.model, read.tree, &all[i]), 0);
		diag_deinit(&diags);
	}
	for (unsigned section = 0; section < SECTION_COUNT; section++) {
		size_t n;
		const struct key *keys = keys_of((enum section)section, &n);
		for (size_t i = 0; i < n; i++) {
			bool found = is_exempt(&keys[i]);
			for (size_t f = 0; f < N(files) && !found; f++)
				for (size_t k = 0; k < all[f].n && !found; k++)
					found = is_of(&all[f].items[k], &keys[i]);
			if (!found)
				buf_printf(&missing, "`%s` of %s has a mutation that makes no mutant\n", keys[i].name,
					   section_name((enum section)section));
		}
	}
	arena_free(arena);
	ck_assert_msg(missing.size_bytes == 0, "\n%s", buf_text(&missing));
	buf_free(&missing);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("scenario/mutants");
	TCase *c = tcase_create("mutants");

	tcase_add_test(c, each_key_is_mutated_or_has_a_reason);
	tcase_add_test(c, each_reason_is_of_a_key_that_is_not_mutated);
	tcase_add_test(c, each_mutation_makes_a_mutant);
	suite_add_tcase(s, c);
	return suite_run(s);
}
