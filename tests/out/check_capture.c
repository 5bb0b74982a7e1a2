/* Which step goes into which file, and whether other people's programs read what comes out. */
#include "out/capture.h"
#include "suite.h"
#include "support.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const FLOW_NAMES[] = {"call", "stranger", "idle"};
static const uint32_t FLOW_COUNTS[] = {2, 1, 1};
enum { WORKER, VIP, REGION, API, N_NODES };
static const struct capture_node NODES[] = {
	{"ase-one/worker-0", "worker 0 of ase-one, 10.0.1.6", true, false},
	{"ase-one/vip", "public address of ase-one, 192.23.1.2", false, true},
	{"region/china-east", "the region", false, false},
	{"api", "host on the Internet, 203.0.113.10", true, false},
};
#define START_UNIX_NS INT64_C(1450310400000000000)

static struct arena *arena;
static struct output *output;
static struct capture *capture;
static struct trail trail;
static struct pcapng_name names[2];
static struct capture_config config;

static void setup(void)
{
	arena = arena_new();
	directory_new();
	char *path;
	ck_assert_int_eq(output_begin(path_in("."), &output, &path), 0);
	names[0] = (struct pcapng_name){tuple_of("192.23.1.2", 0, "0.0.0.0", 0).src, "web.ase-one.p.azurewebsites.cn"};
	names[1] = (struct pcapng_name){tuple_of("203.0.113.10", 0, "0.0.0.0", 0).src, "api.example.net"};
	config = (struct capture_config){
		.application = "pktpath 0.1.0",
		.comment = "scenario test, seed 1",
		.start_unix_ns = START_UNIX_NS,
		.flow_names = FLOW_NAMES,
		.flow_counts = FLOW_COUNTS,
		.n_flows = 3,
		.nodes = NODES,
		.n_nodes = N_NODES,
		.names = names,
		.n_names = 2,
		.defaults = true,
	};
	trail = (struct trail){0};
}

static void teardown(void)
{
	directory_remove();
	arena_free(arena);
}

static void start(void)
{
	ck_assert_int_eq(capture_new(&config, output, &capture), 0);
	ck_assert_int_eq(trail_observe(&trail, capture_observer(capture)), 0);
}

static void stop(void)
{
	char *path;
	ck_assert_int_eq(trail.error, 0);
	ck_assert_int_eq(capture_finish(capture, (struct instant){60 * NS_PER_S}), 0);
	capture = capture_free(capture);
	int r = output_commit(output, &path);
	ck_assert_msg(r == 0, "%s: %s", path, strerror(-r));
}

static void emit(enum step_kind kind, uint32_t node, uint32_t flags, const struct packet *p, struct tuple before,
		 int64_t ns)
{
	struct step step = {.at = {ns},
			    .packet = p,
			    .node = node,
			    .kind = kind,
			    .flags = flags,
			    .index_in_flow = 1,
			    .before = before};
	step.after = packet_tuple(p);
	step.verdict.by = NODES[node].name;
	trail_emit(&trail, &step);
}

static void emit_drop(const struct packet *p, uint32_t flow, const char *by)
{
	struct step step = {
		.packet = p, .flow = flow, .node = API, .kind = STEP_DROP, .flags = STEP_INBOUND, .at = {NS_PER_S}};
	step.before = step.after = packet_tuple(p);
	step.verdict = (struct verdict){REASON_NSG_DENY, by, "deny-rest", NULL, {"scenarios/test.yaml", 25, 1}};
	trail_emit(&trail, &step);
}

