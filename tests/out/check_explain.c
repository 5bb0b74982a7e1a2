/* The words of explanations: who reads them copies names out of them, so they are fixed here. */
#include "net/header.h"
#include "out/explain.h"
#include "suite.h"
#include "support.h"
#include <string.h>

static const struct place RULE = {"s.yaml", 12, 5};

static struct explain_step step_of(enum step_kind kind, const char *by, const char *rule)
{
	struct explain_step step = {.kind = kind, .verdict = {.by = by, .rule = rule}};
	step.before = tuple_of("10.0.1.6", 49152, "203.0.113.10", 443);
	step.after = step.before;
	if (rule)
		step.verdict.place = RULE;
	return step;
}

static void assert_words(const struct explain_step *step, const char *what, const char *whose)
{
	struct buf text = {0};
	explain_what(&text, step);
	ck_assert_str_eq(buf_text(&text), what);
	buf_clear(&text);
	explain_whose(&text, step);
	ck_assert_str_eq(buf_text(&text), whose);
	buf_free(&text);
}

START_TEST(test_filter)
{
	struct explain_step step = step_of(STEP_FILTER, "nsg/front", "allow-web");
	assert_words(&step, "allowed outbound", "by rule allow-web of nsg/front");
	step.flags = STEP_INBOUND;
	assert_words(&step, "allowed inbound", "by rule allow-web of nsg/front");
	step.verdict.rule = "AllowVnetInBound";
	step.verdict.place = PLACE_NONE;
	assert_words(&step, "allowed inbound", "by the platform's rule AllowVnetInBound of nsg/front");
}
END_TEST

START_TEST(test_flow_record)
{
	struct explain_step step = step_of(STEP_FILTER, "nsg/front", NULL);
	assert_words(&step, "allowed outbound by its flow record", "by nsg/front");
	step.opened_by = (struct verdict){.by = "nsg/nic", .rule = "allow-web", .place = RULE};
	assert_words(&step, "allowed outbound by its flow record", "opened by rule allow-web of nsg/nic");
	step.opened_by = (struct verdict){.by = "nsg/nic", .rule = "AllowVnetInBound"};
	assert_words(&step, "allowed outbound by its flow record",
		     "opened by the platform's rule AllowVnetInBound of nsg/nic");
}
END_TEST

START_TEST(test_route)
{
	struct explain_step step = step_of(STEP_ROUTE, "route/spoke", "default");
	step.is_route = true;
	assert_words(&step, "routed", "by route default of route/spoke");
	step.next_hop = "appliance fw";
	step.prefix = "0.0.0.0/0";
	assert_words(&step, "routed to appliance fw", "by route default (0.0.0.0/0) of route/spoke");
	step.verdict.rule = "0.0.0.0/0"; /* a route without a name of its own */
	assert_words(&step, "routed to appliance fw", "by route 0.0.0.0/0 of route/spoke");
}
END_TEST

START_TEST(test_translate)
{
	struct explain_step step = step_of(STEP_TRANSLATE, "ase-one/vip", "snat");
	step.after.src = tuple_of("192.23.1.2", 0, "0.0.0.0", 0).src;
	assert_words(&step, "source rewritten", "by rule snat of ase-one/vip");
	step.after = step.before;
	step.after.src_port = be16_from(1024);
	assert_words(&step, "source rewritten", "by rule snat of ase-one/vip");
	step.after.dst_port = be16_from(80);
	assert_words(&step, "source and destination rewritten", "by rule snat of ase-one/vip");
	step.after.src_port = step.before.src_port;
	step.verdict.rule = NULL;
	assert_words(&step, "destination rewritten", "by ase-one/vip");
	/* The identifier of an echo is on both sides. */
	step.before = tuple_of("10.0.1.6", 7, "203.0.113.10", 7);
	step.after = tuple_of("192.23.1.2", 9, "203.0.113.10", 9);
	step.before.proto = step.after.proto = PROTO_ICMP;
	assert_words(&step, "source rewritten", "by ase-one/vip");
}
END_TEST

START_TEST(test_drop)
{
	struct explain_step step = step_of(STEP_DROP, "nsg/front", "deny-rest");
	step.verdict.reason = REASON_NSG_DENY;
	step.flags = STEP_INBOUND;
	assert_words(&step, "DROPPED: nsg-deny, inbound", "by rule deny-rest of nsg/front");
	step.verdict.rule = "DenyAllOutBound";
	step.verdict.place = PLACE_NONE;
	step.flags = 0;
	assert_words(&step, "DROPPED: nsg-deny, outbound", "by the platform's rule DenyAllOutBound of nsg/front");
	step = step_of(STEP_DROP, "route/spoke", "nowhere");
	step.is_route = true;
	step.verdict.reason = REASON_ROUTE_NONE;
	step.prefix = "198.51.100.0/24";
	assert_words(&step, "DROPPED: route-none", "by route nowhere (198.51.100.0/24) of route/spoke");
	step = step_of(STEP_DROP, "ase-one/vip",
		       "hairpin"); /* a rule without a line is the platform's in a group alone */
	step.verdict.reason = REASON_FILTERED;
	step.verdict.place = PLACE_NONE;
	assert_words(&step, "DROPPED: filtered", "by rule hairpin of ase-one/vip");
	step = step_of(STEP_DROP, "internet", NULL);
	step.verdict.reason = REASON_LINK_LOSS;
	assert_words(&step, "DROPPED: link-loss", "by internet");
}
END_TEST

