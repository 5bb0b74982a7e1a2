/* DOC: who has which address. Given ones are checked first, then environments take theirs in order (front ends, then
 * workers, from the fifth address of the subnet), then VMs without `ip`. Azure keeps the first four addresses of a
 * subnet and the last (virtual-networks-faq). */
#include "model/defaults.h"
#include "scenario/kinds.h"
#include <errno.h>
#include <string.h>

struct taken {         /* an address and who has it */
	uint32_t vnet; /* NONE: public */
	be32 addr;
	const char *who;
	struct place place;
};
struct ledger {
	struct taken *items;
	size_t n;
	struct names names; /* "VNET/ADDRESS" to item: quick to look up */
};

static const char *ledger_key(struct decoder *d, uint32_t vnet, be32 addr)
{
	return arena_printf(d->arena, "%u/%u", vnet, be32_key(addr));
}

static struct taken *taken_by(struct decoder *d, const struct ledger *ledger, uint32_t vnet, be32 addr)
{
	uint32_t i;
	const char *key = ledger_key(d, vnet, addr);
	return key && names_find(&ledger->names, key, &i) ? &ledger->items[i] : NULL;
}

/* In the file; what is of no file is there before all of it, and the command line comes after. */
static bool comes_before(const struct model *model, struct place a, struct place b)
{
	if (!a.file || !b.file || a.line == 0 || b.line == 0)
		return !a.file && b.file;
	return model_stands_before(model, a, b);
}

static void take(struct decoder *d, struct ledger *ledger, uint32_t vnet, be32 addr, const char *who,
		 struct place place)
{
	char text[ADDR_TEXT_BYTES];
	struct taken *other = taken_by(d, ledger, vnet, addr);
	if (other) {
		struct taken again = {vnet, addr, who, place};
		if (comes_before(
			    d->model, place,
			    other->place)) { /* things are taken by name; the error is where the file says it again */
			struct taken first = again;
			again = *other;
			*other = first;
		}
		const char *hint = other->place.line ? arena_printf(d->arena, "`%s` at %s has it", other->who,
								    diag_where(d->arena, again.place, other->place))
						     : arena_printf(d->arena, "`%s` has it", other->who);
		diag_error(d->diags, again.place, hint, "address %s is given twice", addr_print(addr, text));
		return;
	}
	const char *key = ledger_key(d, vnet, addr);
	if (!key || names_add(&ledger->names, key, (uint32_t)ledger->n) < 0) {
		d->error = -ENOMEM;
		return;
	}
	ledger->items[ledger->n++] = (struct taken){vnet, addr, who, place};
}

static struct place place_of_key(const struct decoder *d, const char *section, const char *name, const char *key,
				 struct place otherwise)
{
	const struct tree *node = tree_get(tree_get(tree_get(d->root, "network"), section), name);
	return tree_get(node, key) ? tree_get(node, key)->place : otherwise;
}

/* ---- what is given ---- */

static bool is_private(const struct model *model, be32 addr)
{
	static const struct {
		uint32_t addr;
		uint8_t length;
	} ranges[] = {{0x0a000000, 8}, {0xac100000, 12}, {0xc0a80000, 16}, {0x64400000, 10},
		      {0x7f000000, 8}, {0xa9fe0000, 16}, {0xe0000000, 3},  {0, 8}};
	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
		if (prefix_contains((struct prefix){be32_from(ranges[i].addr), ranges[i].length}, addr))
			return true;
	for (size_t i = 0; i < model->n_vnets; i++)
		for (size_t k = 0; k < model->vnets[i].n_space; k++)
			if (prefix_contains(model->vnets[i].space[k], addr))
				return true;
	return false;
}

void check_public(struct decoder *d, be32 addr, struct place place)
{
	char text[ADDR_TEXT_BYTES];
	if (is_private(d->model, addr))
		diag_error(d->diags, place,
			   "use a public address, such as one of 203.0.113.0/24; two NATs in a row are an appliance "
			   "with `nat` before another way out, as in scenarios/nat/double-nat.yaml",
			   "%s is not a public address", addr_print(addr, text));
}

