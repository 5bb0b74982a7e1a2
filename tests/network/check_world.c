/* The world, by small scenarios: one claim a test, from the file's text to the outcome. */
#include "base/arena.h"
#include "model/snat_ports.h"
#include "network/world.h"
#include "scenario/load.h"
#include "suite.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct lab {
	struct arena *arena;
	struct diag_list diags;
	struct model *model;
	struct world *world;
};

/* One VNet, two environments in one region, a VM in another subnet, a neighbour in the first one's own, a remote
 * service, hosts on the Internet. */
static const char network[] =
	"scenario: 1\n"
	"network:\n"
	"  regions: {east: {}, west: {}}\n"
	"  vnets:\n"
	"    contoso:\n"
	"      region: east\n"
	"      space: [10.0.0.0/16]\n"
	"      subnets: {one: {cidr: 10.0.1.0/26}, two: {cidr: 10.0.1.64/26}, data: {cidr: 10.0.2.0/24}}\n"
	"    other: {region: east, space: [10.9.0.0/16], subnets: {x: {cidr: 10.9.1.0/24}}}\n"
	"  ases:\n"
	"    one: {subnet: contoso/one, vip: 192.23.1.2, apps: {web: {}, jobs: {on: [worker-1]}}}\n"
	"    two: {subnet: contoso/two, vip: 192.23.1.3, workers: 1, apps: {back: {}}}\n"
	"  hosts:\n"
	"    api: {internet: true, ip: 203.0.113.10, listen: [443/tcp, 8080/tcp, 53/udp, 7/udp], dns: "
	"api.example.net}\n"
	"    peer: {internet: true, ip: 198.51.100.7, listen: [8080/tcp]}\n"
	"    db: {subnet: contoso/data, ip: 10.0.2.10, listen: [1433/tcp, 7/udp]}\n"
	"    pub: {subnet: contoso/data, ip: 10.0.2.11, public_ip: 192.23.9.9, listen: [8080/tcp]}\n"
	"    near: {subnet: contoso/one, listen: [80/tcp]}\n"
	"    far: {subnet: other/x, listen: [80/tcp]}\n"
	"    sql: {region: west, ip: 192.23.8.8, service: sql}\n"
	"    store: {region: east, ip: 192.23.8.9, service: storage}\n";

static void lab_open(struct lab *lab, const char *rest)
{
	lab->arena = arena_new();
	char *text = arena_printf(lab->arena, "%s%s", network, rest);
	diag_init(&lab->diags, lab->arena);
	ck_assert_int_eq(
		scenario_load_text(lab->arena, "lab.yaml", text, strlen(text), NULL, 0, &lab->diags, &lab->model), 0);
	if (!lab->model)
		ck_abort_msg("%s:%u: %s", lab->diags.items[0].place.file, lab->diags.items[0].place.line,
			     lab->diags.items[0].message);
	ck_assert_int_eq(world_new(lab->model, lab->model->seed, &lab->world), 0);
}

static void lab_run(struct lab *lab)
{
	ck_assert_int_eq(world_run(lab->world, INSTANT_NEVER, UINT64_MAX), 1);
	for (uint32_t i = 0; i < lab->model->n_flows; i++) {
		struct world_counts counts;
		world_flow_counts(lab->world, i, &counts);
		if (!lab->model->has_stop)
			ck_assert_uint_eq(counts.originated, counts.delivered + counts.dropped);
	}
}

static void lab_close(struct lab *lab)
{
	world_free(lab->world);
	diag_deinit(&lab->diags);
	arena_free(lab->arena);
}

static struct world_connection connection(const struct lab *lab, const char *flow, uint32_t index)
{
	for (uint32_t i = 0; i < lab->model->n_flows; i++)
		if (strcmp(lab->model->flows[i].name, flow) == 0) {
			struct world_connection c;
			world_connection(lab->world, i, index, &c);
			return c;
		}
	ck_abort_msg("no flow %s", flow);
}

