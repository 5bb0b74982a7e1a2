/* DOC: what each setting could be besides, by the mutation that its key names in the table of keys; what a mutant changes
 * stands in the file or is a default, that makes no difference. */
#include "base/units.h"
#include "scenario/keys.h"
#include "scenario/mutants.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct setting {
	struct mutants *mutants;
	const char *path, *value;
	const struct key *key;
};

static void of_key(const struct setting *setting, struct mutant *mutant)
{
	if (mutant)
		mutant->key = setting->key;
}

static void add(const struct setting *setting, const char *to)
{
	if (to && strcmp(to, setting->value) != 0)
		of_key(setting, mutants_add(setting->mutants, setting->path, setting->value, to));
}

/* ---- ways to change a value ---- */

static void flip(const struct setting *setting)
{
	add(setting, strcmp(setting->value, "true") == 0 ? "false" : "true");
}

static void each_word(const struct setting *setting, const char *words)
{
	while (words && *words) {
		size_t n = strcspn(words, "|");
		add(setting, mutants_text(setting->mutants, "%.*s", (int)n, words));
		words += n + (words[n] == '|');
	}
}

static const char *last_part(const char *path)
{
	const char *dot = strrchr(path, '.');
	return !dot ? path : dot + 1;
}

static bool may_be(const struct setting *setting, int64_t value)
{
	return value >= setting->key->min && (setting->key->max == 0 || value <= setting->key->max);
}

static void twice_and_half(const struct setting *setting)
{
	int64_t ns;
	char printed[UNITS_TEXT_BYTES];
	if (units_duration(setting->value, &ns) != UNITS_OK)
		return;
	if (may_be(setting, ns / 2))
		add(setting, units_print_duration(ns / 2, printed));
	if (may_be(setting, ns * 2))
		add(setting, units_print_duration(ns * 2, printed));
}

static void more_and_less(const struct setting *setting, unsigned step)
{
	unsigned long n = strtoul(setting->value, NULL, 10);
	if (may_be(setting, (int64_t)n + step))
		add(setting, mutants_text(setting->mutants, "%lu", n + step));
	if (n > step && may_be(setting, (int64_t)n - step))
		add(setting, mutants_text(setting->mutants, "%lu", n - step));
}

static void one_more_and_less(const struct setting *setting)
{
	more_and_less(setting, 1);
}

/* Of ports that are given out in blocks, and of offsets of fragments. */
static void eight_more_and_less(const struct setting *setting)
{
	if (strcmp(setting->value, "auto") != 0)
		more_and_less(setting, 8);
}

static void as_wide_as_can_be(const struct setting *setting)
{
	const char *all = setting->key->type == KEY_TEXTS ? "*" : "any";
	if (strcmp(setting->value, all) != 0 && strcmp(setting->value, "*") != 0)
		add(setting, strcmp(all, "*") == 0 ? "\"*\"" : all);
}

/* PORT/PROTO, HOST:PORT or PORT. */
static void next_port(const struct setting *setting)
{
	const char *colon = strrchr(setting->value, ':'), *digits = colon ? colon + 1 : setting->value;
	char *end;
	unsigned long port = strtoul(digits, &end, 10);
	if (end == digits || port == 0)
		return;
	add(setting,
	    mutants_text(setting->mutants, colon ? "\"%.*s%lu%s\"" : "%.*s%lu%s", (int)(digits - setting->value),
			 setting->value, port < 65535 ? port + 1 : port - 1, end));
}

/* Of several the first. */
static void next_address(const struct setting *setting)
{
	char text[ADDR_TEXT_BYTES] = "";
	be32 addr;
	size_t bracket = setting->value[0] == '[', n = strcspn(setting->value + bracket, ",]");
	if (n >= sizeof text)
		return;
	memcpy(text, setting->value + bracket, n);
	if (addr_parse(text, &addr))
		add(setting, addr_print(be32_from(be32_to(addr) + 1), text));
}

static void ports_further_up(const struct setting *setting)
{
	unsigned first, last;
	if (sscanf(setting->value, "%u-%u", &first, &last) == 2)
		add(setting, mutants_text(setting->mutants, "%u-%u", first + (last - first + 1) / 2, last));
}

static void other_block(const struct setting *setting)
{
	unsigned long n = strtoul(setting->value, NULL, 10);
	add(setting, "shared");
	add(setting, "auto");
	if (n > 1)
		add(setting, mutants_text(setting->mutants, "%lu", n / 2));
}

static void taken_away(const struct setting *setting)
{
	of_key(setting, mutants_add(setting->mutants, setting->path, setting->value, NULL));
}