static void take_public(struct decoder *d, struct ledger *ledger, be32 addr, const char *who, struct place place)
{
	if (addr.raw == 0)
		return; /* missing or wrong: reported already */
	check_public(d, addr, place);
	if (!is_private(d->model, addr))
		take(d, ledger, NONE, addr, who, place);
}

/* The subnet's range that holds the address; NULL where none does. */
static const struct prefix *range_of(const struct subnet_config *subnet, be32 addr)
{
	for (size_t i = 0; i < subnet->n_cidrs; i++)
		if (prefix_contains(subnet->cidrs[i], addr))
			return &subnet->cidrs[i];
	return NULL;
}

/* Azure keeps the first four addresses of each range, and the last. */
static bool is_reserved(struct prefix cidr, be32 addr)
{
	uint32_t n = be32_to(addr) - be32_to(cidr.addr);
	return n < SUBNET_KEPT_FIRST || n == prefix_size(cidr) - SUBNET_KEPT_LAST;
}

static void take_private(struct decoder *d, struct ledger *ledger, uint32_t subnet_index, be32 addr, const char *who,
			 struct place place)
{
	const struct subnet_config *subnet = &d->model->subnets[subnet_index];
	char a[ADDR_TEXT_BYTES], b[PREFIX_TEXT_BYTES], c[ADDR_TEXT_BYTES];
	const struct prefix *range = range_of(subnet, addr);
	if (!range)
		diag_error(d->diags, place, arena_printf(d->arena, "the subnet is %s", prefix_print(subnet->cidr, b)),
			   "address %s lies outside its subnet `%s`", addr_print(addr, a), subnet->name);
	else if (is_reserved(*range, addr))
		diag_error(d->diags, place,
			   arena_printf(d->arena, "the first that is free for machines is %s",
					addr_print(prefix_nth(*range, SUBNET_KEPT_FIRST), c)),
			   "Azure keeps %s for itself", addr_print(addr, a));
	else
		take(d, ledger, subnet->vnet, addr, who, place);
}

static void take_in_site(struct decoder *d, struct ledger *ledger, const struct host_config *host, struct place place)
{
	const struct site_config *site = &d->model->sites[host->site];
	char text[ADDR_TEXT_BYTES], prefix[PREFIX_TEXT_BYTES];
	bool inside = site->n_prefixes == 0; /* wrong already */
	for (size_t i = 0; i < site->n_prefixes; i++)
		inside |= prefix_contains(site->prefixes[i], host->addr);
	if (inside)
		take(d, ledger, (uint32_t)d->model->n_vnets + host->site, host->addr, host->name, place);
	else
		diag_error(
			d->diags, place,
			arena_printf(d->arena, "its prefixes begin with %s", prefix_print(site->prefixes[0], prefix)),
			"address %s lies outside its site `%s`", addr_print(host->addr, text), site->name);
}

static const char *frontend_name(struct decoder *d, const struct frontend_config *frontend)
{
	return arena_printf(d->arena, "%s/%s", d->model->balancers[frontend->balancer].name, frontend->name);
}

static void take_frontend(struct decoder *d, struct ledger *ledger, const struct frontend_config *frontend)
{
	const struct tree *node = tree_get(tree_get(tree_get(tree_get(d->root, "network"), "load_balancers"),
						    d->model->balancers[frontend->balancer].name),
					   "frontends");
	const struct tree *address = tree_get(tree_get(node, frontend->name), "address");
	struct place place = address ? address->place : frontend->place;
	const char *name = frontend_name(d, frontend);
	if (!name)
		return;
	if (!frontend->is_internal)
		take_public(d, ledger, frontend->addr, name, place);
	else if (frontend->addr.raw != 0 && frontend->subnet != NONE &&
		 d->model->subnets[frontend->subnet].cidr.length < 32)
		take_private(d, ledger, frontend->subnet, frontend->addr, name, place);
}