static void expect_call(const char *call, enum outcome outcome, enum reason reason, const char *by)
{
	struct lab lab;
	char flows[512];
	(void)snprintf(flows, sizeof flows, "flows:\n  f: {%s}\n", call);
	lab_open(&lab, flows);
	lab_run(&lab);
	struct world_connection c = connection(&lab, "f", 0);
	ck_assert_msg(c.started, "%s did not start", call);
	ck_assert_msg(c.outcome == outcome, "%s: %s", call, outcome_name(c.outcome));
	if (reason == REASON_NONE) {
		ck_assert_msg(!c.loss, "%s lost a packet: %s", call, c.loss ? reason_name(c.loss->verdict.reason) : "");
	} else {
		ck_assert_msg(c.loss && c.loss->verdict.reason == reason, "%s: %s", call,
			      c.loss ? reason_name(c.loss->verdict.reason) : "nothing lost");
		ck_assert_str_eq(c.loss->verdict.by, by);
	}
	lab_close(&lab);
}

static const struct {
	const char *call;
	enum outcome outcome;
	enum reason reason;
	const char *by;
} calls[] = {
	{"from: one/web, to: api:443/tcp", OUTCOME_DELIVERED, REASON_NONE, NULL},
	{"from: one/web, to: api:443/tcp, dns: true", OUTCOME_DELIVERED, REASON_NONE, NULL},
	{"from: api, to: one/web:80/tcp, dns: true", OUTCOME_DELIVERED, REASON_NONE, NULL},
	{"from: one/web, to: db:1433/tcp, send: 40kB, reply: 3MB, rounds: 2", OUTCOME_DELIVERED, REASON_NONE, NULL},
	{"from: one/web, to: db:1433/tcp, reply: 0B, rounds: 3", OUTCOME_DELIVERED, REASON_NONE, NULL},
	{"from: one/web, to: db:7/udp, rounds: 3, pause: 1s", OUTCOME_DELIVERED, REASON_NONE, NULL},
	{"from: one/web, to: db/icmp", OUTCOME_DELIVERED, REASON_NONE, NULL},
	{"from: one/web, to: api:7/udp", OUTCOME_DELIVERED, REASON_NONE, NULL},
	{"from: one/worker-1, to: sql:1433/tcp", OUTCOME_DELIVERED, REASON_NONE, NULL},
	{"from: one/web, to: store:443/tcp", OUTCOME_DELIVERED, REASON_NONE, NULL},
	{"from: one/web, to: two/back:443/tcp", OUTCOME_DELIVERED, REASON_NONE, NULL},
	{"from: one/web, to: one/web:80/tcp", OUTCOME_DELIVERED, REASON_NONE, NULL},
	{"from: peer, to: one:21/tcp", OUTCOME_DELIVERED, REASON_NONE, NULL},
	{"from: peer, to: one:4022/tcp", OUTCOME_DELIVERED, REASON_NONE, NULL},
	{"from: peer, to: one:454/tcp", OUTCOME_TIMED_OUT, REASON_VIP_PORT_CLOSED, "one/vip"},
	{"from: peer, to: pub:8080/tcp", OUTCOME_DELIVERED, REASON_NONE, NULL},
	{"from: pub, to: peer:8080/tcp", OUTCOME_DELIVERED, REASON_NONE, NULL},
	{"from: db, to: peer:8080/tcp", OUTCOME_DELIVERED, REASON_NONE, NULL},
	{"from: peer, to: api:8080/tcp, then: reset", OUTCOME_DELIVERED, REASON_NONE, NULL},
	{"from: one/web, to: near:80/tcp", OUTCOME_TIMED_OUT, REASON_SAME_SUBNET_AS_ASE, "subnet/contoso/one"},
	{"from: near, to: one/worker-0:80/tcp", OUTCOME_TIMED_OUT, REASON_SAME_SUBNET_AS_ASE, "subnet/contoso/one"},
	{"from: one/web, to: far:80/tcp", OUTCOME_TIMED_OUT, REASON_NOT_PEERED, "route/system"},
	{"from: one/web, to: 172.31.0.100:80/tcp", OUTCOME_TIMED_OUT, REASON_ROUTE_NONE, "route/system"},
	{"from: one/web, to: 10.0.2.99:80/tcp", OUTCOME_TIMED_OUT, REASON_NO_ROUTE, "one/worker-0"},
	{"from: one/web, to: 203.0.113.99:80/tcp", OUTCOME_TIMED_OUT, REASON_NO_ROUTE, "internet"},
	{"from: one/web, to: api:81/tcp", OUTCOME_REFUSED, REASON_NO_LISTENER, "api"},
	{"from: db, to: one/worker-0:81/tcp", OUTCOME_REFUSED, REASON_NO_LISTENER, "one/worker-0"},
	{"from: one/web, to: db:9/udp", OUTCOME_REFUSED, REASON_NO_LISTENER, "db"},
	{"from: one/web, to: api:9/udp", OUTCOME_TIMED_OUT, REASON_NO_LISTENER, "api"},
	{"from: one/web, to: api/icmp", OUTCOME_TIMED_OUT, REASON_ICMP_NOT_TRANSLATED, "one/vip"},
	{"from: peer, to: one:8081/tcp", OUTCOME_TIMED_OUT, REASON_VIP_PORT_CLOSED, "one/vip"},
	{"from: peer, to: one:53/udp", OUTCOME_TIMED_OUT, REASON_VIP_PORT_CLOSED, "one/vip"},
};

