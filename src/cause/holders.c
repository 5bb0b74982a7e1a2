/* DOC: a range of ports that is used up: who holds it. The live mappings of the NAT are put together by caller, worker
 * and destination, as far as they compete for the ports that the packet could have had. Going through a whole table
 * costs, and packets that find no port come in bursts, so what was found is used again for a second of virtual time. */
#include "cause/holders.h"
#include <stdlib.h>
#include <string.h>

#define MAX_NAMED 3

struct count {
	struct maker *maker;
	struct holders *holders;
	bool by_destination;
};

static uint32_t nat_node(const struct maker *maker)
{
	return element_of_nat(maker->model, maker->step->node);
}

static const struct nat_rules *rules_of_nat(const struct maker *maker)
{
	return element_at(maker->model, nat_node(maker))->nat;
}

static bool same_destination(const struct tuple *a, const struct tuple *b)
{
	return be32_equal(a->dst, b->dst) && (a->proto == PROTO_ICMP || be16_equal(a->dst_port, b->dst_port));
}

/* Do they draw from the same ports? */
static bool competes(const struct count *count, const struct world_mapping *mapping)
{
	const struct holders *holders = count->holders;
	if (mapping->inside.proto != holders->asked.proto || mapping->worker != holders->worker)
		return false;
	if (holders->by_source && !be32_equal(mapping->inside.src, holders->asked.src))
		return false;
	return !count->by_destination || same_destination(&mapping->inside, &holders->asked);
}

static void count_one(void *context, const struct world_mapping *mapping)
{
	struct count *count = context;
	struct holders *holders = count->holders;
	if (!competes(count, mapping))
		return;
	holders->n_mappings++;
	for (size_t i = 0; i < holders->n; i++) {
		struct holder *holder = &holders->items[i];
		if (holder->flow == mapping->flow && holder->worker == mapping->worker &&
		    be32_equal(holder->source, mapping->inside.src) &&
		    same_destination(&holder->first, &mapping->inside)) {
			holder->n++;
			return;
		}
	}
	if (holders->n == HOLDERS_MAX)
		return;
	holders->items[holders->n++] = (struct holder){.flow = mapping->flow,
						       .worker = mapping->worker,
						       .source = mapping->inside.src,
						       .first = mapping->inside,
						       .n = 1,
						       .since = mapping->created};
}

/* A port that rests is not given again towards the same destination. */
static int count_resting(void *context, const struct world_mapping *mapping)
{
	struct count *count = context;
	struct holders *holders = count->holders;
	const struct count towards = {count->maker, holders, true};
	if (mapping->node != nat_node(count->maker) || !competes(&towards, mapping))
		return 0;
	if (holders->n_resting++ == 0 || instant_before(mapping->ends, holders->rests_until)) {
		holders->rests_until = mapping->ends;
		holders->rest_timer = mapping->timer;
	}
	return 0;
}

static int most_first(const void *a, const void *b)
{
	const struct holder *x = a, *y = b;
	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return x->since.ns != y->since.ns ? (x->since.ns < y->since.ns ? -1 : 1) : 0;
}

/* ---- words ---- */

static void put_owner(struct maker *maker, uint32_t worker, be32 source)
{
	char text[ADDR_TEXT_BYTES];
	uint32_t owner = worker == NONE ? NONE : element_of_port_owner(maker->model, nat_node(maker), worker);
	if (owner != NONE)
		buf_puts(&maker->what, element_at(maker->model, owner)->name);
	else
		buf_puts(&maker->what, addr_print(source, text));
}

static void put_holder(struct maker *maker, const struct holder *holder)
{
	const char *app = model_app_of_flow(maker->model, holder->flow);
	struct buf *what = &maker->what;
	buf_printf(what, "%u by ", holder->n);
	if (app)
		buf_printf(what, "app %s (flow %s) on ", app, maker->model->flows[holder->flow].name);
	else
		buf_printf(what, "flow %s from ", maker->model->flows[holder->flow].name);
	put_owner(maker, holder->worker, holder->source);
	buf_puts(what, " towards ");
	put_end_point(what, holder->first.dst, holder->first.dst_port, holder->first.proto);
	buf_puts(what, " since ");
	put_time(what, holder->since);
}

static void put_holders(struct maker *maker, const struct holders *holders)
{
	struct buf *what = &maker->what;
	size_t n = holders->n < MAX_NAMED ? holders->n : MAX_NAMED;
	uint32_t named = 0;
	for (size_t i = 0; i < n; i++) {
		buf_puts(what, i == 0 ? ": " : i + 1 < n || holders->n > n ? ", " : " and ");
		put_holder(maker, &holders->items[i]);
		named += holders->items[i].n;
	}
	if (holders->n_mappings > named && n > 0)
		buf_printf(what, " and %u by others", holders->n_mappings - named);
	buf_puts(what, ".");
	if (holders->n_resting == 0)
		return;
	buf_printf(what, " %u of them rest%s after a connection that is over (`%s`), %suntil ", holders->n_resting,
		   holders->n_resting == 1 ? "s" : "", holders->rest_timer,
		   holders->n_resting == 1 ? "" : "the first ");
	put_time(what, holders->rests_until);
	buf_puts(what, ".");
}