/* The NAT of an appliance translates to what is its own. */
static void check_own_nat(struct decoder *d, const struct host_config *host)
{
	char text[ADDR_TEXT_BYTES];
	for (size_t i = 0; host->has_nat && i < host->nat.n_addresses; i++)
		if (host->nat.addresses[i].raw != host->addr.raw && host->nat.addresses[i].raw != host->public_ip.raw)
			diag_error(d->diags, host->nat.place,
				   "leave `address` out, and give it a `public_ip` where it is to be seen by one",
				   "an appliance translates to its own address, not to %s",
				   addr_print(host->nat.addresses[i], text));
}

static void take_item(struct decoder *d, struct ledger *ledger, enum network_kind kind, const struct kind_item *item)
{
	struct kind_address address;
	for (size_t i = 0; kind_loader(kind)->address && kind_loader(kind)->address(item, i, &address); i++) {
		if (address.subnet == NONE)
			take_public(d, ledger, address.addr, item->name, address.place);
		else if (address.addr.raw != 0 && d->model->subnets[address.subnet].cidr.length < 32)
			take_private(d, ledger, address.subnet, address.addr, item->name, address.place);
	}
}

/* How many addresses the model gives by name: at least as many as take_given() takes. */
static size_t count_given(const struct model *model)
{
	size_t n = 2 + model->n_vnets + model->n_frontends + 2 * model->n_hosts;
	struct kind_address address;
	for (size_t i = 0; i < model->n_ases; i++)
		n += 2u + model->ases[i].snat.n_addresses + model->ases[i].front_ends + model->ases[i].max_workers;
	for (size_t i = 0; i < model->n_sites; i++)
		n += model->sites[i].nat.n_addresses + model->sites[i].nat.n_statics;
	for (enum network_kind kind = 0; kind < KIND_COUNT; kind++)
		for (size_t i = 0; kind_loader(kind)->address && i < kind_n(model, kind); i++)
			for (size_t k = 0; kind_loader(kind)->address(kind_item(model, kind, i), k, &address); k++)
				n++;
	for (enum network_kind kind = 0; kind < KIND_COUNT; kind++)
		for (size_t i = 0; kind_loader(kind)->automatic && i < kind_n(model, kind); i++)
			for (uint32_t subnet, k = 0;
			     kind_loader(kind)->automatic(kind_item(model, kind, i), k, &subnet); k++)
				n++;
	return n;
}