/* A packet from the worker by the VIP and the region to the host. */
static void send_one(uint64_t id, uint32_t payload_bytes, int64_t at_ns)
{
	struct packet p;
	struct tuple inside = tuple_of("10.0.1.6", 49152, "203.0.113.10", 443),
		     outside = tuple_of("192.23.1.2", 1024, "203.0.113.10", 443);
	make_packet(&p, arena, inside, id, payload_bytes);
	emit(STEP_ORIGINATE, WORKER, STEP_SEEN | STEP_REALM, &p, inside, at_ns);
	emit(STEP_ROUTE, WORKER, 0, &p, inside, at_ns);
	make_packet(&p, arena, outside, id, payload_bytes);
	emit(STEP_TRANSLATE, VIP, STEP_SEEN | STEP_REALM, &p, inside, at_ns + 1);
	emit(STEP_FORWARD, REGION, STEP_SEEN, &p, outside, at_ns + 2);
	emit(STEP_DELIVER, API, STEP_SEEN | STEP_INBOUND, &p, outside, at_ns + 3);
}

static void drop_one(uint64_t id)
{
	struct packet p;
	make_packet(&p, arena, tuple_of("198.51.100.7", 40000, "192.23.1.2", 443), id, 0);
	emit_drop(&p, 1, "nsg/only-ase-one");
}

static uint64_t size_of(const char *name)
{
	size_t bytes;
	char *text = read_file(name, &bytes);
	ck_assert_msg(text, "%s is missing", name);
	free(text);
	return bytes;
}

static void assert_files(const char *expected)
{
	int status;
	char *list = output_of("LC_ALL=C ls -A | tr '\\n' ' '", &status);
	ck_assert_str_eq(list, expected);
	free(list);
}

START_TEST(test_files_of_flows)
{
	start();
	send_one(1, 0, 0);
	send_one(2, 100, NS_PER_MS);
	stop();
	assert_files("call.pcapng call@api.pcap call@ase-one.vip.pcap call@ase-one.worker-0.pcap ");
	ck_assert_uint_eq(size_of("call@api.pcap"), 24 + 16 + 54 + 16 + 154);
	ck_assert_uint_eq(size_of("call@ase-one.vip.pcap"), 24 + 16 + 54 + 16 + 154);
}
END_TEST

START_TEST(test_drops_stand_in_two_files)
{
	start();
	drop_one(1);
	stop();
	assert_files("drops.pcapng stranger.pcapng ");
}
END_TEST

START_TEST(test_nothing_happens)
{
	start();
	stop();
	assert_files("");
}
END_TEST

/* What is not asked for is not made. */
START_TEST(test_wants)
{
	const uint32_t decided = 1u << STEP_ROUTE | 1u << STEP_FILTER;
	const uint32_t realms = 1u << STEP_ORIGINATE | 1u << STEP_TRANSLATE | 1u << STEP_FORWARD;
	const struct {
		struct capture_tap tap;
		uint32_t wants;
	} taps[] = {{{.file = "d.pcapng", .at = CAPTURE_DROPS, .snaplen = 100}, 1u << STEP_DROP},
		    {{.file = "e.pcapng", .at = CAPTURE_REALMS, .snaplen = 100}, realms},
		    {{.file = "f.pcapng", .at = CAPTURE_REALMS, .snaplen = 100, .notes = true}, realms | decided},
		    {{.file = "g.pcap", .at = CAPTURE_REALMS, .snaplen = 100, .notes = true}, realms}};
	start();
	ck_assert(trail_wanted(&trail, STEP_DELIVER, &(struct packet){0}));
	ck_assert_uint_eq(trail.wants & decided, decided);
	capture = capture_free(capture);
	config.defaults = false;
	config.n_taps = 1;
	for (size_t i = 0; i < sizeof taps / sizeof *taps; i++) {
		trail = (struct trail){0};
		config.taps = &taps[i].tap;
		start();
		ck_assert_uint_eq(trail.wants, taps[i].wants);
		capture_free(capture);
	}
	output_abort(output);
}
END_TEST