/* Azure's resolver is beyond groups, both ways. */
START_TEST(test_groups_do_not_touch_azures_resolver)
{
	struct lab lab;
	lab_open(&lab, "    guarded: {subnet: contoso/data, nsg: all-shut}\n"
		       "  nsgs: {all-shut: {inbound: [{name: in, priority: 100, action: deny}], outbound: [{name: web, "
		       "priority: 100, action: allow, proto: tcp}, "
		       "{name: out, priority: 200, action: deny}]}}\n"
		       "flows: {f: {from: guarded, to: \"api:443/tcp\", dns: true}}\n");
	lab_run(&lab);
	struct world_connection c = connection(&lab, "f", 0);
	ck_assert_str_eq(outcome_name(c.outcome), "delivered");
	ck_assert_ptr_null(c.loss);
	lab_close(&lab);
}
END_TEST

START_TEST(calls_end_as_they_do)
{
	expect_call(calls[_i].call, calls[_i].outcome, calls[_i].reason, calls[_i].by);
}
END_TEST

START_TEST(a_front_end_without_workers_answers_502)
{
	struct lab lab;
	lab_open(&lab, "flows:\n  f: {from: peer, to: two/back:80/tcp, at: 10s}\n  g: {from: peer, to: "
		       "two/back:443/tcp, at: 60s}\n"
		       "timeline: [{at: 1s, stop: two/worker-0}, {at: 50s, start: two/worker-0}]\n");
	lab_run(&lab);
	struct world_connection f = connection(&lab, "f", 0);
	ck_assert_int_eq(f.outcome, OUTCOME_BAD_GATEWAY);
	ck_assert_int_eq(f.loss->verdict.reason, REASON_HOST_DOWN);
	ck_assert_int_eq(connection(&lab, "g", 0).outcome, OUTCOME_DELIVERED);
	lab_close(&lab);
}
END_TEST

START_TEST(links_fail_and_come_back)
{
	struct lab lab;
	lab_open(&lab, "flows:\n"
		       "  class: {from: one/web, to: api:443/tcp, at: 1s}\n"
		       "  edge: {from: one/web, to: api:443/tcp, at: 200s}\n"
		       "  besides: {from: one/web, to: peer:8080/tcp, at: 200s}\n"
		       "  after: {from: one/web, to: api:443/tcp, at: 400s}\n"
		       "timeline:\n"
		       "  - {at: 0s, link: internet, state: down}\n"
		       "  - {at: 180s, link: internet, state: up}\n"
		       "  - {at: 190s, link: internet--api, state: down}\n"
		       "  - {at: 390s, link: api--internet, state: up, latency: 70ms}\n"
		       "  - {at: 391s, link: internet, state: up}\n");
	lab_run(&lab);
	struct world_connection class = connection(&lab, "class", 0), edge = connection(&lab, "edge", 0),
				after = connection(&lab, "after", 0);
	ck_assert_int_eq(class.outcome, OUTCOME_TIMED_OUT);
	ck_assert_int_eq(class.loss->verdict.reason, REASON_LINK_DOWN);
	ck_assert_str_eq(class.loss->verdict.by, "internet");
	ck_assert_int_eq(edge.outcome, OUTCOME_TIMED_OUT);
	ck_assert_str_eq(edge.loss->verdict.by, "internet--api");
	ck_assert_int_eq(connection(&lab, "besides", 0).outcome, OUTCOME_DELIVERED);
	ck_assert_int_eq(after.outcome, OUTCOME_DELIVERED);
	ck_assert_int_ge(instant_since(after.ended_at, after.started_at), 2 * 140 * NS_PER_MS);
	const char *why;
	ck_assert(!world_event_was_inert(lab.world, 3, &why));
	ck_assert(world_event_was_inert(lab.world, 4, &why));
	lab_close(&lab);
}
END_TEST

