/* DOC: the keys of a NAT that name machines and destinations: `forward`, `static`, `except`, `only`. A site's NAT and an
 * appliance have them, and not under profiles of clouds whose NATs cannot: those of Azure, AWS and GCP publish no port.
 * Machines are looked up once all are known (resolve_nat_hosts()). */
#include "base/units.h"
#include "model/defaults.h"
#include "rule/nat.h"
#include "scenario/decode.h"
#include <string.h>

/* ---- which NATs may have them ---- */

/* `usual` says whose NAT it is: a site's is `home` where nothing is said, an appliance's `linux`. */

static bool may_have(struct decoder *d, const struct tree *node, const char *key, enum nat_profile usual,
		     enum nat_profile profile)
{
	const struct tree *value = tree_get(node, key);
	if (tree_is_null(value))
		return false;
	if (default_is_cloud(profile))
		diag_error(d->diags, value->key_place,
			   "leave it out, or choose another profile: the NATs of Azure, AWS and GCP publish no port",
			   "profile `%s` has no `%s`", default_profile_name(profile), key);
	else if (usual != NAT_PROFILE_HOME && usual != NAT_PROFILE_LINUX)
		diag_error(d->diags, value->key_place, "leave it out: an environment listens on the ports of its apps",
			   "`%s` is for the NAT of a site or an appliance", key);
	else if (usual == NAT_PROFILE_LINUX && strcmp(key, "static") == 0)
		diag_error(d->diags, value->key_place, "use `forward`: an appliance has no address but its own",
			   "`static` is for the NAT of a site");
	else
		return true;
	return false;
}

/* ---- forwards ---- */

/* "8080/tcp", "5000-5010/udp". */
static bool read_outside(struct decoder *d, const struct tree *item, struct nat_forward *ret)
{
	const char *slash = strrchr(item->key, '/'), *proto = slash ? slash + 1 : "";
	char *ports = arena_strndup(d->arena, item->key, slash ? (size_t)(slash - item->key) : 0);
	char *hyphen = ports ? strchr(ports, '-') : NULL;
	uint64_t first = 0, last = 0;
	if (hyphen)
		*hyphen = '\0';
	bool is_good = ports && read_number(ports, 65535, &first) && first > 0 &&
		       (!hyphen || (read_number(hyphen + 1, 65535, &last) && last >= first)) &&
		       (strcmp(proto, "tcp") == 0 || strcmp(proto, "udp") == 0);
	if (!is_good) {
		diag_error(d->diags, item->key_place, "write PORT/PROTO or FIRST-LAST/PROTO, such as 8080/tcp",
			   "`%s` is no port to forward", item->key);
		return false;
	}
	ret->first = (uint16_t)first;
	ret->last = (uint16_t)(hyphen ? last : first);
	ret->proto = strcmp(proto, "tcp") == 0 ? PROTO_TCP : PROTO_UDP;
	return true;
}

/* "HOST", "HOST:PORT". */
static bool read_inside(struct decoder *d, const struct tree *item, struct nat_forward *ret)
{
	const char *text = item->kind == TREE_SCALAR && !tree_is_null(item) ? item->text : "";
	const char *colon = strrchr(text, ':');
	uint64_t port = 0;
	ret->host = arena_strndup(d->arena, text, colon ? (size_t)(colon - text) : strlen(text));
	if (!ret->host || !ret->host[0] || (colon && (!read_number(colon + 1, 65535, &port) || port == 0))) {
		diag_error(d->diags, item->place, "write HOST or HOST:PORT, such as \"pc:80\"",
			   "`%s` is no machine to forward to", decode_shown(item));
		return false;
	}
	if (colon && ret->first != ret->last) {
		diag_error(d->diags, item->place, "write the host alone, or forward each port by itself",
			   "a range of ports keeps its numbers");
		return false;
	}
	ret->to_port = (uint16_t)port;
	return true;
}

static void check_overlap(struct decoder *d, const struct nat_rules *nat, const struct nat_forward *forward)
{
	for (size_t i = 0; i < nat->n_forwards; i++) {
		const struct nat_forward *other = &nat->forwards[i];
		if (other->proto != forward->proto || other->last < forward->first || other->first > forward->last)
			continue;
		diag_error(d->diags, forward->fixed.place,
			   arena_printf(d->arena, "`%s` has it", strchr(other->fixed.rule, '/') + 1),
			   "port %u is forwarded twice", other->first > forward->first ? other->first : forward->first);
		return;
	}
	if (nat->mapping != NAT_ON_ENDPOINT)
		return;
	for (size_t i = 0; i < nat->n_forwards; i++) {
		const struct nat_forward *other = &nat->forwards[i];
		if (other->proto == forward->proto && other->to_port != 0 && other->to_port == forward->to_port &&
		    strcmp(other->host, forward->host) == 0)
			diag_error(d->diags, forward->fixed.place,
				   "leave one out, or choose a `mapping` that depends on the destination",
				   "port %u of `%s` has two outside ports, and its mapping is endpoint-independent",
				   forward->to_port, forward->host);
	}
}

static void forwards(struct decoder *d, const struct tree *node, struct nat_rules *nat)
{
	const struct tree *map = tree_get(node, "forward");
	if (map->kind != TREE_MAP) {
		diag_error(d->diags, map->place, "write {8080/tcp: \"HOST:80\"}",
			   "`forward` is a map of ports to hosts");
		return;
	}
	nat->forwards = decode_array(d, map->n, sizeof *nat->forwards);
	for (const struct tree *item = map->first; nat->forwards && item; item = item->next) {
		struct nat_forward forward = {
			.fixed = {arena_printf(d->arena, "forward/%s", item->key), item->key_place}};
		if (!read_outside(d, item, &forward) || !read_inside(d, item, &forward) || !forward.fixed.rule)
			continue;
		check_overlap(d, nat, &forward);
		nat->forwards[nat->n_forwards++] = forward;
	}
}