START_TEST(test_same_file_twice)
{
	const struct capture_tap taps[] = {{.file = "x.pcapng", .at = CAPTURE_ALL, .snaplen = 100},
					   {.file = "x.pcapng", .at = CAPTURE_ALL, .snaplen = 100}};
	config.taps = taps;
	config.n_taps = 2;
	ck_assert_int_eq(capture_new(&config, output, &capture), -EEXIST);
	ck_assert_ptr_null(capture);
	ck_assert_ptr_nonnull(strstr(output_fault(output), "x.pcapng"));
	output_abort(output);
}
END_TEST

/* ---- other people's programs ---- */

/* From Wireshark 4.4 on tshark escapes the separator inside of a field. */
static void unescape_blanks(char *text)
{
	char *to = text;
	for (const char *from = text; *from; from++)
		if (from[0] != '\\' || from[1] != ' ')
			*to++ = *from;
	*to = '\0';
}

static void assert_output(const char *command, const char *expected)
{
	int status;
	char *text = output_of(command, &status);
	unescape_blanks(text);
	ck_assert_msg(status == 0, "%s: status %d: %s", command, status, text);
	ck_assert_msg(strcmp(text, expected) == 0, "%s says\n%s", command, text);
	free(text);
}

static bool have_readers(void)
{
	if (have_program("tshark") && have_program("capinfos") && have_program("tcpdump"))
		return true;
	(void)fprintf(stderr, "skipped: no tshark, capinfos or tcpdump here\n");
	return false;
}

#define TSHARK "tshark -n -o nameres.network_name:FALSE -T fields -E separator=' ' 2>/dev/null "

START_TEST(test_read_by_others)
{
	if (!have_readers())
		return;
	start();
	send_one(1, 0, 0);
	send_one(2, 100, NS_PER_MS);
	drop_one(3);
	stop();
	assert_output("for f in *.pcap*; do tcpdump -nr $f >/dev/null || exit 1; done 2>&1 | grep -v '^reading from "
		      "file'; true",
		      "");
	assert_output("capinfos -c *.pcapng *.pcap >/dev/null", "");
	assert_output(TSHARK "-r call.pcapng -e frame.time_epoch -e frame.interface_name -e frame.packet_id -e "
			     "frame.packet_flags_direction -e ip.src",
		      "1450310400.000000000 ase-one/worker-0 1 0x00000002 10.0.1.6\n"
		      "1450310400.000000001 ase-one/vip 1 0x00000002 192.23.1.2\n"
		      "1450310400.001000000 ase-one/worker-0 2 0x00000002 10.0.1.6\n"
		      "1450310400.001000001 ase-one/vip 2 0x00000002 192.23.1.2\n");
	assert_output(TSHARK "-r call.pcapng -e frame.comment -Y 'frame.number == 2'",
		      "ase-one/vip source 10.0.1.6:49152 -> 192.23.1.2:1024, call[1] packet 1\n");
	assert_output(TSHARK "-r drops.pcapng -e frame.interface_name -e frame.packet_flags_direction -e frame.comment",
		      "drops:nsg/only-ase-one 0x00000001 DROP nsg-deny by nsg/only-ase-one rule "
		      "deny-rest test.yaml:25, stranger packet 3,lost at 1.000000000 s of the run\n");
	assert_output(TSHARK "-r stranger.pcapng -e frame.interface_name -e frame.len -e frame.cap_len -e tcp.stream "
			     "-e tcp.dstport -e frame.comment",
		      "drops:nsg/only-ase-one 54 42  443 DROP nsg-deny by nsg/only-ase-one rule "
		      "deny-rest test.yaml:25, stranger packet 3,lost at 1.000000000 s of the run\n");
	assert_output("tshark -N n -r call.pcapng -T fields -e ip.dst_host -c 1 2>/dev/null", "api.example.net\n");
	assert_output(
		TSHARK
		"-r call@api.pcap -e frame.time_epoch -e tcp.len -o tcp.check_checksum:TRUE -e tcp.checksum.status",
		"1450310400.000000003 0 1\n1450310400.001000003 100 1\n");
	assert_output("capinfos call.pcapng | grep -E '^(Capture application|Capture comment):' | tr -s ' '",
		      "Capture application: pktpath 0.1.0\nCapture comment: scenario test, seed 1\n");
	assert_output("capinfos call.pcapng | grep -cE 'Name = (ase-one/worker-0|ase-one/vip)$|Number of packets = "
		      "2$|Capture length = "
		      "262144$|Time precision = nanoseconds'",
		      "8\n");
}
END_TEST

