/* What the makers' files share: draws from the seed, and lines of maps. */
#ifndef PKTPATH_TESTS_MAKER_INTERNAL_H
#define PKTPATH_TESTS_MAKER_INTERNAL_H
#include "base/buf.h"
#include "base/random.h"
#include "maker.h"

#define MAX_ENTRIES 64

struct entries {
	const char *line[MAX_ENTRIES];
	uint32_t n;
};

struct maker {
	struct arena *arena;
	const struct maker_wish *wish;
	uint64_t n_draws;
	uint32_t n_regions, n_vnets, n_ases, n_vms, n_nets, n_services, n_flows;
	uint32_t workers[3];                                    /* of each environment, the fewest at any time */
	bool guarded, routed, has_hq, has_home;                 /* groups, tables and an appliance, sites */
	bool has_gateway, has_balancer, has_wall, has_endpoint; /* maker_azure.c's, all in vnet-0 */
	bool is_basic;                                          /* the balancer */
	bool to_gateway; /* a user's route goes there: Azure takes it for a VPN alone */
	bool failed;
};

static inline uint32_t draw(struct maker *m, uint32_t bound)
{
	return random_below(random_join(m->wish->seed, ++m->n_draws), bound);
}

static inline bool chance(struct maker *m, uint32_t percent)
{
	return draw(m, 100) < percent;
}

static inline const char *pick(struct maker *m, const char *const *choices, uint32_t n)
{
	return choices[draw(m, n)];
}
#define PICK(m, ...)                                                                                                   \
	pick(m, (const char *const[]){__VA_ARGS__}, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

#define TEXT(m, ...) text_or_empty(m, arena_printf((m)->arena, __VA_ARGS__))
static inline const char *text_or_empty(struct maker *m, const char *text)
{
	m->failed |= !text;
	return !text ? "" : text;
}

static inline void add(struct maker *m, struct entries *e, const char *line)
{
	if (e->n == MAX_ENTRIES)
		m->failed = true;
	else
		e->line[e->n++] = line;
}

/* maker_azure.c: a NAT gateway, a load balancer, a firewall and a private endpoint of vnet-0. */
void maker_azure_draw(struct maker *m);
/* Further keys of vnet-0's data subnet, and further subnets of vnet-0, each with ", " before it. */
const char *maker_azure_data(struct maker *m);
const char *maker_azure_subnets(struct maker *m);
void maker_azure_write(struct maker *m, struct buf *out);
void maker_azure_hosts(struct maker *m, struct entries *hosts);
const char *maker_azure_target(struct maker *m); /* NULL: none of these */
void maker_azure_timeline(struct maker *m, struct buf *out);
/* A NAT by a profile, with keys beside it. */
const char *maker_profile_nat(struct maker *m, const char *address, const char *inside);
#endif
