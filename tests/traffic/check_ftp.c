/* FTP and the other ports of a VIP, by small scenarios: what is said, where the data go, what happens when a port is
 * closed or all are in use. */
#include "base/arena.h"
#include "base/buf.h"
#include "network/world.h"
#include "scenario/load.h"
#include "sim/trail.h"
#include "suite.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_CONNECTIONS 64

/* What an observer of the first flow hears. */
struct ear {
	struct buf control[2]; /* of connection 0: what the caller says, what the server says; retransmissions aside */
	uint64_t data_bytes[2];
	struct tuple data_syn;               /* the last, as its sender has it */
	uint32_t front_end[MAX_CONNECTIONS]; /* node + 1 that took the control connection, by connection */
	bool strayed;                        /* a data connection came to another node than its control connection */
};

struct lab {
	struct arena *arena;
	struct diag_list diags;
	struct model *model;
	struct world *world;
	struct ear ear;
};

static const char network[] =
	"scenario: 1\n"
	"network:\n"
	"  regions: {east: {}}\n"
	"  vnets: {contoso: {region: east, space: [10.0.0.0/16], subnets: {one: {cidr: 10.0.1.0/26}, data: {cidr: "
	"10.0.2.0/24}}}}\n"
	"  ases:\n"
	"    one: {subnet: contoso/one, vip: 192.23.1.2, front_ends: 4, idle: 30m, ports: [%s], apps: {web: {listen: "
	"[%s]}}}\n"
	"  hosts:\n"
	"    dev: {internet: true, ip: 198.51.100.7}\n"
	"    files: {internet: true, ip: 203.0.113.10, listen: [21/tcp, 40001/tcp], dns: files.example.net}\n"
	"    vm: {subnet: contoso/data, ip: 10.0.2.10, listen: [21/tcp], public_ip: 192.23.9.9}\n"
	"    told: {subnet: contoso/data, ip: 10.0.2.11, listen: [21/tcp], public_ip: 192.23.9.8, pasv_address: "
	"192.23.9.8}\n"
	"    azure-1: {internet: true, ip: 42.159.4.236}\n"
	"    azure-2: {internet: true, ip: 42.159.80.125}\n"
	"    manager: {region: east, ip: 192.23.8.8, service: management}\n"
	"    sql: {region: east, ip: 192.23.8.9, service: sql}\n";

static void hear_control(struct ear *ear, const struct step *step)
{
	const struct packet *packet = step->packet;
	if (step->kind != STEP_ORIGINATE || step->index_in_flow != 0 || (packet->flags & PACKET_RETRANSMISSION) ||
	    packet->payload_bytes == 0)
		return;
	uint8_t text[1500];
	payload_copy(packet->payload, packet->payload_offset, packet->payload_bytes, text);
	buf_append(&ear->control[packet->flags & PACKET_FROM_CALLER ? 0 : 1], text, packet->payload_bytes);
}

static int hear(void *context, const struct step *step)
{
	struct ear *ear = context;
	const struct packet *packet = step->packet;
	bool from_caller = (packet->flags & PACKET_FROM_CALLER) != 0;
	uint16_t port = be16_to(from_caller ? step->after.dst_port : step->after.src_port);
	uint32_t index = step->index_in_flow;
	if (step->flow != 0 || step->after.proto != PROTO_TCP)
		return 0;
	if (port == 21)
		hear_control(ear, step);
	if (step->kind == STEP_ORIGINATE && port != 21 && !(packet->flags & PACKET_RETRANSMISSION)) {
		ear->data_bytes[from_caller ? 0 : 1] += packet->payload_bytes;
		if (packet->flags & PACKET_OPENING)
			ear->data_syn = from_caller ? step->after : ear->data_syn;
	}
	if (step->kind == STEP_DELIVER && from_caller && index < MAX_CONNECTIONS) {
		if (port == 21 && ear->front_end[index] == 0)
			ear->front_end[index] = step->node + 1;
		ear->strayed |= ear->front_end[index] != step->node + 1;
	}
	return 0;
}