START_TEST(test_taps)
{
	static const uint32_t only_stranger[] = {1};
	const struct capture_tap taps[] = {
		{.file = "all.pcapng", .at = CAPTURE_ALL, .snaplen = 60, .notes = false, .names = false},
		{.file = "region.pcap", .at = CAPTURE_NODE, .node = REGION, .snaplen = 262144},
		{.file = "syn.pcapng",
		 .at = CAPTURE_REALMS,
		 .snaplen = 262144,
		 .filter = "tcp[tcpflags] & tcp-syn != 0",
		 .notes = true},
		{.file = "others.pcapng",
		 .at = CAPTURE_REALMS,
		 .snaplen = 262144,
		 .flows = only_stranger,
		 .n_flows = 1},
		{.file = "none.pcap", .at = CAPTURE_NODE, .node = REGION, .snaplen = 262144, .filter = "udp"},
		{.file = "drops.pcap", .at = CAPTURE_DROPS, .snaplen = 262144},
		{.file = "drops-of-call.pcapng",
		 .at = CAPTURE_DROPS,
		 .snaplen = 262144,
		 .flows = (const uint32_t[]){0},
		 .n_flows = 1,
		 .names = true},
	};
	config.defaults = false;
	config.taps = taps;
	config.n_taps = sizeof taps / sizeof *taps;
	start();
	send_one(1, 0, 0);
	send_one(2, 100, NS_PER_MS);
	drop_one(1);
	stop();
	assert_files("all.pcapng drops-of-call.pcapng drops.pcap none.pcap others.pcapng region.pcap syn.pcapng ");
	ck_assert_uint_eq(size_of("region.pcap"), 24 + 16 + 54 + 16 + 154);
	ck_assert_uint_eq(size_of("none.pcap"), 24);
	ck_assert_uint_eq(size_of("drops.pcap"), 24 + 16 + 54);
	if (!have_readers())
		return;
	assert_output("for f in *.pcap*; do tcpdump -nr $f >/dev/null || exit 1; done 2>&1 | grep -v '^reading from "
		      "file'; true",
		      "");
	assert_output(TSHARK "-r all.pcapng -e frame.interface_name -e frame.cap_len -e frame.len -e frame.comment",
		      "ase-one/worker-0 54 54 \nase-one/vip 54 54 \nregion/china-east 54 54 \napi 54 54 \n"
		      "ase-one/worker-0 60 154 \nase-one/vip 60 154 \nregion/china-east 60 154 \napi 60 154 \n");
	assert_output(TSHARK "-r syn.pcapng -e frame.packet_id -e frame.comment",
		      "1 sent, call[1] packet 1,routed by ase-one/worker-0\n"
		      "1 ase-one/vip source 10.0.1.6:49152 -> 192.23.1.2:1024, call[1] packet 1\n");
	assert_output("capinfos -c -M others.pcapng drops-of-call.pcapng | grep -c 'packets:   0'", "2\n");
}
END_TEST

/* What is decided on a packet stands with the record before it, or at the same place behind it; never with another
 * packet's. */
