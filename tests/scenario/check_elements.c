/* The register of elements: what stands in the network, in which order, under which names; which of it translates; and
 * that a world has the same by the same indices. */
#include "loading.h"
#include "model/decided_by.h"
#include "model/elements.h"
#include "network/world.h"
#include "suite.h"
#include <stdlib.h>
#include <string.h>

#define TEXT                                                                                                           \
	"scenario: 1\n"                                                                                                \
	"network:\n"                                                                                                   \
	"  vnets:\n"                                                                                                   \
	"    a: {space: [10.0.0.0/16], peers: [b], subnets: {ase: {cidr: 10.0.1.0/26}, data: {cidr: 10.0.2.0/24}}}\n"  \
	"    b: {space: [10.1.0.0/16], subnets: {data: {cidr: 10.1.2.0/24}}}\n"                                        \
	"    one: {space: [10.2.0.0/16], subnets: {data: {cidr: 10.2.2.0/24}}}\n"                                      \
	"  nsgs: {open: {}, closed: {}}\n"                                                                             \
	"  route_tables: {to-fw: {routes: {}}}\n"                                                                      \
	"  ases: {one: {subnet: a/ase, vip: 192.23.1.2, front_ends: 1, workers: 1}}\n"                                 \
	"  sites: {hq: {prefixes: [172.16.0.0/16], gateway: {vnet: a, kind: vpn}, nat: {address: 203.0.113.1}}}\n"     \
	"  hosts:\n"                                                                                                   \
	"    api: {internet: true, ip: 203.0.113.10}\n"                                                                \
	"    fw: {subnet: a/data, forwards: true, nat: {}}\n"                                                          \
	"    own: {subnet: b/data, public_ip: 203.0.113.11}\n"                                                         \
	"    pc: {site: hq, ip: 172.16.0.10}\n"                                                                        \
	"    router: {subnet: a/data, public_ip: 203.0.113.12, forwards: true}\n"                                      \
	"    store: {service: storage, ip: 203.0.113.13}\n"                                                            \
	"    vm: {subnet: one/data}\n"                                                                                 \
	"timeline: [{at: 1s, scale: one, workers: 2}]\n"

static const struct {
	const char *name;
	enum element_kind kind;
	uint32_t owner, number, vnet;
	const char *nat_name; /* NULL: it does not translate */
} expected[] = {
	{"region/region", ELEMENT_REGION, 0, 0, NONE, NULL},
	{"backbone", ELEMENT_BACKBONE, 0, 0, NONE, NULL},
	{"internet", ELEMENT_INTERNET, 0, 0, NONE, NULL},
	{"one/vip", ELEMENT_VIP, 0, 0, NONE, "one"},
	{"one/front-end-0", ELEMENT_FRONT_END, 0, 0, 0, NULL},
	{"one/worker-0", ELEMENT_WORKER, 0, 0, 0, NULL},
	{"one/worker-1", ELEMENT_WORKER, 0, 1, 0, NULL}, /* the timeline adds it */
	{"a/outbound", ELEMENT_LENT, 0, 0, NONE, "a"},
	{"b/outbound", ELEMENT_LENT, 1, 0, NONE, NULL},             /* its only machine has an address */
	{"one/outbound", ELEMENT_LENT, 2, 0, NONE, "one/outbound"}, /* `one` is the environment's NAT */
	{"gateway/hq", ELEMENT_GATEWAY, 0, 0, NONE, NULL},
	{"hq/nat", ELEMENT_SITE_NAT, 0, 0, NONE, "hq"},
	{"api", ELEMENT_INTERNET_HOST, 0, 0, NONE, NULL},
	{"fw", ELEMENT_APPLIANCE, 1, 0, 0, "fw"},
	{"own", ELEMENT_MACHINE, 2, 0, 1, NULL},
	{"pc", ELEMENT_SITE_MACHINE, 3, 0, NONE, NULL},
	{"router", ELEMENT_APPLIANCE, 4, 0, 0, NULL},
	{"store", ELEMENT_SERVICE, 5, 0, NONE, NULL},
	{"vm", ELEMENT_MACHINE, 6, 0, 2, NULL},
	{"azure-dns", ELEMENT_AZURE_DNS, 0, 0, NONE, NULL},
	{"public-dns", ELEMENT_PUBLIC_DNS, 0, 0, NONE, NULL},
};
#define N_EXPECTED (sizeof expected / sizeof *expected)

static struct loading loading;

static void setup(void)
{
	loading_text(&loading, TEXT);
	ck_assert_ptr_nonnull(loading.model);
}

static void teardown(void)
{
	loading_end(&loading);
}

START_TEST(test_order)
{
	const struct model *m = loading.model;
	ck_assert_uint_eq(m->elements->n, N_EXPECTED);
	for (uint32_t i = 0; i < N_EXPECTED; i++) {
		const struct element *element = element_at(m, i);
		ck_assert_str_eq(element->name, expected[i].name);
		ck_assert_msg(element->kind == expected[i].kind && element->owner == expected[i].owner &&
				      element->number == expected[i].number && element->vnet == expected[i].vnet,
			      "%s", element->name);
		ck_assert_uint_eq(element_find(m, element->name), i);
	}
}
END_TEST