START_TEST(workers_take_turns_and_an_app_stays_on_its_own)
{
	struct lab lab;
	lab_open(&lab, "flows:\n  all: {from: one/web, to: db:1433/tcp, repeat: {count: 4, every: 1s}}\n  some: {from: "
		       "one/jobs, to: db:1433/tcp, repeat: {count: 2, every: 1s}}\n");
	lab_run(&lab);
	ck_assert_str_eq(connection(&lab, "all", 0).from, "one/worker-0");
	ck_assert_str_eq(connection(&lab, "all", 1).from, "one/worker-1");
	ck_assert_str_eq(connection(&lab, "all", 2).from, "one/worker-0");
	ck_assert_str_eq(connection(&lab, "some", 0).from, "one/worker-1");
	ck_assert_str_eq(connection(&lab, "some", 1).from, "one/worker-1");
	lab_close(&lab);
}
END_TEST

START_TEST(scaling_down_takes_app_connections_and_mappings_along)
{
	struct lab lab;
	lab_open(&lab, "flows:\n"
		       "  held: {from: one/jobs, to: api:8080/tcp, then: hold}\n"
		       "  moved: {from: one/jobs, to: api:8080/tcp, at: 20s}\n"
		       "  push: {late: {on: held, by: api, at: 30s}}\n"
		       "timeline: [{at: 10s, scale: one, workers: 1}]\n");
	lab_run(&lab);
	ck_assert_str_eq(connection(&lab, "moved", 0).from, "one/worker-0");
	struct world_connection push = connection(&lab, "push", 0);
	ck_assert_int_eq(push.outcome, OUTCOME_TIMED_OUT);
	ck_assert_int_eq(push.loss->verdict.reason, REASON_NO_MAPPING);
	lab_close(&lab);
}
END_TEST

START_TEST(a_pool_that_grows_past_a_step_takes_ports_back)
{
	ck_assert_uint_eq(azure_snat_ports(1), 1024);
	ck_assert_uint_eq(azure_snat_ports(50), 1024);
	ck_assert_uint_eq(azure_snat_ports(51), 512);
	ck_assert_uint_eq(azure_snat_ports(200), 256);
	ck_assert_uint_eq(azure_snat_ports(400), 128);
	ck_assert_uint_eq(azure_snat_ports(800), 64);
	ck_assert_uint_eq(azure_snat_ports(1000), 32);
}
END_TEST

START_TEST(names_mean_what_they_should)
{
	struct lab lab;
	be32 addr;
	lab_open(&lab, "");
	ck_assert(world_resolve(lab.world, "web.one.p.azurewebsites.cn", NONE, NONE, &addr) &&
		  be32_to(addr) == 0xc0170102);
	ck_assert(world_resolve(lab.world, "API.example.net", NONE, NONE, &addr) && be32_to(addr) == 0xcb00710a);
	ck_assert(!world_resolve(lab.world, "nobody.example.net", NONE, NONE, &addr));
	lab_close(&lab);
}
END_TEST

START_TEST(health_names_what_cannot_be_reached)
{
	struct lab lab;
	struct world_need_loss losses[N_NEEDS];
	lab_open(&lab, "timeline: [{at: 1s, link: backbone, state: down}, {at: 2s, stop: store}]\n");
	ck_assert_uint_eq(world_health(lab.world, 0, losses), 0);
	ck_assert_int_eq(world_run(lab.world, (struct instant){1500 * NS_PER_MS}, UINT64_MAX), 0);
	ck_assert_uint_eq(world_health(lab.world, 0, losses), NEED_SQL);
	ck_assert_int_eq(losses[1].verdict.reason, REASON_LINK_DOWN);
	lab_run(&lab);
	ck_assert_uint_eq(world_health(lab.world, 0, losses), NEED_SQL | NEED_STORAGE);
	ck_assert_int_eq(losses[0].verdict.reason, REASON_HOST_DOWN);
	lab_close(&lab);
}
END_TEST