START_TEST(test_decisions)
{
	const struct capture_tap tap = {.file = "all.pcapng", .at = CAPTURE_ALL, .snaplen = 262144, .notes = true};
	struct packet p, q;
	struct tuple outside = tuple_of("192.23.1.2", 1024, "203.0.113.10", 443),
		     back = tuple_of("203.0.113.10", 443, "192.23.1.2", 1024);
	if (!have_readers())
		return;
	config.taps = &tap;
	config.n_taps = 1;
	start();
	send_one(1, 0, 0);
	make_packet(&p, arena, outside, 1, 0);
	make_packet(&q, arena, back, 2, 0);
	/* An answer that the VIP hands on, admitted at the worker at that instant: as the note of the worker's record,
	 * and of the last one before. */
	emit(STEP_TRANSLATE, VIP, STEP_SEEN | STEP_REALM | STEP_INBOUND, &q, outside, NS_PER_S);
	emit(STEP_FILTER, WORKER, STEP_INBOUND, &q, back, NS_PER_S);
	emit(STEP_DELIVER, WORKER, STEP_SEEN | STEP_INBOUND, &q, back, NS_PER_S);
	/* Packet 1 again, admitted at another instant: with nothing of packet 2. */
	emit(STEP_FILTER, API, STEP_INBOUND, &p, outside, 2 * NS_PER_S);
	emit(STEP_DELIVER, API, STEP_SEEN | STEP_INBOUND, &p, outside, 2 * NS_PER_S);
	/* The run ends with a record that is not sealed yet. */
	emit(STEP_ORIGINATE, API, STEP_SEEN | STEP_REALM, &q, back, 3 * NS_PER_S);
	emit(STEP_ROUTE, API, 0, &q, back, 3 * NS_PER_S);
	stop();
	assert_output(TSHARK "-r all.pcapng -e frame.interface_name -e frame.packet_id -e frame.comment -Y "
			     "'frame.time_epoch >= 1450310401'",
		      "ase-one/vip 2 ase-one/vip source 192.23.1.2:1024 -> 203.0.113.10:443, "
		      "destination 203.0.113.10:443 -> "
		      "192.23.1.2:1024, call[1] packet 2,allowed by ase-one/worker-0\n"
		      "ase-one/worker-0 2 delivered, call[1] packet 2,allowed by ase-one/worker-0\n"
		      "api 1 delivered, call[1] packet 1,allowed by api\n"
		      "api 2 sent, call[1] packet 2,routed by api\n");
	assert_output(TSHARK
		      "-r call.pcapng -e frame.interface_name -e frame.comment -Y 'frame.time_epoch >= 1450310402'",
		      "api sent, call[1] packet 2,routed by api\n");
	assert_output("capinfos -c all.pcapng | grep -c 'packets: *8$'", "1\n");
}
END_TEST

/* Over links without latency a packet arrives at the instant at which it was sent; what is decided at its arrival is no
 * note of the sender's record, and what was decided at its sender none of a machine's own that it comes back to. */
START_TEST(test_decisions_over_links_without_latency)
{
	const struct capture_tap tap = {.file = "all.pcapng", .at = CAPTURE_ALL, .snaplen = 262144, .notes = true};
	struct packet p;
	struct tuple tuple = tuple_of("10.0.1.6", 49152, "203.0.113.10", 443);
	if (!have_readers())
		return;
	config.taps = &tap;
	config.n_taps = 1;
	start();
	make_packet(&p, arena, tuple, 1, 0);
	emit(STEP_ORIGINATE, WORKER, STEP_SEEN | STEP_REALM, &p, tuple, 0);
	emit(STEP_FILTER, WORKER, 0, &p, tuple, 0);
	emit(STEP_ROUTE, WORKER, 0, &p, tuple, 0);
	emit(STEP_FILTER, API, STEP_INBOUND, &p, tuple, 0);
	emit(STEP_DELIVER, API, STEP_SEEN | STEP_INBOUND, &p, tuple, 0);
	emit(STEP_ORIGINATE, WORKER, STEP_SEEN | STEP_REALM, &p, tuple, NS_PER_S);
	emit(STEP_ROUTE, WORKER, 0, &p, tuple, NS_PER_S);
	emit(STEP_FILTER, WORKER, STEP_INBOUND, &p, tuple, NS_PER_S);
	emit(STEP_DELIVER, WORKER, STEP_SEEN | STEP_INBOUND, &p, tuple, NS_PER_S);
	stop();
	assert_output(TSHARK "-r all.pcapng -e frame.interface_name -e frame.comment",
		      "ase-one/worker-0 sent, call[1] packet 1,allowed by ase-one/worker-0,routed by ase-one/worker-0\n"
		      "api delivered, call[1] packet 1,allowed by api\n"
		      "ase-one/worker-0 sent, call[1] packet 1,routed by ase-one/worker-0\n"
		      "ase-one/worker-0 delivered, call[1] packet 1,allowed by ase-one/worker-0\n");
}
END_TEST

