/* Values: defaults, profiles, addresses, references, order. */
#include "base/time.h"
#include "loading.h"
#include "model/elements.h"
#include "net/tuple.h"
#include "suite.h"
#include <string.h>

#define ASE "vnets: {contoso: {space: [10.0.0.0/16], subnets: {ase: {cidr: 10.0.1.0/26}, data: {cidr: 10.0.2.0/24}}}}"

static struct loading loading;

static const struct model *load(const char *text)
{
	loading_text(&loading, text);
	for (size_t i = 0; i < loading.diags.n; i++)
		ck_abort_msg("%u:%u: %s", loading.diags.items[i].place.line, loading.diags.items[i].place.column,
			     loading.diags.items[i].message);
	return loading.model;
}

static void teardown(void)
{
	loading_end(&loading);
}

static void assert_addr(be32 addr, const char *text)
{
	char found[ADDR_TEXT_BYTES];
	ck_assert_str_eq(addr_print(addr, found), text);
}

START_TEST(test_defaults)
{
	const struct model *m = load("scenario: 1\n");
	ck_assert_str_eq(m->file, "t.yaml");
	ck_assert_str_eq(m->name, "t");
	ck_assert_ptr_null(m->about);
	ck_assert_uint_eq(m->seed, 1);
	ck_assert_int_eq(m->start_unix_ns, INT64_C(1450310400) * NS_PER_S);
	ck_assert(!m->has_stop && !m->taps_none);
	ck_assert_uint_eq(m->n_regions, 1);
	ck_assert_str_eq(m->regions[0].name, "region");
	static const int64_t latencies_us[] = {450, 450, 775, 15000, 5000, 15000};
	for (size_t i = 0; i < LINK_CLASS_COUNT; i++) {
		ck_assert_int_eq(m->links[i].latency_ns, latencies_us[i] * NS_PER_US);
		ck_assert(m->links[i].up && m->links[i].jitter_ns == 0 && m->links[i].loss_parts == 0 &&
			  m->links[i].rate_bits_per_s == 0);
	}
	ck_assert_uint_eq(m->n_ases + m->n_apps + m->n_hosts + m->n_flows + m->n_events + m->n_taps + m->n_expects, 0);
}
END_TEST

static void assert_timers(const struct nat_rules *nat, const int64_t seconds[6])
{
	ck_assert_int_eq(nat->tcp_idle_ns, seconds[0] * NS_PER_S);
	ck_assert_int_eq(nat->tcp_transitory_ns, seconds[1] * NS_PER_S);
	ck_assert_int_eq(nat->tcp_reset_ns, seconds[2] * NS_PER_S);
	ck_assert_int_eq(nat->udp_idle_ns, seconds[3] * NS_PER_S);
	ck_assert_int_eq(nat->udp_stream_ns, seconds[4] * NS_PER_S);
	ck_assert_int_eq(nat->icmp_idle_ns, seconds[5] * NS_PER_S);
}