START_TEST(test_where_nobody_decides)
{
	struct explain_step step = step_of(STEP_ORIGINATE, "api", NULL);
	step.packet = "SYN";
	assert_words(&step, "sends SYN", "");
	step = step_of(STEP_FORWARD, "internet", NULL);
	assert_words(&step, "passes on, unchanged", "");
	step.ttl_before = 64;
	step.ttl = 63;
	assert_words(&step, "passes on, TTL lowered from 64 to 63", "");
	step.flags = STEP_INBOUND;
	assert_words(&step, "arrives", "");
	step = step_of(STEP_DELIVER, "api", NULL);
	assert_words(&step, "delivered", "");
}
END_TEST

START_TEST(test_packets)
{
	struct arena *arena = arena_new();
	char text[EXPLAIN_PACKET_BYTES];
	struct packet packet;
	make_packet(&packet, arena, tuple_of("10.0.1.6", 49152, "203.0.113.10", 443), 1, 0);
	struct tcp_header *tcp = packet_l4(&packet);
	tcp->flags = TCP_SYN;
	ck_assert_str_eq(explain_packet(&packet, text), "SYN");
	tcp->flags = TCP_SYN | TCP_ACK;
	ck_assert_str_eq(explain_packet(&packet, text), "SYN, ACK");
	tcp->flags = TCP_RST;
	ck_assert_str_eq(explain_packet(&packet, text), "RST");
	make_packet(&packet, arena, tuple_of("10.0.1.6", 49152, "203.0.113.10", 443), 1, 1);
	tcp->flags = TCP_PSH | TCP_ACK;
	ck_assert_str_eq(explain_packet(&packet, text), "PSH, ACK with 1 byte");
	tcp->flags = 0xff; /* all of them at once, and the largest size, fit */
	packet.payload_bytes = UINT32_MAX;
	ck_assert_str_eq(explain_packet(&packet, text), "SYN, FIN, RST, PSH, ACK with 4294967295 bytes");
	packet_ip(&packet)->flags_fragment = be16_from(185);
	ck_assert_str_eq(explain_packet(&packet, text), "a later fragment");
	arena_free(arena);
}
END_TEST

START_TEST(test_datagrams_and_echoes)
{
	struct arena *arena = arena_new();
	char text[EXPLAIN_PACKET_BYTES];
	struct packet packet;
	make_packet(&packet, arena, tuple_of("10.0.1.6", 49152, "168.63.129.16", 53), 1, 20);
	packet_ip(&packet)->proto = PROTO_UDP;
	struct udp_header *udp = packet_l4(&packet);
	ck_assert_str_eq(explain_packet(&packet, text), "DNS query");
	udp->src_port = be16_from(53);
	udp->dst_port = be16_from(49152);
	ck_assert_str_eq(explain_packet(&packet, text), "DNS answer");
	udp->src_port = be16_from(123);
	ck_assert_str_eq(explain_packet(&packet, text), "UDP with 20 bytes");
	packet_ip(&packet)->proto = PROTO_ICMP;
	static const struct {
		uint8_t type, code;
		const char *name;
	} cases[] = {{ICMP_ECHO, 0, "ICMP echo request"},
		     {ICMP_ECHO_REPLY, 0, "ICMP echo reply"},
		     {ICMP_UNREACHABLE, 3, "ICMP port unreachable"},
		     {ICMP_UNREACHABLE, 4, "ICMP fragmentation needed"},
		     {ICMP_UNREACHABLE, 1, "ICMP unreachable"},
		     {ICMP_TIME_EXCEEDED, 0, "ICMP time exceeded"},
		     {13, 0, "ICMP"}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct icmp_header *icmp = packet_l4(&packet);
		icmp->type = cases[i].type;
		icmp->code = cases[i].code;
		ck_assert_str_eq(explain_packet(&packet, text), cases[i].name);
	}
	arena_free(arena);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("explain");
	TCase *all = tcase_create("all");
	tcase_add_test(all, test_filter);
	tcase_add_test(all, test_flow_record);
	tcase_add_test(all, test_route);
	tcase_add_test(all, test_translate);
	tcase_add_test(all, test_drop);
	tcase_add_test(all, test_where_nobody_decides);
	tcase_add_test(all, test_packets);
	tcase_add_test(all, test_datagrams_and_echoes);
	suite_add_tcase(suite, all);
	return suite_run(suite);
}