static void put_range(struct maker *maker, const struct holders *holders)
{
	struct buf *what = &maker->what;
	const struct nat_rules *nat = rules_of_nat(maker);
	uint16_t first = nat->port_first;
	uint32_t n = (uint32_t)nat->port_last - nat->port_first + 1;
	if (maker->at->kind == ELEMENT_VIP && holders->worker != NONE)
		(void)world_nat_block(maker->world, nat_node(maker), holders->worker, &first, &n);
	uint32_t usable =
		n == 0 ? 0 : world_nat_usable(maker->world, nat_node(maker), first, (uint16_t)(first + n - 1));
	if (n == 0) {
		put_owner(maker, holders->worker, holders->asked.src);
		buf_printf(what, " has no ports at %s", maker->at->name);
		return;
	}
	buf_printf(what, "All ports that ");
	put_owner(maker, holders->worker, holders->asked.src);
	buf_printf(what, " may use at %s", maker->at->name);
	if (!holders->by_source && holders->n_mappings <= usable)
		buf_printf(what, " (%u, %u-%u)", usable, first, first + n - 1);
	if (nat->reuse == NAT_REUSE_PER_DESTINATION) {
		buf_puts(what, " towards ");
		put_end_point(what, holders->asked.dst, holders->asked.dst_port, holders->asked.proto);
	}
	buf_puts(what, " are taken");
	if (nat->reuse == NAT_REUSE_NEVER)
		buf_puts(what, ", and a port serves one mapping at a time");
}

static bool has_one_source(const struct holders *holders)
{
	for (size_t i = 1; i < holders->n; i++)
		if (!be32_equal(holders->items[i].source, holders->items[0].source))
			return false;
	return true;
}

static bool has_one_destination(const struct holders *holders)
{
	for (size_t i = 1; i < holders->n; i++)
		if (!same_destination(&holders->items[i].first, &holders->items[0].first))
			return false;
	return true;
}

/* One more of the keys that would help, of those that the file can give. */
static void put_choice(struct maker *maker, const char **before, const char *words, const char *setting)
{
	if (!setting)
		return;
	buf_printf(&maker->helps, "%s%s`%s`", *before, words, setting);
	*before = ", or ";
	maker_setting(maker, "%s", setting);
}

/* Blocks of ports grow by their own key, and there are more of them with more workers; a range that all share grows by
 * its ends. More addresses help where a machine is not kept at one, or several machines compete. */
static void help_keys(struct maker *maker, const struct holders *holders)
{
	const struct nat_rules *nat = rules_of_nat(maker);
	bool has_blocks =
		nat->ports_per_worker != NAT_PORTS_SHARED && nat_setting(maker, maker->at, "ports_per_worker");
	bool is_vip = maker->at->kind == ELEMENT_VIP;
	bool is_paired = nat->pooling == NAT_POOLING_PAIRED && (has_one_source(holders) || is_vip);
	bool is_whole = nat->port_first <= 1024 && nat->port_last == UINT16_MAX;
	const char *before = ", or give more ports: ";
	if (has_blocks)
		put_choice(maker, &before, "raise ", nat_setting(maker, maker->at, "ports_per_worker"));
	if (has_blocks && is_vip)
		put_choice(maker, &before, "add workers in ",
			   arena_printf(maker->arena, "network.ases.%s.workers",
					maker->model->ases[maker->at->owner].name));
	if (!has_blocks && !is_whole)
		put_choice(maker, &before, "widen ", nat_setting(maker, maker->at, "port_range"));
	if (!has_blocks && nat->reuse == NAT_REUSE_NEVER && !has_one_destination(holders))
		put_choice(maker, &before, "let a port serve several destinations by ",
			   nat_setting(maker, maker->at, "reuse"));
	if (!is_paired)
		put_choice(maker, &before, "add addresses in ", nat_setting(maker, maker->at, "address"));
	buf_puts(&maker->helps, ".");
}

/* The key by which the subnet of the machine that found no port gets a NAT gateway. */
static void put_gateway_key(struct maker *maker, be32 source)
{
	uint32_t at = element_of_address(maker->model, source);
	uint32_t subnet = at == NONE ? NONE : element_at(maker->model, at)->subnet;
	if (subnet == NONE) {
		buf_puts(&maker->helps, "a NAT gateway for the subnet (`network.vnets`).");
		maker_setting(maker, "network.vnets");
		return;
	}
	const struct subnet_config *config = &maker->model->subnets[subnet];
	const char *vnet = maker->model->vnets[config->vnet].name;
	buf_printf(&maker->helps, "a NAT gateway for the subnet (`network.vnets.%s.subnets.%s." SUBNET_NAT_KEY "`).",
		   vnet, config->name);
	maker_setting(maker, "network.vnets.%s.subnets.%s." SUBNET_NAT_KEY, vnet, config->name);
}