START_TEST(test_by_owner)
{
	const struct model *m = loading.model;
	ck_assert_str_eq(element_at(m, element_of_region(0))->name, "region/region");
	ck_assert_str_eq(element_at(m, element_backbone(m))->name, "backbone");
	ck_assert_str_eq(element_at(m, element_internet(m))->name, "internet");
	ck_assert_str_eq(element_at(m, m->elements->vip[0])->name, "one/vip");
	ck_assert_str_eq(element_at(m, element_front_end(m, 0, 0))->name, "one/front-end-0");
	ck_assert_str_eq(element_at(m, element_worker(m, 0, 1))->name, "one/worker-1");
	ck_assert_str_eq(element_at(m, m->elements->lent[1])->name, "b/outbound");
	ck_assert_str_eq(element_at(m, m->elements->gateway[0])->name, "gateway/hq");
	ck_assert_str_eq(element_at(m, m->elements->nat[0])->name, "hq/nat");
	ck_assert_str_eq(element_at(m, m->elements->host[6])->name, "vm");
	ck_assert_str_eq(element_at(m, m->elements->azure_dns)->name, "azure-dns");
	ck_assert_str_eq(element_at(m, m->elements->public_dns)->name, "public-dns");
}
END_TEST

START_TEST(test_decided_by)
{
	static const struct {
		const char *name;
		enum decided_by_kind kind;
		uint32_t index, other;
	} known[] = {
		{"one/vip", BY_ELEMENT, 3, NONE},        {"nsg/closed", BY_GROUP, 0, NONE},
		{"nsg/open", BY_GROUP, 1, NONE},         {"subnet/a/ase", BY_SUBNET, 0, NONE},
		{"subnet/b/data", BY_SUBNET, 2, NONE},   {"route/to-fw", BY_ROUTE_TABLE, 0, NONE},
		{"route/system", BY_SYSTEM, NONE, NONE}, {"route/gateway", BY_GATEWAY, NONE, NONE},
		{"peering/a/b", BY_PEERING, 0, 1},       {"peering/b/a", BY_PEERING, 1, 0},
	};
	const struct model *m = loading.model;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		const struct decided_by *by = decided_by_find(m, known[i].name);
		ck_assert_msg(by && by->kind == known[i].kind && by->index == known[i].index &&
				      by->other == known[i].other,
			      "%s", known[i].name);
		ck_assert_uint_eq(decided_by(m, known[i].kind, known[i].name), known[i].index);
	}
	ck_assert_str_eq(m->nsgs[0].by, "nsg/closed");
	ck_assert_str_eq(m->subnets[1].by, "subnet/a/data");
	ck_assert_str_eq(m->route_tables[0].by, "route/to-fw");
	ck_assert_str_eq(m->vnets[1].peerings[0].by, "peering/b/a");
	ck_assert_ptr_null(decided_by_find(m, "nsg/other"));
	ck_assert_uint_eq(decided_by(m, BY_ROUTE_TABLE, "nsg/open"), NONE);
	ck_assert(decided_by_route(m, "route/system") && decided_by_route(m, "route/to-fw"));
	ck_assert(!decided_by_route(m, "one/vip"));
	ck_assert_str_eq(decided_by_nearest(m, loading.arena, BY_GROUP, "nsg/opem"), "nsg/open");
}
END_TEST

START_TEST(test_nats)
{
	const struct model *m = loading.model;
	uint32_t nat = element_next_nat(m, 0);
	for (uint32_t i = 0; i < N_EXPECTED; i++) {
		if (!expected[i].nat_name)
			continue;
		ck_assert_uint_eq(nat, i);
		ck_assert_str_eq(element_at(m, i)->nat_name, expected[i].nat_name);
		ck_assert_uint_eq(element_find_nat(m, expected[i].nat_name), i);
		ck_assert_uint_eq(element_find_nat(m, expected[i].name), i);
		nat = element_next_nat(m, i + 1);
	}
	ck_assert_uint_eq(nat, NONE);
	ck_assert_uint_eq(element_find_nat(m, "b"), NONE);
	ck_assert_uint_eq(element_find_nat(m, "router"), NONE);
}
END_TEST

START_TEST(test_world_has_the_same)
{
	struct world *world;
	ck_assert_int_eq(world_new(loading.model, 1, &world), 0);
	ck_assert_uint_eq(world_n_nodes(world), N_EXPECTED);
	for (uint32_t i = 0; i < N_EXPECTED; i++) {
		ck_assert_str_eq(world_node_name(world, i), expected[i].name);
		ck_assert_int_eq(world_node_is_nat(world, i), !!expected[i].nat_name);
		ck_assert_int_eq(world_node_is_end_point(world, i), element_is_end_point(expected[i].kind));
	}
	world_free(world);
}
END_TEST

START_TEST(test_each_kind_has_a_word)
{
	for (size_t i = 0; i < ELEMENT_KIND_COUNT; i++)
		for (size_t k = 0; k <= i; k++)
			ck_assert_msg((strcmp(element_traits[i].word, element_traits[k].word) == 0) == (i == k),
				      "kind %zu", i);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("elements");
	TCase *tcase = tcase_create("elements");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_order);
	tcase_add_test(tcase, test_by_owner);
	tcase_add_test(tcase, test_decided_by);
	tcase_add_test(tcase, test_decided_by);
	tcase_add_test(tcase, test_nats);
	tcase_add_test(tcase, test_world_has_the_same);
	tcase_add_test(tcase, test_each_kind_has_a_word);
	suite_add_tcase(suite, tcase);
	return suite_run(suite);
}