/* "[a, b, c]" without each of its items in turn. */
static void without_each(const struct setting *setting)
{
	const char *items = setting->value[0] == '[' ? setting->value + 1 : setting->value;
	for (const char *at = items; *at && *at != ']';) {
		size_t n = strcspn(at, ",]"), skipped = n + strspn(at + n, ", ");
		bool last = at[n] != ',', first = at == items;
		size_t before = (size_t)(at - items);
		if (last && !first) /* the comma before it goes with it */
			before -= 2;
		add(setting, mutants_text(setting->mutants, "[%.*s%s", (int)before, items, last ? "]" : at + skipped));
		at += last ? n : skipped;
	}
}

static void other_subnet(const struct setting *setting)
{
	const struct model *model = setting->mutants->model;
	for (size_t i = 0; i < model->n_subnets; i++) {
		const struct subnet_config *subnet = &model->subnets[i];
		const char *to = mutants_text(setting->mutants, "%s/%s", model->vnets[subnet->vnet].name, subnet->name);
		if (!to || strcmp(to, setting->value) == 0)
			continue;
		struct mutant *mutant = mutants_add(setting->mutants, setting->path, setting->value, to);
		of_key(setting, mutant);
		if (strncmp(setting->path, "network.hosts.", 14) == 0) /* its address would not fit */
			mutant_also(setting->mutants, mutant,
				    mutants_text(setting->mutants, "%.*sip",
						 (int)(last_part(setting->path) - setting->path), setting->path),
				    "");
	}
}

static void other_region(const struct setting *setting)
{
	const struct model *model = setting->mutants->model;
	for (size_t i = 0; i < model->n_regions; i++)
		add(setting, model->regions[i].name);
}

/* ---- settings that are there ---- */

void mutants_of_key(struct mutants *mutants, const struct scenario_setting *item)
{
	const struct setting setting = {mutants, item->path, item->value, item->key};
	switch (item->key->mutation) {
	case MUTATE_FORGOTTEN:
	case MUTATE_NOT:
	case MUTATE_HOP:
	case MUTATE_PROFILE:
	case MUTATE_WORKERS:
	case MUTATE_PEERS:
	case MUTATE_RULES:
	case MUTATE_FIXED:
	case MUTATE_ITEMS:
	case MUTATE_PRIORITY:
	case MUTATION_COUNT:
		return;
	case MUTATE_FLIP:
		flip(&setting);
		return;
	case MUTATE_OTHERS:
		each_word(&setting, setting.key->values);
		return;
	case MUTATE_TIME:
		twice_and_half(&setting);
		return;
	case MUTATE_NUMBER:
		one_more_and_less(&setting);
		return;
	case MUTATE_ADDRESS:
		next_address(&setting);
		return;
	case MUTATE_PORT_RANGE:
		ports_further_up(&setting);
		return;
	case MUTATE_BLOCK:
		other_block(&setting);
		return;
	case MUTATE_AWAY:
		taken_away(&setting);
		return;
	case MUTATE_FEWER:
		without_each(&setting);
		return;
	case MUTATE_SUBNET:
		other_subnet(&setting);
		return;
	case MUTATE_REGION:
		other_region(&setting);
		return;
	case MUTATE_ANY:
		as_wide_as_can_be(&setting);
		return;
	case MUTATE_PORT:
		next_port(&setting);
		return;
	case MUTATE_EIGHTS:
		eight_more_and_less(&setting);
		return;
	case MUTATE_ZERO:
		add(&setting, "0");
		return;
	case MUTATE_RANGES:
		add(&setting, "0.0.0.0/0");
		add(&setting, "255.255.255.255/32");
		return;
	}
}

void mutants_of_setting(struct mutants *mutants, const struct scenario_setting *item)
{
	if (!item->key->mutated_where_said)
		mutants_of_key(mutants, item);
}

/* ---- settings that say several things at once ---- */

/* The path and the value that take the peering with `peer` away from this network's side; a map loses a key. */
static const char *without_peer(struct mutants *mutants, uint32_t vnet, uint32_t peer, const char **ret_value)
{
	const struct model *model = mutants->model;
	const struct vnet_config *config = &model->vnets[vnet];
	if (config->has_peer_map) {
		*ret_value = NULL;
		return mutants_text(mutants, "network.vnets.%s.peers.%s", config->name, model->vnets[peer].name);
	}
	struct buf rest = {0};
	for (size_t i = 0; i < config->n_peerings; i++)
		if (config->peerings[i].vnet != peer)
			buf_printf(&rest, "%s%s", rest.size_bytes > 0 ? ", " : "",
				   model->vnets[config->peerings[i].vnet].name);
	*ret_value = mutants_text(mutants, "[%s]", buf_text(&rest));
	mutants->failed |= buf_failed(&rest);
	buf_free(&rest);
	return mutants_text(mutants, "network.vnets.%s.peers", config->name);
}