static void take_given(struct decoder *d, struct ledger *ledger)
{
	const struct model *model = d->model;
	take(d, ledger, NONE, be32_from(AZURE_DNS_ADDR), "azure-dns", PLACE_NONE);
	take(d, ledger, NONE, be32_from(PUBLIC_DNS_ADDR), "public-dns", PLACE_NONE);
	for (size_t i = 0; i < model->n_vnets; i++)
		take(d, ledger, NONE, be32_from(OUTBOUND_ADDR_BASE + (uint32_t)i),
		     arena_printf(d->arena, "%s/outbound", model->vnets[i].name), model->vnets[i].place);
	for (size_t i = 0; i < model->n_ases; i++)
		take_public(d, ledger, model->ases[i].vip, model->ases[i].name,
			    place_of_key(d, "ases", model->ases[i].name, "vip", model->ases[i].place));
	for (size_t i = 0; i < model->n_ases; i++)
		if (model->ases[i].internal.raw != 0 && model->ases[i].subnet != NONE &&
		    model->subnets[model->ases[i].subnet].cidr.length < 32)
			take_private(d, ledger, model->ases[i].subnet, model->ases[i].internal,
				     arena_printf(d->arena, "%s/internal", model->ases[i].name),
				     place_of_key(d, "ases", model->ases[i].name, "internal", model->ases[i].place));
	for (size_t i = 0; i < model->n_ases; i++) {
		const struct nat_rules *snat = &model->ases[i].snat;
		for (size_t k = 0; k < snat->n_addresses; k++)
			if (snat->addresses[k].raw != model->ases[i].vip.raw)
				take_public(d, ledger, snat->addresses[k], model->ases[i].name, snat->place);
	}
	for (enum network_kind kind = 0; kind < KIND_COUNT; kind++)
		for (size_t i = 0; i < kind_n(model, kind); i++)
			take_item(d, ledger, kind, kind_item(model, kind, i));
	for (size_t i = 0; i < model->n_frontends; i++)
		take_frontend(d, ledger, &model->frontends[i]);
	for (size_t i = 0; i < model->n_sites; i++)
		for (size_t k = 0; model->sites[i].has_nat && k < model->sites[i].nat.n_addresses; k++)
			take_public(d, ledger, model->sites[i].nat.addresses[k], model->sites[i].name,
				    model->sites[i].nat.place);
	for (size_t i = 0; i < model->n_sites; i++)
		for (size_t k = 0; k < model->sites[i].nat.n_statics; k++)
			take_public(d, ledger, model->sites[i].nat.statics[k].outside, model->sites[i].name,
				    model->sites[i].nat.statics[k].fixed.place);
	for (size_t i = 0; i < model->n_hosts; i++) {
		const struct host_config *host = &model->hosts[i];
		struct place place = place_of_key(d, "hosts", host->name, "ip", host->place);
		if (host->kind == HOST_SITE && host->site != NONE && host->addr.raw != 0)
			take_in_site(d, ledger, host, place);
		else if (host->kind != HOST_VM && host->kind != HOST_SITE)
			take_public(d, ledger, host->addr, host->name, place);
		else if (host->addr.raw != 0 && host->subnet != NONE && model->subnets[host->subnet].cidr.length < 32)
			take_private(d, ledger, host->subnet, host->addr, host->name, place);
		if (host->public_ip.raw != 0)
			take_public(d, ledger, host->public_ip, host->name,
				    place_of_key(d, "hosts", host->name, "public_ip", host->place));
	}
}

/* ---- what is automatic ---- */

/* The next free address of the subnet from number *n on, counted over its ranges; false where none is left. */
static bool next_free(struct decoder *d, const struct ledger *ledger, const struct subnet_config *subnet, uint32_t *n,
		      be32 *ret)
{
	uint64_t base = 0;
	for (size_t i = 0; i < subnet->n_cidrs; base += prefix_size(subnet->cidrs[i]), i++)
		for (; *n < base + prefix_size(subnet->cidrs[i]); (*n)++) {
			*ret = prefix_nth(subnet->cidrs[i], (uint32_t)(*n - base));
			if (is_reserved(subnet->cidrs[i], *ret) || taken_by(d, ledger, subnet->vnet, *ret))
				continue;
			(*n)++;
			return true;
		}
	return false;
}

static void take_instances(struct decoder *d, struct ledger *ledger, struct ase_config *ase, uint32_t *n)
{
	const struct subnet_config *subnet = &d->model->subnets[ase->subnet];
	uint32_t n_instances = ase->front_ends + ase->max_workers;
	char text[PREFIX_TEXT_BYTES];
	ase->addresses = decode_array(d, n_instances, sizeof *ase->addresses);
	for (uint32_t i = 0; ase->addresses && i < n_instances; i++) {
		if (next_free(d, ledger, subnet, n, &ase->addresses[i])) {
			take(d, ledger, subnet->vnet, ase->addresses[i], ase->name, ase->place);
			continue;
		}
		diag_error(d->diags, ase->place,
			   arena_printf(d->arena,
					"%s has %llu addresses, of which Azure keeps five; give it a larger subnet or "
					"fewer instances",
					prefix_print(subnet->cidr, text),
					(unsigned long long)prefix_size(subnet->cidr)),
			   "`%s` has %u front ends and up to %u workers, more than subnet `%s` has room for", ase->name,
			   ase->front_ends, ase->max_workers, subnet->name);
		return;
	}
}