/* The table of scenario.md, column by column. */
START_TEST(test_profiles)
{
	const struct model *m = load("scenario: 1\nnetwork:\n  " ASE "\n  ases:\n"
				     "    a: {subnet: contoso/ase, vip: 192.23.1.2}\n"
				     "    b: {subnet: contoso/ase, vip: 192.23.1.3, snat: {profile: linux}}\n"
				     "    c: {subnet: contoso/ase, vip: 192.23.1.4, snat: {profile: home}}\n"
				     "    d: {subnet: contoso/ase, vip: 192.23.1.5, snat: {profile: linux, udp_idle: "
				     "1m, mapping: endpoint-independent}}\n");
	static const int64_t azure[] = {240, 240, 15, 240, 240, 60}, linux_nat[] = {432000, 120, 10, 30, 120, 30},
			     home[] = {7440, 240, 240, 300, 300, 60};
	const struct nat_rules *a = &m->ases[0].snat, *b = &m->ases[1].snat, *c = &m->ases[2].snat,
			       *d = &m->ases[3].snat;
	assert_timers(a, azure);
	assert_timers(b, linux_nat);
	assert_timers(c, home);
	assert_timers(&m->lent_nat, azure);
	ck_assert(a->mapping == NAT_ON_ADDRESS_AND_PORT && a->udp_mapping == NAT_ON_ADDRESS &&
		  a->allocation == NAT_ALLOCATES_SEQUENTIAL);
	ck_assert(b->mapping == NAT_ON_ADDRESS_AND_PORT && b->udp_mapping == b->mapping &&
		  b->allocation == NAT_ALLOCATES_PRESERVE);
	ck_assert(c->mapping == NAT_ON_ENDPOINT && c->udp_mapping == c->mapping &&
		  c->allocation == NAT_ALLOCATES_PRESERVE);
	ck_assert(a->ports_per_worker == NAT_PORTS_AUTO && b->ports_per_worker == NAT_PORTS_SHARED &&
		  c->ports_per_worker == NAT_PORTS_SHARED);
	ck_assert(a->reuse == NAT_REUSE_PER_DESTINATION && b->reuse == NAT_REUSE_PER_DESTINATION &&
		  c->reuse == NAT_REUSE_NEVER);
	ck_assert(!a->translate_icmp && !a->translate_fragments && b->translate_icmp && b->translate_fragments &&
		  c->translate_icmp);
	for (const struct nat_rules *nat = a;; nat = nat == a ? b : c) {
		ck_assert(nat->filtering == NAT_ON_ADDRESS_AND_PORT && nat->hairpin == (nat != b) &&
			  !nat->reset_on_idle);
		ck_assert(nat->port_first == 1024 && nat->port_last == 65535);
		if (nat == c)
			break;
	}
	ck_assert(d->mapping == NAT_ON_ENDPOINT && d->udp_idle_ns == 60 * NS_PER_S &&
		  d->udp_stream_ns == 60 * NS_PER_S);
	ck_assert(d->tcp_idle_ns == b->tcp_idle_ns && d->allocation == NAT_ALLOCATES_PRESERVE);
}
END_TEST

/* Front ends, then workers up to the most that the timeline asks for, then VMs; given addresses are left out. */
START_TEST(test_addresses)
{
	const struct model *m =
		load("scenario: 1\nnetwork:\n  " ASE "\n  ases: {one: {subnet: contoso/ase, vip: 192.23.1.2}}\n"
		     "  hosts:\n"
		     "    z: {subnet: contoso/ase, ip: 10.0.1.5}\n"
		     "    b: {subnet: contoso/ase}\n"
		     "    a: {subnet: contoso/data}\n"
		     "    c: {subnet: contoso/data, public_ip: 203.0.113.1}\n"
		     "timeline: [{at: 5s, scale: one, workers: 1}, {at: 1s, scale: one, workers: 4}]\n");
	const struct ase_config *ase = &m->ases[0];
	ck_assert_uint_eq(ase->workers, 2);
	ck_assert_uint_eq(ase->max_workers, 4);
	static const char *const instances[] = {"10.0.1.4", "10.0.1.6", "10.0.1.7",
						"10.0.1.8", "10.0.1.9", "10.0.1.10"};
	for (size_t i = 0; i < 6; i++)
		assert_addr(ase->addresses[i], instances[i]);
	assert_addr(m->hosts[0].addr, "10.0.2.4");
	assert_addr(m->hosts[1].addr, "10.0.1.11");
	assert_addr(m->hosts[2].addr, "10.0.2.5");
	assert_addr(m->hosts[2].public_ip, "203.0.113.1");
	assert_addr(m->hosts[3].addr, "10.0.1.5");
	ck_assert_int_eq(m->events[0].at_ns, NS_PER_S); /* by time */
	ck_assert_str_eq(m->events[0].text, "scale one to 4 workers");
}
END_TEST

/* A key without a value is as good as none: `--set network.hosts.vm.ip=` gives the automatic address. */
START_TEST(test_address_without_value)
{
	const struct model *m = load("scenario: 1\nnetwork:\n  " ASE "\n  hosts: {vm: {subnet: contoso/data, ip: }}\n");
	assert_addr(m->hosts[0].addr, "10.0.2.4");
}
END_TEST