/* A peering is named by one VNet or by both: it is gone where neither does. */
void mutants_of_peers(struct mutants *mutants)
{
	const struct model *model = mutants->model;
	for (uint32_t i = 0; i < model->n_vnets; i++)
		for (size_t k = 0; k < model->vnets[i].n_peers; k++) {
			uint32_t peer = model->vnets[i].peers[k];
			const char *of_vnet = NULL, *of_peer = NULL;
			if (peer < i)
				continue;
			const char *path = without_peer(mutants, i, peer, &of_vnet);
			struct mutant *mutant =
				mutants_add(mutants, path,
					    mutants_text(mutants, "peered with %s", model->vnets[peer].name), of_vnet);
			path = without_peer(mutants, peer, i, &of_peer);
			mutant_also(mutants, mutant, path, of_peer);
		}
}

void mutants_of_workers(struct mutants *mutants)
{
	const struct model *model = mutants->model;
	for (size_t i = 0; i < model->n_apps; i++) {
		const struct app_config *app = &model->apps[i];
		const struct ase_config *ase = &model->ases[app->ase];
		const char *path = mutants_text(mutants, "network.ases.%s.apps.%s.on", ase->name, app->name);
		for (uint32_t worker = 0; worker < ase->workers && worker < 4; worker++) {
			bool there = !app->on_all && app->n_on == 1 && app->on[0] == worker;
			if (!there && ase->workers > 1)
				(void)mutants_add(mutants, path, app->on_all ? "all workers" : "other workers",
						  mutants_text(mutants, "[worker-%" PRIu32 "]", worker));
		}
	}
}

static void profile(struct mutants *mutants, const char *path, const char *fallback)
{
	const struct tree *node = mutants->root;
	for (const char *at = path; node && *at;) {
		size_t n = tree_part(node, at);
		const char *part = mutants_text(mutants, "%.*s", (int)n, at);
		node = !part ? NULL : tree_get(node, part);
		at += n + (at[n] == '.');
	}
	const struct tree *given = tree_get(node, "profile");
	const char *path_of_profile = mutants_text(mutants, "%s.profile", path);
	struct setting setting = {
		.mutants = mutants, .path = path_of_profile, .value = given && given->text ? given->text : fallback};
	/* One of a balancer, of a router and of a home router: the others are variations of these. */
	each_word(&setting, "azure|linux|home");
}

/* Without each forward, and each one-to-one address. */
static void without_fixed(struct mutants *mutants, const char *path, const struct nat_rules *nat)
{
	for (size_t i = 0; i < nat->n_forwards; i++)
		(void)mutants_add(
			mutants,
			mutants_text(mutants, "%s.forward.%s", path, strchr(nat->forwards[i].fixed.rule, '/') + 1),
			nat->forwards[i].host, NULL);
	for (size_t i = 0; i < nat->n_statics; i++)
		(void)mutants_add(
			mutants,
			mutants_text(mutants, "%s.static.%s", path, strchr(nat->statics[i].fixed.rule, '/') + 1),
			nat->statics[i].host, NULL);
}

void mutants_of_fixed(struct mutants *mutants)
{
	const struct model *model = mutants->model;
	for (size_t i = 0; i < model->n_sites; i++)
		without_fixed(mutants, mutants_text(mutants, "network.sites.%s.nat", model->sites[i].name),
			      &model->sites[i].nat);
	for (size_t i = 0; i < model->n_hosts; i++)
		without_fixed(mutants, mutants_text(mutants, "network.hosts.%s.nat", model->hosts[i].name),
			      &model->hosts[i].nat);
}

void mutants_of_profiles(struct mutants *mutants)
{
	const struct model *model = mutants->model;
	for (size_t i = 0; i < model->n_ases; i++)
		profile(mutants, mutants_text(mutants, "network.ases.%s.snat", model->ases[i].name), "azure");
	for (size_t i = 0; i < model->n_sites; i++)
		if (model->sites[i].has_nat)
			profile(mutants, mutants_text(mutants, "network.sites.%s.nat", model->sites[i].name), "home");
	for (size_t i = 0; i < model->n_hosts; i++)
		if (model->hosts[i].has_nat)
			profile(mutants, mutants_text(mutants, "network.hosts.%s.nat", model->hosts[i].name), "linux");
}