static void lab_open(struct lab *lab, const char *ports, const char *listen, const char *rest)
{
	*lab = (struct lab){.arena = arena_new()};
	char *head = arena_printf(lab->arena, network, ports, listen),
	     *text = arena_printf(lab->arena, "%s%s", head, rest);
	diag_init(&lab->diags, lab->arena);
	ck_assert_int_eq(
		scenario_load_text(lab->arena, "lab.yaml", text, strlen(text), NULL, 0, &lab->diags, &lab->model), 0);
	if (!lab->model)
		ck_abort_msg("%s:%u: %s", lab->diags.items[0].place.file, lab->diags.items[0].place.line,
			     lab->diags.items[0].message);
	ck_assert_int_eq(world_new(lab->model, lab->model->seed, &lab->world), 0);
	uint32_t wants = 1u << STEP_ORIGINATE | 1u << STEP_DELIVER;
	ck_assert_int_eq(trail_observe(world_trail(lab->world),
				       (struct trail_observer){.wants = wants, .step = hear, .context = &lab->ear}),
			 0);
}

static void lab_run(struct lab *lab)
{
	ck_assert_int_eq(world_run(lab->world, INSTANT_NEVER, UINT64_MAX), 1);
	for (uint32_t i = 0; i < lab->model->n_flows; i++) {
		struct world_counts counts;
		world_flow_counts(lab->world, i, &counts);
		ck_assert_uint_eq(counts.originated, counts.delivered + counts.dropped);
	}
}

static void lab_close(struct lab *lab)
{
	buf_free(&lab->ear.control[0]);
	buf_free(&lab->ear.control[1]);
	world_free(lab->world);
	diag_deinit(&lab->diags);
	arena_free(lab->arena);
}

/* Runs a scenario with these flows; the first flow (by name) is what the ear hears. */
static void lab_flows(struct lab *lab, const char *ports, const char *listen, const char *rest)
{
	lab_open(lab, ports, listen, rest);
	lab_run(lab);
}

static struct world_connection connection(const struct lab *lab, uint32_t flow, uint32_t index)
{
	struct world_connection c;
	world_connection(lab->world, flow, index, &c);
	ck_assert(c.started);
	return c;
}

static uint32_t n_ended(const struct lab *lab, uint32_t flow, enum outcome outcome)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < lab->model->flows[flow].count; i++)
		n += connection(lab, flow, i).outcome == outcome;
	return n;
}

#define ALL "ftp, debug, management"
#define WEB "80/tcp, 443/tcp"

/* ---- what is said ---- */

START_TEST(a_session_is_rfc_959)
{
	struct lab lab;
	lab_flows(&lab, ALL, WEB, "flows: {f: {from: dev, to: \"one/web:21/tcp\", send: 5000B, reply: 70000B}}\n");
	struct world_connection c = connection(&lab, 0, 0);
	ck_assert_int_eq(c.outcome, OUTCOME_DELIVERED);
	ck_assert_ptr_null(c.loss);
	ck_assert_uint_eq(c.retransmissions, 0);
	ck_assert_uint_eq(c.to_port, 21);
	ck_assert_str_eq(
		buf_text(&lab.ear.control[0]),
		"USER pktpath\r\nPASS pktpath\r\nTYPE I\r\nPASV\r\nSTOR f.txt\r\nPASV\r\nRETR f.txt\r\nQUIT\r\n");
	ck_assert_str_eq(buf_text(&lab.ear.control[1]), "220 pktpath FTP, flow=f\r\n"
							"331 Password required for pktpath.\r\n"
							"230 User pktpath logged in.\r\n"
							"200 Type set to I.\r\n"
							"227 Entering Passive Mode (192,23,1,2,39,17).\r\n"
							"150 Opening BINARY mode data connection for f.txt.\r\n"
							"226 Transfer complete.\r\n"
							"227 Entering Passive Mode (192,23,1,2,39,18).\r\n"
							"150 Opening BINARY mode data connection for f.txt.\r\n"
							"226 Transfer complete.\r\n"
							"221 Goodbye.\r\n");
	ck_assert_uint_eq(lab.ear.data_bytes[0], 5000);
	ck_assert_uint_eq(lab.ear.data_bytes[1], 70000);
	ck_assert_uint_eq(be32_to(lab.ear.data_syn.dst), 0xc0170102);
	ck_assert_uint_eq(be16_to(lab.ear.data_syn.dst_port), 10002);
	lab_close(&lab);
}
END_TEST

/* Each server names its own address, or what `pasv_address` says, and a port of its own range on which it does not listen
 * for something else. A front end names the VIP. */