/* ---- one to one ---- */

static bool check_static(struct decoder *d, const struct nat_rules *nat, const struct nat_static *fixed)
{
	char text[ADDR_TEXT_BYTES];
	for (size_t i = 0; i < nat->n_addresses; i++)
		if (nat->addresses[i].raw == fixed->outside.raw) {
			diag_error(d->diags, fixed->fixed.place, "take another address, or leave it out of `address`",
				   "%s is an `address` of this NAT, which all machines share",
				   addr_print(fixed->outside, text));
			return false;
		}
	for (size_t i = 0; i < nat->n_statics; i++)
		if (strcmp(nat->statics[i].host, fixed->host) == 0)
			diag_error(d->diags, fixed->fixed.place, "leave one out", "`%s` has two static addresses",
				   fixed->host);
	return true;
}

static void statics(struct decoder *d, const struct tree *node, struct nat_rules *nat)
{
	const struct tree *map = tree_get(node, "static");
	if (map->kind != TREE_MAP) {
		diag_error(d->diags, map->place, "write {203.0.113.9: HOST}",
			   "`static` is a map of addresses to hosts");
		return;
	}
	nat->statics = decode_array(d, map->n, sizeof *nat->statics);
	for (const struct tree *item = map->first; nat->statics && item; item = item->next) {
		struct nat_static fixed = {.host = item->kind == TREE_SCALAR && !tree_is_null(item) ? item->text : NULL,
					   .fixed = {arena_printf(d->arena, "static/%s", item->key), item->key_place}};
		if (!addr_parse(item->key, &fixed.outside))
			diag_error(d->diags, item->key_place, "such as 203.0.113.9", "`%s` is not an address",
				   item->key);
		else if (!fixed.host)
			diag_error(d->diags, item->place, "name the machine that has it", "`%s` is no machine",
				   decode_shown(item));
		else if (fixed.fixed.rule && check_static(d, nat, &fixed))
			nat->statics[nat->n_statics++] = fixed;
	}
}

static uint32_t algs(struct decoder *d, const struct tree *node)
{
	size_t n;
	const struct tree *value = tree_get(node, "alg");
	const struct tree **items = decode_list(d, value, "`alg`", true, &n);
	for (size_t i = 0; i < n; i++) {
		const char *word = items[i]->kind == TREE_SCALAR ? items[i]->text : "";
		bool is_all = value->kind == TREE_SCALAR && strcmp(word, "all") == 0;
		if (!is_all && strcmp(word, "ftp") != 0)
			diag_error(d->diags, items[i]->place, "known: ftp", "`%s` is not a value of `alg`",
				   decode_shown(items[i]));
	}
	return n > 0 ? NAT_ALG_FTP : 0;
}

void decode_nat_fixed(struct decoder *d, const struct tree *node, enum nat_profile usual, enum nat_profile profile,
		      struct nat_rules *nat)
{
	if (may_have(d, node, "forward", usual, profile))
		forwards(d, node, nat);
	if (may_have(d, node, "static", usual, profile))
		statics(d, node, nat);
	if (may_have(d, node, "alg", usual, profile))
		nat->algs = algs(d, node);
	if (decode_has(node, "except"))
		(void)decode_prefixes(d, node, "except", &nat->except, &nat->n_except);
	if (decode_has(node, "only"))
		(void)decode_prefixes(d, node, "only", &nat->only, &nat->n_only);
}

/* ---- machines ---- */

/* Behind this NAT: a machine of the site; of an appliance another VM. */
static be32 inside_address(struct decoder *d, const char *name, uint32_t site, uint32_t appliance,
			   const struct nat_fixed *fixed)
{
	const struct model *model = d->model;
	uint32_t host = find_by_name(model->hosts, model->n_hosts, name);
	if (host == NONE) {
		unknown_name(d, fixed->place, "host", name, model->hosts, model->n_hosts, sizeof *model->hosts);
		return ADDR_NONE;
	}
	const struct host_config *config = &model->hosts[host];
	bool is_inside = site != NONE ? config->kind == HOST_SITE && config->site == site
				      : config->kind == HOST_VM && host != appliance;
	if (!is_inside)
		diag_error(d->diags, fixed->place,
			   site != NONE ? "name a machine of the site" : "name another VM of the network",
			   "`%s` is not inside of this NAT", name);
	return config->addr;
}

static void resolve(struct decoder *d, struct nat_rules *nat, uint32_t site, uint32_t appliance)
{
	for (size_t i = 0; i < nat->n_forwards; i++)
		nat->forwards[i].to =
			inside_address(d, nat->forwards[i].host, site, appliance, &nat->forwards[i].fixed);
	for (size_t i = 0; i < nat->n_statics; i++)
		nat->statics[i].inside =
			inside_address(d, nat->statics[i].host, site, appliance, &nat->statics[i].fixed);
}

void resolve_nat_hosts(struct decoder *d)
{
	struct model *model = d->model;
	for (uint32_t i = 0; i < model->n_sites; i++)
		resolve(d, &model->sites[i].nat, i, NONE);
	for (uint32_t i = 0; i < model->n_hosts; i++)
		resolve(d, &model->hosts[i].nat, NONE, i);
}