START_TEST(test_apps)
{
	const struct model *m =
		load("scenario: 1\nnetwork:\n  " ASE "\n  ases:\n"
		     "    two: {subnet: contoso/ase, vip: 192.23.1.3, apps: {web: {}}}\n"
		     "    one: {subnet: contoso/ase, vip: 192.23.1.2, ports: [ftp, management], needs: [sql],\n"
		     "          apps: {web: {on: [worker-1, worker-0]}, api: {listen: [8080/tcp], dns: "
		     "api.example.net}}}\n");
	ck_assert_uint_eq(m->n_ases, 2);
	ck_assert_uint_eq(m->n_apps, 3);
	ck_assert_str_eq(m->ases[0].name, "one");
	ck_assert(m->ases[0].app_first == 0 && m->ases[0].n_apps == 2 && m->ases[1].app_first == 2 &&
		  m->ases[1].n_apps == 1);
	ck_assert_uint_eq(m->ases[0].ports, VIP_PORTS_FTP | VIP_PORTS_MANAGEMENT);
	ck_assert_uint_eq(m->ases[0].needs, NEED_SQL);
	ck_assert_uint_eq(m->ases[1].ports, VIP_PORTS_ALL);
	ck_assert_uint_eq(m->ases[1].needs, 0); /* the scenario has none of the services */
	const struct app_config *api = &m->apps[0], *web = &m->apps[1], *other = &m->apps[2];
	ck_assert_str_eq(api->dns, "api.example.net");
	ck_assert(api->on_all && api->n_listen == 1 && api->listen[0].port == 8080);
	ck_assert(!web->on_all && web->n_on == 2 && web->on[0] == 1 && web->on[1] == 0); /* in the order given */
	ck_assert_str_eq(web->dns, "web.one.p.azurewebsites.cn");
	ck_assert(web->n_listen == 2 && web->listen[0].port == 80 && web->listen[1].port == 443 &&
		  web->listen[1].proto == PROTO_TCP);
	ck_assert(other->ase == 1 && other->on_all);
}
END_TEST

START_TEST(test_flows)
{
	const struct model *m = load("scenario: 1\nnetwork: {hosts: {a: {internet: true, ip: 203.0.113.1}, b: "
				     "{internet: true, ip: 203.0.113.2}}}\n"
				     "flows:\n"
				     "  plain: {from: a, to: \"b:80/tcp\"}\n"
				     "  full: {from: b, to: \"a:53/udp\", at: 1.5s, repeat: {count: 3, every: 2m}, "
				     "send: 1kB, reply: 0B, rounds: 4, pause: 1h}\n"
				     "  echo: {from: a, to: b/icmp, send: 56B}\n"
				     "  held: {from: a, to: \"203.0.113.2:80/tcp\", then: hold}\n"
				     "  late-callee: {late: {on: held, by: b, at: 1m}}\n"
				     "  late-caller: {late: {on: \"held[0]\", by: a, at: 2m, send: 3B}}\n");
	const struct flow_config *echo = &m->flows[0], *full = &m->flows[1], *held = &m->flows[2],
				 *callee = &m->flows[3], *caller = &m->flows[4], *plain = &m->flows[5];
	ck_assert_str_eq(plain->to_text, "b:80/tcp");
	ck_assert(plain->port == 80 && plain->proto == PROTO_TCP && plain->count == 1 && !plain->repeated &&
		  plain->rounds == 1);
	ck_assert(plain->send_bytes == 200 && plain->reply_bytes == 1000 && plain->then == THEN_CLOSE && !plain->dns &&
		  plain->at_ns == 0);
	ck_assert(plain->from.kind == ENDPOINT_HOST && plain->from.index == 0 && plain->to.index == 1);
	ck_assert(full->proto == PROTO_UDP && full->at_ns == 1500 * NS_PER_MS && full->count == 3 && full->repeated &&
		  full->every_ns == 120 * NS_PER_S);
	ck_assert(full->send_bytes == 1000 && full->reply_bytes == 0 && full->rounds == 4 &&
		  full->pause_ns == 3600 * NS_PER_S);
	ck_assert(echo->proto == PROTO_ICMP && echo->port == 0 && echo->reply_bytes == 56);
	ck_assert(held->to.kind == ENDPOINT_ADDRESS && held->then == THEN_HOLD);
	ck_assert(callee->is_held_push && callee->held_flow == 2 && callee->held_index == 0 &&
		  !callee->push_by_caller && callee->send_bytes == 64);
	ck_assert(caller->is_held_push && caller->push_by_caller && caller->at_ns == 120 * NS_PER_S &&
		  caller->send_bytes == 3);
}
END_TEST