static const struct {
	const char *call, *line;
} servers[] = {
	{"from: dev, to: \"files:21/tcp\"",
	 "227 Entering Passive Mode (203,0,113,10,156,66)."}, /* 40002: 40001 is taken */
	{"from: one/web, to: \"files:21/tcp\", dns: true", "227 Entering Passive Mode (203,0,113,10,156,66)."},
	{"from: one/web, to: \"vm:21/tcp\"", "227 Entering Passive Mode (10,0,2,10,156,65)."},
	{"from: dev, to: \"told:21/tcp\"", "227 Entering Passive Mode (192,23,9,8,156,65)."},
	{"from: vm, to: \"one:21/tcp\"", "227 Entering Passive Mode (192,23,1,2,39,18)."},
	{"from: one/web, to: \"192.23.1.2:21/tcp\"", "227 Entering Passive Mode (192,23,1,2,39,18)."},
};

START_TEST(a_server_names_its_address)
{
	struct lab lab;
	char flows[256];
	(void)snprintf(flows, sizeof flows, "flows: {f: {%s}}\n", servers[_i].call);
	lab_flows(&lab, ALL, WEB, flows);
	struct world_connection c = connection(&lab, 0, 0);
	ck_assert_int_eq(c.outcome, OUTCOME_DELIVERED);
	ck_assert_ptr_null(c.loss);
	ck_assert_ptr_nonnull(strstr(buf_text(&lab.ear.control[1]), servers[_i].line));
	ck_assert_uint_eq(be32_to(lab.ear.data_syn.dst), be32_to(c.to_addr));
	lab_close(&lab);
}
END_TEST