static void take_automatic_frontend(struct decoder *d, struct ledger *ledger, struct frontend_config *frontend,
				    uint32_t *next)
{
	const struct subnet_config *subnet =
		frontend->is_internal && frontend->subnet != NONE ? &d->model->subnets[frontend->subnet] : NULL;
	const struct tree *node = tree_get(tree_get(tree_get(tree_get(d->root, "network"), "load_balancers"),
						    d->model->balancers[frontend->balancer].name),
					   "frontends");
	if (!subnet || frontend->addr.raw != 0 || subnet->cidr.length >= 32 ||
	    decode_has(tree_get(node, frontend->name), "address"))
		return;
	const char *name = frontend_name(d, frontend);
	if (name && next_free(d, ledger, subnet, &next[frontend->subnet], &frontend->addr))
		take(d, ledger, subnet->vnet, frontend->addr, name, frontend->place);
	else
		diag_error(d->diags, frontend->place, "give it a larger subnet",
			   "subnet `%s` has no address left for frontend `%s`", subnet->name, frontend->name);
}

static void take_automatic_item(struct decoder *d, struct ledger *ledger, enum network_kind kind,
				struct kind_item *item, uint32_t *next)
{
	uint32_t index = NONE;
	be32 *addr;
	for (size_t i = 0; (addr = kind_loader(kind)->automatic(item, i, &index)); i++) {
		const struct subnet_config *subnet = &d->model->subnets[index];
		if (subnet->cidr.length >= 32)
			return; /* wrong: reported already */
		if (next_free(d, ledger, subnet, &next[index], addr)) {
			take(d, ledger, subnet->vnet, *addr, item->name, item->place);
			continue;
		}
		diag_error(
			d->diags, item->place, "give it a larger subnet, or fewer instances",
			"subnet `%s` has room for %zu of the instances of `%s`: Azure keeps five addresses for itself",
			subnet->name, i, item->name);
		return;
	}
}

static void take_automatic(struct decoder *d, struct ledger *ledger)
{
	struct model *model = d->model;
	uint32_t *next = decode_array(d, model->n_subnets, sizeof *next);
	for (size_t i = 0; next && i < model->n_subnets; i++)
		next[i] = 4;
	for (size_t i = 0; next && i < model->n_ases; i++)
		if (model->ases[i].subnet != NONE && model->subnets[model->ases[i].subnet].cidr.length < 32)
			take_instances(d, ledger, &model->ases[i], &next[model->ases[i].subnet]);
	for (size_t i = 0; next && i < model->n_frontends; i++)
		take_automatic_frontend(d, ledger, &model->frontends[i], next);
	for (enum network_kind kind = 0; next && kind < KIND_COUNT; kind++)
		for (size_t i = 0; kind_loader(kind)->automatic && i < kind_n(model, kind); i++)
			take_automatic_item(d, ledger, kind, kind_item(model, kind, i), next);
	for (size_t i = 0; next && i < model->n_hosts; i++) {
		struct host_config *host = &model->hosts[i];
		if (host->kind != HOST_VM || host->addr.raw != 0 || host->subnet == NONE ||
		    model->subnets[host->subnet].cidr.length >= 32)
			continue;
		if (!tree_is_null(
			    tree_get(tree_get(tree_get(tree_get(d->root, "network"), "hosts"), host->name), "ip")))
			continue; /* given, and wrong: reported already */
		if (next_free(d, ledger, &model->subnets[host->subnet], &next[host->subnet], &host->addr))
			take(d, ledger, model->subnets[host->subnet].vnet, host->addr, host->name, host->place);
		else
			diag_error(d->diags, host->place, "give it a larger subnet",
				   "subnet `%s` has no address left for `%s`", model->subnets[host->subnet].name,
				   host->name);
	}
}

void decode_addresses(struct decoder *d)
{
	const struct model *model = d->model;
	struct ledger ledger = {0};
	ledger.items = decode_array(d, count_given(model), sizeof *ledger.items);
	if (ledger.items) {
		take_given(d, &ledger);
		take_automatic(d, &ledger);
		for (size_t i = 0; i < model->n_hosts; i++)
			check_own_nat(d, &model->hosts[i]);
	}
	names_deinit(&ledger.names);
}