START_TEST(test_events_of_one_instant)
{
	const struct model *m = load("scenario: 1\nnetwork: {hosts: {a: {internet: true, ip: 203.0.113.1}}}\n"
				     "timeline:\n"
				     "  - {at: 2s, stop: a}\n"
				     "  - {at: 1s, link: internet, state: down}\n"
				     "  - {at: 2s, start: a}\n"
				     "  - {at: 1s, link: internet, loss: 50%, latency: 0s}\n"
				     "  - {at: 2s, stop: a}\n");
	static const enum event_kind kinds[] = {EVENT_LINK_CLASS, EVENT_LINK_CLASS, EVENT_STOP, EVENT_START,
						EVENT_STOP};
	static const unsigned lines[] = {5, 7, 4, 6, 8};
	for (size_t i = 0; i < 5; i++) {
		ck_assert_int_eq(m->events[i].kind, kinds[i]);
		ck_assert_uint_eq(m->events[i].place.line, lines[i]);
	}
	ck_assert(m->events[0].has_state && !m->events[0].up && !m->events[0].has_loss && !m->events[0].has_latency);
	ck_assert(!m->events[1].has_state && m->events[1].has_loss && m->events[1].loss_parts == UINT64_C(1) << 31 &&
		  m->events[1].has_latency);
}
END_TEST

START_TEST(test_expectations)
{
	const struct model *m = load("scenario: 1\nnetwork: {hosts: {a: {internet: true, ip: 203.0.113.1}, b: "
				     "{internet: true, ip: 203.0.113.2}}}\n"
				     "flows: {f: {from: a, to: \"b:80/tcp\", repeat: {count: 9, every: 1s}}, g: {from: "
				     "a, to: \"b:80/tcp\"}}\n"
				     "expect:\n"
				     "  - {flow: f, outcome: bad_gateway, id: one}\n"
				     "  - {flow: [\"f[3]\", g, \"f[0..2]\"], seen_at: b, src: 203.0.113.1, src_in: "
				     "203.0.113.0/24, src_not_in: [10.0.0.0/8]}\n"
				     "  - {flow: f, connections: {delivered: 8, timed_out: 1}, reason: link-loss}\n"
				     "  - {tap: internet, packets: {min: 3}}\n"
				     "  - {tap: internet, packets: 0, filter: tcp}\n");
	const struct expect_config *e = m->expects;
	ck_assert_uint_eq(m->n_expects, 5);
	ck_assert(e[0].kind == EXPECT_FLOW && e[0].has_outcome && e[0].outcome == OUTCOME_BAD_GATEWAY &&
		  e[0].ranges[0].last == 8 && !e[0].has_seen_at);
	ck_assert_str_eq(e[0].id, "one");
	ck_assert_str_eq(e[1].text, "f[3], g, f[0..2]");
	ck_assert(e[1].n_ranges == 3 && e[1].ranges[0].first == 3 && e[1].ranges[0].last == 3 &&
		  e[1].ranges[1].flow == 1 && e[1].ranges[2].last == 2);
	ck_assert(e[1].has_seen_at && e[1].seen_at == m->elements->host[1] && e[1].has_src && !e[1].has_dst &&
		  !e[1].src_port.given && e[1].pass == 1);
	ck_assert(e[1].n_src_in == 1 && e[1].n_src_not_in == 1 && e[1].n_dst_in == 0 && !e[1].has_outcome);
	ck_assert(e[2].n_connections == 2 && e[2].connections[0].outcome == OUTCOME_DELIVERED &&
		  e[2].connections[0].count.min == 8 && e[2].connections[0].count.max == 8);
	ck_assert(e[2].has_reason && e[2].reason == REASON_LINK_LOSS);
	ck_assert(e[3].kind == EXPECT_TAP && e[3].count.given && e[3].count.min == 3 && e[3].count.max == UINT64_MAX &&
		  !e[3].filter);
	ck_assert(e[4].count.min == 0 && e[4].count.max == 0);
	ck_assert_str_eq(e[4].filter, "tcp");
	ck_assert_uint_eq(e[4].filter_place.line, 9);
	ck_assert_uint_eq(e[4].filter_place.column, 41);
}
END_TEST