START_TEST(sizes_rounds_pauses_and_ends)
{
	static const struct {
		const char *call;
		uint64_t up, down;
		uint32_t n_transfers;
		const char *last;
	} cases[] = {
		{"send: 1B", 1, 1000, 2, "RETR"},
		{"reply: 0B", 200, 0, 1, "STOR"},
		{"rounds: 3, pause: 500s", 600, 3000, 6, "RETR"},
		{"rounds: 30, reply: 0B", 6000, 0, 30, "STOR"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct lab lab;
		char flows[256];
		(void)snprintf(flows, sizeof flows, "flows: {f: {from: dev, to: \"one:21/tcp\", %s}}\n", cases[i].call);
		lab_flows(&lab, ALL, WEB, flows);
		ck_assert_int_eq(connection(&lab, 0, 0).outcome, OUTCOME_DELIVERED);
		ck_assert_uint_eq(lab.ear.data_bytes[0], cases[i].up);
		ck_assert_uint_eq(lab.ear.data_bytes[1], cases[i].down);
		uint32_t n = 0;
		for (const char *at = buf_text(&lab.ear.control[0]); (at = strstr(at, "PASV\r\n")); at++)
			n++;
		ck_assert_uint_eq(n, cases[i].n_transfers);
		ck_assert_ptr_nonnull(strstr(buf_text(&lab.ear.control[0]), cases[i].last));
		ck_assert_ptr_nonnull(strstr(buf_text(&lab.ear.control[1]), "221 Goodbye.\r\n"));
		lab_close(&lab);
	}
}
END_TEST

START_TEST(a_session_may_stay_open_or_be_reset)
{
	struct lab lab;
	lab_flows(&lab, ALL, WEB,
		  "flows:\n  f: {from: dev, to: \"one:21/tcp\", then: hold}\n  g: {from: dev, to: \"one:21/tcp\", "
		  "then: reset, at: 10s}\n"
		  "  late: {late: {on: f, by: dev, at: 900s}}\n");
	ck_assert_int_eq(connection(&lab, 0, 0).outcome, OUTCOME_DELIVERED);
	ck_assert_int_eq(connection(&lab, 1, 0).outcome, OUTCOME_DELIVERED);
	ck_assert_int_eq(connection(&lab, 2, 0).outcome, OUTCOME_DELIVERED);
	ck_assert_ptr_null(strstr(buf_text(&lab.ear.control[0]), "QUIT"));
	lab_close(&lab);
}
END_TEST

/* ---- where the data go ---- */

START_TEST(data_come_to_the_front_end_of_their_control_connection)
{
	struct lab lab;
	lab_flows(&lab, ALL, WEB, "flows: {f: {from: dev, to: \"one:21/tcp\", repeat: {count: 60, every: 1s}}}\n");
	ck_assert_uint_eq(n_ended(&lab, 0, OUTCOME_DELIVERED), 60);
	ck_assert(!lab.ear.strayed);
	lab_close(&lab);
}
END_TEST

START_TEST(what_is_lost_is_sent_again)
{
	struct lab lab;
	lab_open(
		&lab, ALL, WEB,
		"flows: {f: {from: dev, to: \"one:21/tcp\", send: 40kB, reply: 40kB, repeat: {count: 60, every: 9s}}}\n"
		"timeline: [{at: 0s, link: internet, loss: 0.04}]\n");
	lab_run(&lab);
	uint32_t again = 0;
	for (uint32_t i = 0; i < 60; i++)
		again += connection(&lab, 0, i).retransmissions;
	struct world_counts counts;
	world_flow_counts(lab.world, 0, &counts);
	ck_assert_uint_eq(n_ended(&lab, 0, OUTCOME_DELIVERED), 60);
	ck_assert_uint_gt(again, 60);
	ck_assert_uint_eq(counts.retransmissions, again);
	lab_close(&lab);
}
END_TEST

/* ---- what goes wrong ---- */

START_TEST(a_closed_data_port_is_silence)
{
	struct lab lab;
	/* An app opens port 21, and nobody the passive ports. */
	lab_flows(&lab, "debug", "21/tcp", "flows: {f: {from: dev, to: \"one:21/tcp\"}}\n");
	struct world_connection c = connection(&lab, 0, 0);
	ck_assert_int_eq(c.outcome, OUTCOME_TIMED_OUT);
	ck_assert_int_eq(c.loss->verdict.reason, REASON_VIP_PORT_CLOSED);
	ck_assert_uint_eq(be16_to(c.loss->tuple.dst_port), 10001);
	ck_assert_ptr_null(strstr(buf_text(&lab.ear.control[0]), "STOR"));
	ck_assert_ptr_nonnull(strstr(buf_text(&lab.ear.control[0]), "PASV\r\nQUIT\r\n"));
	ck_assert_ptr_nonnull(strstr(buf_text(&lab.ear.control[1]), "221 Goodbye.\r\n"));
	lab_close(&lab);
}
END_TEST

/* A line so slow that a transfer takes long, and all sessions transfer at once. */
#define SLOW "timeline: [{at: 0s, link: internet, latency: 2s}]\n"

START_TEST(twenty_data_connections_at_once)
{
	struct lab lab;
	lab_flows(&lab, ALL, WEB,
		  "flows:\n  f: {from: dev, to: \"one:21/tcp\", repeat: {count: 25, every: 10ms}}\n  g: {from: vm, to: "
		  "\"one:21/tcp\", at: "
		  "500s}\n" SLOW);
	ck_assert_uint_eq(n_ended(&lab, 0, OUTCOME_DELIVERED), 20);
	ck_assert_uint_eq(n_ended(&lab, 0, OUTCOME_REFUSED), 5);
	for (uint32_t i = 0; i < 25; i++)
		ck_assert_int_eq(connection(&lab, 0, i).outcome, i < 20 ? OUTCOME_DELIVERED : OUTCOME_REFUSED);
	ck_assert_ptr_null(connection(&lab, 0, 24).loss);
	ck_assert_int_eq(connection(&lab, 1, 0).outcome, OUTCOME_DELIVERED); /* all are free again */
	lab_close(&lab);
}
END_TEST

/* While all twenty ports are in use for long uploads, and the servers have nothing on their way that could time out. */
#define UPLOADS(from) "  f: {from: " from ", to: \"one:21/tcp\", send: 5MB, repeat: {count: 20, every: 10ms}}\n"

START_TEST(ports_of_callers_that_vanished_are_used_again)
{
	struct lab lab;
	lab_flows(&lab, ALL, WEB,
		  "flows:\n" UPLOADS("dev") "  g: {from: dev, to: \"one:21/tcp\", at: 1000s}\n"
					    "timeline: [{at: 0s, link: internet, latency: 2s}, {at: 41s, link: "
					    "internet, state: down}, "
					    "{at: 900s, link: internet, state: up}]\n");
	ck_assert_uint_eq(n_ended(&lab, 0, OUTCOME_TIMED_OUT), 20);
	ck_assert_int_eq(connection(&lab, 1, 0).outcome, OUTCOME_DELIVERED);
	lab_close(&lab);
}
END_TEST

START_TEST(ports_of_callers_that_stopped_are_used_again)
{
	struct lab lab;
	lab_flows(&lab, ALL, WEB,
		  "flows:\n" UPLOADS("vm") "  g: {from: dev, to: \"one:21/tcp\", at: 100s}\n  h: {from: dev, to: "
					   "\"one:21/tcp\", at: 1000s}\n"
					   "timeline: [{at: 0s, link: region, latency: 2s}, {at: 41s, stop: vm}]\n");
	ck_assert_int_eq(connection(&lab, 1, 0).outcome, OUTCOME_REFUSED); /* nobody knows yet */
	ck_assert_int_eq(connection(&lab, 2, 0).outcome, OUTCOME_DELIVERED);
	lab_close(&lab);
}
END_TEST

/* How long such a session takes where nothing disturbs it. */
#define LONG_SESSION "  f: {from: dev, to: \"one:21/tcp\", reply: 200kB, send: 200kB}\n"
static uint32_t session_ms(void)
{
	struct lab lab;
	lab_flows(&lab, ALL, WEB, "flows:\n" LONG_SESSION);
	uint32_t ms = (uint32_t)(connection(&lab, 0, 0).ended_at.ns / NS_PER_MS);
	lab_close(&lab);
	ck_assert_uint_gt(ms, 500);
	return ms;
}

START_TEST(a_front_end_that_stops_takes_its_sessions_along)
{
	/* At every moment of a session. */
	for (uint32_t ms = 10, end = session_ms() - 40; ms < end; ms += 17) {
		struct lab lab;
		char rest[512];
		(void)snprintf(rest, sizeof rest,
			       "flows:\n" LONG_SESSION "  g: {from: dev, to: "
			       "\"one:21/tcp\", at: 900s}\n"
			       "timeline: [{at: %ums, stop: one/front-end-0}, {at: %ums, stop: one/front-end-1}, {at: "
			       "%ums, stop: "
			       "one/front-end-2}, "
			       "{at: %ums, stop: one/front-end-3}, {at: 800s, start: one/front-end-2}]\n",
			       ms, ms, ms, ms);
		lab_flows(&lab, ALL, WEB, rest);
		ck_assert_int_eq(connection(&lab, 0, 0).outcome, OUTCOME_TIMED_OUT);
		ck_assert_int_eq(connection(&lab, 0, 0).loss->verdict.reason, REASON_HOST_DOWN);
		ck_assert_int_eq(connection(&lab, 1, 0).outcome, OUTCOME_DELIVERED);
		lab_close(&lab);
	}
}
END_TEST

START_TEST(a_front_end_that_comes_back_knows_no_session)
{
	/* At every moment: the caller's next segment is answered by a reset, on whichever connection. */
	for (uint32_t ms = 40, end = session_ms() - 40; ms < end; ms += 17) {
		struct lab lab;
		char rest[1024];
		(void)snprintf(rest, sizeof rest,
			       "flows:\n" LONG_SESSION ""
			       "timeline: [{at: %ums, stop: one/front-end-0}, {at: %ums, stop: one/front-end-1}, {at: "
			       "%ums, stop: "
			       "one/front-end-2}, "
			       "{at: %ums, stop: one/front-end-3}, {at: %ums, start: one/front-end-0}, {at: %ums, "
			       "start: one/front-end-1}, "
			       "{at: %ums, start: one/front-end-2}, {at: %ums, start: one/front-end-3}]\n",
			       ms, ms, ms, ms, ms + 1, ms + 1, ms + 1, ms + 1);
		lab_flows(&lab, ALL, WEB, rest);
		enum outcome outcome = connection(&lab, 0, 0).outcome;
		ck_assert_msg(outcome == OUTCOME_RESET || outcome == OUTCOME_REFUSED || outcome == OUTCOME_TIMED_OUT,
			      "at %u ms: %s", ms, outcome_name(outcome));
		lab_close(&lab);
	}
}
END_TEST

START_TEST(nobody_listens_on_21)
{
	struct lab lab;
	lab_flows(&lab, ALL, WEB, "flows: {f: {from: dev, to: \"azure-1:21/tcp\"}}\n");
	ck_assert_int_eq(connection(&lab, 0, 0).outcome, OUTCOME_REFUSED);
	lab_close(&lab);
}
END_TEST

/* ---- groups of ports ---- */

static const struct {
	const char *from;
	uint16_t port;
	const char *group;
} grouped[] = {
	{"dev", 21, "ftp"},
	{"dev", 10001, "ftp"},
	{"dev", 10020, "ftp"},
	{"dev", 4016, "debug"},
	{"dev", 4018, "debug"},
	{"dev", 4020, "debug"},
	{"dev", 4022, "debug"},
	{"azure-1", 454, "management"},
	{"azure-1", 455, "management"},
	{"azure-2", 454, "management"},
	{"manager", 454, "management"},
	{"manager", 455, "management"},
	{"dev", 80, ""},
	{"vm", 443, ""},
};

static struct lab call_port(const char *ports, const char *listen, const char *from, uint16_t port)
{
	struct lab lab;
	char flows[128];
	(void)snprintf(flows, sizeof flows, "flows: {f: {from: %s, to: \"one:%u/tcp\"}}\n", from, port);
	lab_flows(&lab, ports, listen, flows);
	return lab;
}

START_TEST(a_group_is_open_or_closed)
{
	static const char *const others[] = {"ftp, debug", "debug, management", "ftp, management"};
	const char *group = grouped[_i].group;
	struct lab lab = call_port(group, WEB, grouped[_i].from, grouped[_i].port);
	ck_assert_int_eq(connection(&lab, 0, 0).outcome, OUTCOME_DELIVERED);
	ck_assert_ptr_null(connection(&lab, 0, 0).loss);
	lab_close(&lab);
	for (size_t i = 0; i < 3; i++) {
		if (strstr(others[i], group))
			continue;
		lab = call_port(others[i], WEB, grouped[_i].from, grouped[_i].port);
		struct world_connection c = connection(&lab, 0, 0);
		ck_assert_int_eq(c.outcome, OUTCOME_TIMED_OUT);
		ck_assert_int_eq(c.loss->verdict.reason, REASON_VIP_PORT_CLOSED);
		ck_assert_str_eq(c.loss->verdict.by, "one/vip");
		lab_close(&lab);
	}
}
END_TEST

START_TEST(no_group_has_the_ports_between)
{
	static const uint16_t ports[] = {20, 22, 453, 456, 4015, 4017, 4019, 4021, 4023, 10000, 10021, 990, 8172};
	struct lab lab = call_port(ALL, WEB, "azure-1", ports[_i]);
	ck_assert_int_eq(connection(&lab, 0, 0).outcome, OUTCOME_TIMED_OUT);
	ck_assert_int_eq(connection(&lab, 0, 0).loss->verdict.reason, REASON_VIP_PORT_CLOSED);
	lab_close(&lab);
}
END_TEST

START_TEST(management_is_for_management_addresses)
{
	static const char *const strangers[] = {"dev", "sql", "vm", "one/web"};
	for (uint16_t port = 454; port <= 455; port++) {
		struct lab lab = call_port(ALL, WEB, strangers[_i], port);
		struct world_connection c = connection(&lab, 0, 0);
		ck_assert_int_eq(c.outcome, OUTCOME_TIMED_OUT);
		ck_assert_int_eq(c.loss->verdict.reason, REASON_VIP_PORT_CLOSED);
		ck_assert_str_eq(c.loss->verdict.by, "one/vip");
		ck_assert_str_eq(c.loss->verdict.rule, "management");
		ck_assert_ptr_nonnull(strstr(c.loss->verdict.detail, "management addresses"));
		lab_close(&lab);
	}
	/* Unless an app listens there: then the port is the app's. */
	struct lab lab = call_port(ALL, "454/tcp", strangers[_i], 454);
	ck_assert_int_eq(connection(&lab, 0, 0).outcome, OUTCOME_DELIVERED);
	lab_close(&lab);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("traffic/ftp");
	TCase *tcase = tcase_create("ftp");
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, a_session_is_rfc_959);
	tcase_add_loop_test(tcase, a_server_names_its_address, 0, (int)(sizeof servers / sizeof *servers));
	tcase_add_test(tcase, sizes_rounds_pauses_and_ends);
	tcase_add_test(tcase, a_session_may_stay_open_or_be_reset);
	tcase_add_test(tcase, data_come_to_the_front_end_of_their_control_connection);
	tcase_add_test(tcase, what_is_lost_is_sent_again);
	tcase_add_test(tcase, a_closed_data_port_is_silence);
	tcase_add_test(tcase, twenty_data_connections_at_once);
	tcase_add_test(tcase, ports_of_callers_that_vanished_are_used_again);
	tcase_add_test(tcase, a_front_end_that_stops_takes_its_sessions_along);
	tcase_add_test(tcase, a_front_end_that_comes_back_knows_no_session);
	tcase_add_test(tcase, ports_of_callers_that_stopped_are_used_again);
	tcase_add_test(tcase, nobody_listens_on_21);
	tcase_add_loop_test(tcase, a_group_is_open_or_closed, 0, (int)(sizeof grouped / sizeof *grouped));
	tcase_add_loop_test(tcase, no_group_has_the_ports_between, 0, 13);
	tcase_add_loop_test(tcase, management_is_for_management_addresses, 0, 4);
	suite_add_tcase(suite, tcase);
	return suite_run(suite);
}