START_TEST(a_late_push_reaches_the_other_end_through_a_front_end)
{
	struct lab lab;
	lab_open(&lab, "flows:\n  held: {from: peer, to: two/back:80/tcp, then: hold}\n  down: {late: {on: held, by: "
		       "two/back, at: 30s}}\n"
		       "  up: {late: {on: held, by: peer, at: 60s, send: 5kB}}\n  never: {late: {on: held, by: peer, "
		       "at: 1ms}}\n");
	lab_run(&lab);
	ck_assert_int_eq(connection(&lab, "down", 0).outcome, OUTCOME_DELIVERED);
	ck_assert_int_eq(connection(&lab, "up", 0).outcome, OUTCOME_DELIVERED);
	ck_assert(!connection(&lab, "never", 0).started);
	lab_close(&lab);
}
END_TEST

START_TEST(a_slow_line_queues_and_then_drops)
{
	struct lab lab;
	lab_open(&lab, "flows:\n  f: {from: one/web, to: db:1433/tcp, reply: 200kB}\n");
	lab_close(&lab);
	struct arena *arena = arena_new();
	struct scenario_override slow[] = {{"network.links.vnet.rate", "10Mbit/s"},
					   {"network.links.vnet.queue", "8kB"}};
	const char *text =
		arena_printf(arena, "%sflows:\n  f: {from: one/web, to: db:1433/tcp, reply: 200kB}\n", network);
	struct diag_list diags;
	struct model *model;
	struct world *world;
	struct world_connection c;
	diag_init(&diags, arena);
	ck_assert_int_eq(scenario_load_text(arena, "lab.yaml", text, strlen(text), slow, 2, &diags, &model), 0);
	ck_assert_ptr_nonnull(model);
	ck_assert_int_eq(world_new(model, 1, &world), 0);
	ck_assert_int_eq(world_run(world, INSTANT_NEVER, UINT64_MAX), 1);
	world_connection(world, 0, 0, &c);
	ck_assert_int_eq(c.outcome, OUTCOME_DELIVERED);
	ck_assert_int_eq(c.loss->verdict.reason, REASON_QUEUE_FULL);
	ck_assert_uint_gt(c.retransmissions, 0);
	/* 200 kB at 10 Mbit/s take 160 ms at the least. */
	ck_assert_int_gt(instant_since(c.ended_at, c.started_at), 160 * NS_PER_MS);
	world_free(world);
	diag_deinit(&diags);
	arena_free(arena);
}
END_TEST

START_TEST(a_run_can_be_cut_into_steps)
{
	struct lab whole, steps;
	const char *flows = "flows:\n  f: {from: one/web, to: two/back:443/tcp, repeat: {count: 20, every: 3ms}}\n";
	lab_open(&whole, flows);
	lab_open(&steps, flows);
	lab_run(&whole);
	while (world_run(steps.world, INSTANT_NEVER, 7) == 0)
		;
	struct world_counts a, b;
	world_counts(whole.world, &a);
	world_counts(steps.world, &b);
	ck_assert_mem_eq(&a, &b, sizeof a);
	ck_assert_uint_eq(a.in_flight, 0);
	ck_assert_uint_eq(a.originated, a.delivered + a.dropped);
	lab_close(&whole);
	lab_close(&steps);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("network/world");
	TCase *tcase = tcase_create("world");
	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, calls_end_as_they_do, 0, (int)(sizeof calls / sizeof *calls));
	tcase_add_test(tcase, test_groups_do_not_touch_azures_resolver);
	tcase_add_test(tcase, a_front_end_without_workers_answers_502);
	tcase_add_test(tcase, links_fail_and_come_back);
	tcase_add_test(tcase, workers_take_turns_and_an_app_stays_on_its_own);
	tcase_add_test(tcase, scaling_down_takes_app_connections_and_mappings_along);
	tcase_add_test(tcase, a_pool_that_grows_past_a_step_takes_ports_back);
	tcase_add_test(tcase, names_mean_what_they_should);
	tcase_add_test(tcase, health_names_what_cannot_be_reached);
	tcase_add_test(tcase, a_late_push_reaches_the_other_end_through_a_front_end);
	tcase_add_test(tcase, a_slow_line_queues_and_then_drops);
	tcase_add_test(tcase, a_run_can_be_cut_into_steps);
	suite_add_tcase(suite, tcase);
	return suite_run(suite);
}