/* Buffers of other files need room between a record and what is decided on it: the record stays where that can be
 * written behind it. */
START_TEST(test_decisions_while_memory_is_short)
{
	struct output_file *large;
	struct packet p;
	struct tuple tuple = tuple_of("10.0.1.6", 49152, "203.0.113.10", 443);
	if (!have_readers())
		return;
	start();
	make_packet(&p, arena, tuple, 1, 100);
	emit(STEP_ORIGINATE, WORKER, STEP_SEEN | STEP_REALM, &p, tuple, 0);
	ck_assert_int_eq(output_open(output, "large", &large), 0);
	ck_assert(buf_reserve(output_buffer(large), (size_t)80 << 20));
	ck_assert_int_eq(output_checkpoint(large), 0);
	emit(STEP_ROUTE, WORKER, 0, &p, tuple, 0);
	stop();
	assert_output(TSHARK "-r call.pcapng -e frame.number -e frame.comment",
		      "1 sent, call[1] packet 1,routed by ase-one/worker-0\n");
}
END_TEST

/* One flow, hundreds of workers, more files than descriptors; and the same steps give the same bytes. */
START_TEST(test_many_points)
{
	enum { WORKERS = 400 };
	static struct capture_node nodes[WORKERS];
	static char node_names[WORKERS][32];
	for (int i = 0; i < WORKERS; i++) {
		(void)snprintf(node_names[i], sizeof node_names[i], "ase/worker-%d", i);
		nodes[i] = (struct capture_node){node_names[i], NULL, true, false};
	}
	config.nodes = nodes;
	config.n_nodes = WORKERS;
	start();
	struct packet p;
	struct tuple tuple = tuple_of("10.0.1.6", 49152, "203.0.113.10", 443);
	make_packet(&p, arena, tuple, 1, 1000);
	for (uint32_t i = 0; i < 10 * WORKERS; i++) {
		struct step step = {.packet = &p,
				    .node = i % WORKERS,
				    .flags = STEP_SEEN | STEP_REALM,
				    .before = tuple,
				    .after = tuple,
				    .at = {i}};
		step.verdict.by = "x";
		trail_emit(&trail, &step);
	}
	stop();
	ck_assert_uint_eq(size_of("call@ase.worker-399.pcap"), 24 + 10 * (16 + 1054));
	if (!have_readers())
		return;
	assert_output("capinfos -c -M call.pcapng | grep -c 'packets: *4000'", "1\n");
	assert_output("ls | wc -l", "401\n");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("capture");
	TCase *tc = tcase_create("capture");
	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_files_of_flows);
	tcase_add_test(tc, test_drops_stand_in_two_files);
	tcase_add_test(tc, test_nothing_happens);
	tcase_add_test(tc, test_wants);
	tcase_add_test(tc, test_same_file_twice);
	tcase_add_test(tc, test_read_by_others);
	tcase_add_test(tc, test_taps);
	tcase_add_test(tc, test_decisions);
	tcase_add_test(tc, test_decisions_over_links_without_latency);
	tcase_add_test(tc, test_decisions_while_memory_is_short);
	tcase_add_test(tc, test_many_points);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