/* Maps are keyed by name: turning them around changes nothing but places. */
START_TEST(test_order)
{
	const struct model *a = load(
		"scenario: 1\nnetwork:\n  regions: {x: {}, y: {}}\n"
		"  vnets: {v: {region: x, space: [10.0.0.0/16], subnets: {s: {cidr: 10.0.0.0/24}, t: {cidr: "
		"10.0.1.0/24}}}, w: "
		"{region: y, space: [10.1.0.0/16]}}\n"
		"  ases: {e: {subnet: v/s, vip: 192.23.1.2, apps: {p: {}, q: {}}}, f: {subnet: v/s, vip: 192.23.1.3}}\n"
		"  hosts: {h: {subnet: v/t}, i: {subnet: v/t}}\n"
		"flows: {k: {from: h, to: \"i:1/tcp\"}, l: {from: e/q, to: \"h:1/tcp\"}}\n");
	struct loading first = loading;
	const struct model *b = load(
		"flows: {l: {to: \"h:1/tcp\", from: e/q}, k: {from: h, to: \"i:1/tcp\"}}\n"
		"network:\n  hosts: {i: {subnet: v/t}, h: {subnet: v/t}}\n"
		"  ases: {f: {vip: 192.23.1.3, subnet: v/s}, e: {subnet: v/s, vip: 192.23.1.2, apps: {q: {}, p: {}}}}\n"
		"  vnets: {w: {region: y, space: [10.1.0.0/16]}, v: {subnets: {t: {cidr: 10.0.1.0/24}, s: {cidr: "
		"10.0.0.0/24}}, "
		"region: x, space: [10.0.0.0/16]}}\n"
		"  regions: {y: {}, x: {}}\nscenario: 1\n");
	for (size_t i = 0; i < 2; i++) {
		ck_assert_str_eq(a->regions[i].name, b->regions[i].name);
		ck_assert_str_eq(a->vnets[i].name, b->vnets[i].name);
		ck_assert_uint_eq(a->vnets[i].region, b->vnets[i].region);
		ck_assert_str_eq(a->subnets[i].name, b->subnets[i].name);
		ck_assert_str_eq(a->ases[i].name, b->ases[i].name);
		for (size_t k = 0; k < 4; k++)
			ck_assert_uint_eq(a->ases[i].addresses[k].raw, b->ases[i].addresses[k].raw);
		ck_assert_str_eq(a->apps[i].name, b->apps[i].name);
		ck_assert_str_eq(a->hosts[i].name, b->hosts[i].name);
		ck_assert_uint_eq(a->hosts[i].addr.raw, b->hosts[i].addr.raw);
		ck_assert_str_eq(a->flows[i].name, b->flows[i].name);
		ck_assert_uint_eq(a->flows[i].from.index, b->flows[i].from.index);
		ck_assert_uint_eq(a->flows[i].to.index, b->flows[i].to.index);
	}
	loading_end(&first);
}
END_TEST

START_TEST(test_file_that_is_not_there)
{
	loading_text(&loading, "scenario: 1\n");
	struct model *model;
	ck_assert_int_lt(scenario_load_file(loading.arena, "/nowhere/at/all.yaml", NULL, 0, &loading.diags, &model), 0);
	ck_assert_ptr_null(model);
	ck_assert_int_lt(scenario_load_file(loading.arena, "/", NULL, 0, &loading.diags, &model), 0);
	ck_assert_uint_eq(loading.diags.n, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("scenario/model");
	TCase *c = tcase_create("model");

	tcase_add_checked_fixture(c, NULL, teardown);
	tcase_add_test(c, test_defaults);
	tcase_add_test(c, test_profiles);
	tcase_add_test(c, test_addresses);
	tcase_add_test(c, test_address_without_value);
	tcase_add_test(c, test_apps);
	tcase_add_test(c, test_flows);
	tcase_add_test(c, test_events_of_one_instant);
	tcase_add_test(c, test_expectations);
	tcase_add_test(c, test_order);
	tcase_add_test(c, test_file_that_is_not_there);
	suite_add_tcase(s, c);
	return suite_run(s);
}