static void help_ports(struct maker *maker, const struct holders *holders)
{
	const char *path = nat_path(maker, maker->at);
	struct buf *helps = &maker->helps;
	buf_puts(helps, "Use fewer connections at once (keep them open and send more over each, or close them sooner)");
	if (!path && maker->at->kind == ELEMENT_FRONTEND) {
		const char *balancer = cause_balancer(maker)->name;
		buf_printf(helps,
			   ", or give more ports: more `ports_per_machine` or frontends in an outbound rule "
			   "(`network.load_balancers.%s.outbound`), or ",
			   balancer);
		maker_setting(maker, "network.load_balancers.%s.outbound", balancer);
		put_gateway_key(maker, holders->asked.src);
		return;
	}
	const char *app =
		maker->at->kind == ELEMENT_APP_OUTBOUND ? element_path(maker->model, maker->arena, maker->at) : NULL;
	if (app) {
		buf_printf(helps,
			   ", or give more ports: more `instances` (`%s.instances`), or, where the app is integrated "
			   "into a subnet, `route_all` and a NAT gateway for that subnet.",
			   app);
		maker_setting(maker, "%s.instances", app);
		return;
	}
	if (!path) {
		buf_puts(helps, ", or give more ports: ");
		put_gateway_key(maker, holders->asked.src);
		return;
	}
	help_keys(maker, holders);
	const char *hold = holders->n_resting > 0 ? nat_setting(maker, maker->at, "port_hold") : NULL;
	if (hold) {
		buf_printf(helps, " A shorter `%s` gives ports back sooner after connections that are over.", hold);
		maker_setting(maker, "%s", hold);
	}
	const char *idle = nat_setting(maker, maker->at, "tcp_idle");
	if (!idle)
		return;
	buf_printf(helps, " A shorter `%s` gives ports back sooner where connections are left idle.", idle);
	maker_setting(maker, "%s", idle);
}

/* ---- limits ---- */

/* A limit of the NAT refuses the packet, though ports are free: the key that the detail names; NULL. */
static const char *limit_of(struct maker *maker)
{
	const char *detail = maker->step->verdict.detail;
	const char *key = detail ? strstr(detail, "`max_") : NULL, *end = key ? strchr(key + 1, '`') : NULL;
	return end ? arena_printf(maker->arena, "%.*s", (int)(end - key - 1), key + 1) : NULL;
}

static void tell_limit(struct maker *maker, const struct holders *holders, const char *key)
{
	const char *setting = nat_setting(maker, maker->at, key);
	buf_printf(&maker->what, "%s makes no mapping for it, though it has free ports: %s", maker->at->name,
		   maker->step->verdict.detail);
	put_holders(maker, holders);
	buf_puts(&maker->helps,
		 "Use fewer connections at once (keep them open and send more over each, or close them sooner)");
	if (setting) {
		buf_printf(&maker->helps, ", or raise `%s`", setting);
		maker_setting(maker, "%s", setting);
	}
	buf_puts(&maker->helps, ".");
}

/* ---- what was found lately ---- */

static bool is_fresh(const struct maker *maker, const struct holders *holders, uint32_t worker)
{
	const struct step *step = maker->step;
	return holders->node == nat_node(maker) && holders->worker == worker &&
	       same_destination(&holders->asked, &step->after) && holders->asked.proto == step->after.proto &&
	       be32_equal(holders->asked.src, step->after.src) &&
	       instant_since(step->at, holders->found) < INT64_C(1000000000);
}

bool cause_of_exhaustion(struct maker *maker)
{
	if (maker->step->verdict.reason != REASON_SNAT_PORTS_EXHAUSTED || !rules_of_nat(maker))
		return false;
	struct holders *holders = causes_holders(maker->causes);
	uint32_t worker = element_port_number(maker->model, nat_node(maker), maker->step->after.src);
	if (!is_fresh(maker, holders, worker)) {
		const struct nat_rules *nat = rules_of_nat(maker);
		*holders = (struct holders){
			.node = nat_node(maker),
			.worker = worker,
			.asked = maker->step->after,
			.found = maker->step->at,
			.by_source = maker->at->kind == ELEMENT_FRONTEND || maker->at->kind == ELEMENT_APP_OUTBOUND ||
				     world_nat_n_sources(maker->world, nat_node(maker)) > 0,
		};
		struct count count = {maker, holders, nat->reuse == NAT_REUSE_PER_DESTINATION};
		if (world_each_mapping(maker->world, nat_node(maker), count_one, &count) < 0 ||
		    world_each_resting(maker->world, count_resting, &count) < 0)
			return false;
		qsort(holders->items, holders->n, sizeof *holders->items, most_first);
	}
	const char *limit = limit_of(maker);
	if (limit) {
		tell_limit(maker, holders, limit);
		return true;
	}
	put_range(maker, holders);
	put_holders(maker, holders);
	help_ports(maker, holders);
	return true;
}
