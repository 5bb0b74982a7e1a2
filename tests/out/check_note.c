/* The words of notes and of trail.txt: people filter for them and compare them, so they are fixed here. */
#include "base/units.h"
#include "out/node_map.h"
#include "out/note.h"
#include "out/text.h"
#include "out/trail_text.h"
#include "support.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

static const char *const FLOW_NAMES[] = {"call", "many"};
static const uint32_t FLOW_COUNTS[] = {1, 20};
static const struct note_flows FLOWS = {FLOW_NAMES, FLOW_COUNTS, 2};
static const struct capture_node NODES[] = {{"ase-one/worker-0", NULL, true, false}, {"ase-one/vip", NULL, false, true}};
static struct arena *arena;
static struct packet packet;

static void setup(void)
{
	arena = arena_new();
	make_packet(&packet, arena, tuple_of("192.23.1.2", 1024, "203.0.113.10", 443), 5, 0);
}

static void teardown(void)
{
	arena_free(arena);
}

static struct step step_of(enum step_kind kind)
{
	struct step step = {.packet = &packet, .kind = kind, .verdict.by = "ase-one/vip", .node = 1};
	step.before = tuple_of("10.0.1.6", 49152, "203.0.113.10", 443);
	step.after = kind == STEP_TRANSLATE ? tuple_of("192.23.1.2", 1024, "203.0.113.10", 443) : step.before;
	return step;
}

static void assert_note(const struct step *step, const char *expected)
{
	struct buf note = {0};
	const char *text = note_step(&note, &FLOWS, step);
	ck_assert_ptr_nonnull(text);
	ck_assert_str_eq(text, expected);
	ck_assert_uint_eq(note.size_bytes, strlen(expected));
	buf_free(&note);
}

START_TEST(test_plain_notes)
{
	struct step step = step_of(STEP_ORIGINATE);
	assert_note(&step, "call packet 5");
	step.flow = 1;
	step.index_in_flow = 13;
	assert_note(&step, "many[13] packet 5");
	packet.flags = PACKET_RETRANSMISSION;
	assert_note(&step, "many[13] packet 5 retransmission");
	step.flow = 7;
	packet.flags = 0;
	packet.id = UINT64_MAX;
	assert_note(&step, "flow-7 packet 18446744073709551615");
}
END_TEST

START_TEST(test_translations)
{
	struct step step = step_of(STEP_TRANSLATE);
	assert_note(&step, "call packet 5: ase-one/vip source 10.0.1.6:49152 -> 192.23.1.2:1024");
	step.verdict.rule = "snat";
	step.verdict.place = (struct place){"some/where/layered.yaml", 12, 3};
	assert_note(&step, "call packet 5: ase-one/vip source 10.0.1.6:49152 -> 192.23.1.2:1024 by snat layered.yaml:12");
	step.verdict.rule = NULL;
	step.verdict.detail = "a new mapping";
	step.after = tuple_of("10.0.1.6", 49152, "10.0.2.4", 80);
	assert_note(&step, "call packet 5: ase-one/vip destination 203.0.113.10:443 -> 10.0.2.4:80 by layered.yaml:12 (a new mapping)");
	step.verdict = (struct verdict){.by = "home"};
	step.after = tuple_of("192.23.1.2", 49152, "10.0.2.4", 443);
	assert_note(&step, "call packet 5: home source 10.0.1.6:49152 -> 192.23.1.2:49152, destination 203.0.113.10:443 -> 10.0.2.4:443");
}
END_TEST

START_TEST(test_echo_has_identifiers)
{
	struct step step = step_of(STEP_TRANSLATE);
	step.before.proto = step.after.proto = PROTO_ICMP;
	step.before.src_port = step.before.dst_port = be16_from(7);
	step.after.src_port = step.after.dst_port = be16_from(9);
	assert_note(&step, "call packet 5: ase-one/vip source 10.0.1.6 id 7 -> 192.23.1.2 id 9");
	step.after.src = step.before.src;
	step.after.dst = be32_from(0x0a000204);
	assert_note(&step, "call packet 5: ase-one/vip destination 203.0.113.10 id 7 -> 10.0.2.4 id 9");
}
END_TEST

START_TEST(test_drops)
{
	struct step step = step_of(STEP_DROP);
	step.verdict = (struct verdict){
		.reason = REASON_NSG_DENY, .by = "nsg/only-ase-one", .rule = "deny-rest", .place = {"layered.yaml", 25, 11}};
	assert_note(&step, "call packet 5: DROP nsg-deny by nsg/only-ase-one rule deny-rest layered.yaml:25");
	step.verdict = (struct verdict){.reason = REASON_NO_MAPPING, .by = "ase-one/vip", .detail = "it ended at 240 s"};
	assert_note(&step, "call packet 5: DROP no-mapping by ase-one/vip (it ended at 240 s)");
}
END_TEST

/* A note longer than anything expected still fits, because its length is measured. */
START_TEST(test_long_names)
{
	char *name = calloc(1, 5001);
	memset(name, 'x', 5000);
	const char *names[] = {name};
	struct note_flows flows = {names, NULL, 1};
	struct step step = step_of(STEP_DROP);
	step.verdict = (struct verdict){REASON_FRAGMENT_NOT_TRANSLATED, name, name, name, {name, UINT32_MAX, 1}};
	struct buf note = {0};
	const char *text = note_step(&note, &flows, &step);
	ck_assert_ptr_nonnull(text);
	ck_assert_uint_gt(strlen(text), 25000);
	ck_assert_uint_eq(strlen(text), note.size_bytes);
	ck_assert_uint_le(note.size_bytes + 1, note.capacity_bytes);
	buf_free(&note);
	free(name);
}
END_TEST

START_TEST(test_text_agrees_with_the_slow_way)
{
	static const int64_t times_ns[] = {0, 1, 999999999, 1000000000, INT64_C(12000450000), -1, -1500000000, INT64_MAX, INT64_MIN};
	char expected[UNITS_TEXT_BYTES], text[64], tuple_text[TUPLE_TEXT_BYTES];
	for (size_t i = 0; i < sizeof(times_ns) / sizeof(times_ns[0]) - 1; i++) {
		*text_seconds(text, times_ns[i]) = '\0';
		ck_assert_str_eq(text, units_print_seconds(times_ns[i], expected));
	}
	*text_seconds(text, INT64_MIN) = '\0';
	ck_assert_str_eq(text, "-9223372036.854775808");
	struct tuple tuples[] = {tuple_of("255.255.255.255", 65535, "0.0.0.0", 1), tuple_of("10.0.1.6", 7, "1.20.255.4", 7),
				 tuple_of("0.0.0.0", 0, "0.0.0.0", 0)};
	tuples[1].proto = PROTO_ICMP;
	tuples[2].proto = PROTO_UDP;
	for (size_t i = 0; i < 2; i++) {
		*text_tuple(text, &tuples[i]) = '\0';
		ck_assert_str_eq(text, tuple_print(&tuples[i], tuple_text));
	}
	*text_tuple(text, &tuples[2]) = '\0'; /* no ports: a fragment */
	ck_assert_str_eq(text, "udp 0.0.0.0 > 0.0.0.0");
}
END_TEST

START_TEST(test_places)
{
	char text[64];
	*text_place(text, PLACE_NONE) = '\0';
	ck_assert_str_eq(text, "");
	*text_place(text, (struct place){"/a/b.yaml", 0, 0}) = '\0';
	ck_assert_str_eq(text, "b.yaml");
	*text_place(text, (struct place){"b.yaml", 4000000000u, 2}) = '\0';
	ck_assert_str_eq(text, "b.yaml:4000000000");
}
END_TEST

START_TEST(test_node_map)
{
	struct node_map map = {0};
	uint32_t value;
	ck_assert(!node_map_find(&map, 0, &value));
	for (uint32_t i = 0; i < 10000; i++)
		ck_assert_int_eq(node_map_add(&map, i * 64, i), 0);
	for (uint32_t i = 0; i < 10000; i++) {
		ck_assert(node_map_find(&map, i * 64, &value));
		ck_assert_uint_eq(value, i);
		ck_assert(!node_map_find(&map, i * 64 + 1, &value));
	}
	node_map_deinit(&map);
}
END_TEST

START_TEST(test_trail_text)
{
	directory_new();
	struct output *output;
	char *path;
	ck_assert_int_eq(output_begin(path_in("run"), &output, &path), 0);
	struct capture_config config = {.flow_names = FLOW_NAMES, .flow_counts = FLOW_COUNTS, .n_flows = 2, .nodes = NODES, .n_nodes = 2};
	struct trail_text *text;
	ck_assert_int_eq(trail_text_new(&config, output, &text), 0);
	struct trail trail = {0};
	ck_assert_int_eq(trail_observe(&trail, trail_text_observer(text)), 0);
	struct step step = step_of(STEP_ORIGINATE);
	step.node = 0;
	step.verdict.by = "ase-one/worker-0";
	trail_emit(&trail, &step);
	step = step_of(STEP_FILTER);
	step.flow = 1;
	step.index_in_flow = 3;
	step.verdict = (struct verdict){.by = "nsg/x", .rule = "out-443", .place = {"dir/s.yaml", 41, 9}};
	trail_emit(&trail, &step);
	step = step_of(STEP_TRANSLATE);
	step.at.ns = 450000;
	step.verdict.place = (struct place){"dir/s.yaml", 9, 1};
	trail_emit(&trail, &step);
	step = step_of(STEP_DROP);
	step.at.ns = INT64_C(240000000001);
	step.verdict = (struct verdict){.reason = REASON_NO_MAPPING, .by = "ase-one/vip", .detail = "it ended"};
	trail_emit(&trail, &step);
	step.node = 9;
	trail_emit(&trail, &step);
	ck_assert_int_eq(trail.error, 0);
	ck_assert_ptr_null(trail_text_free(text));
	ck_assert_int_eq(output_commit(output, &path), 0);
	char *got = read_file("run/trail.txt", NULL);
	ck_assert_str_eq(
		got, "# time flow packet node kind addresses [=> addresses after] [reason] [by whom] [rule] [file:line] [(detail)]\n"
		     "0.000000000 call 5 ase-one/worker-0 originate tcp 10.0.1.6:49152 > 203.0.113.10:443\n"
		     "0.000000000 many[3] 5 ase-one/vip filter tcp 10.0.1.6:49152 > 203.0.113.10:443 by nsg/x rule out-443 s.yaml:41\n"
		     "0.000450000 call 5 ase-one/vip translate tcp 10.0.1.6:49152 > 203.0.113.10:443 => tcp 192.23.1.2:1024 > "
		     "203.0.113.10:443 by ase-one/vip s.yaml:9\n"
		     "240.000000001 call 5 ase-one/vip drop tcp 10.0.1.6:49152 > 203.0.113.10:443 no-mapping by ase-one/vip (it ended)\n"
		     "240.000000001 call 5 ? drop tcp 10.0.1.6:49152 > 203.0.113.10:443 no-mapping by ase-one/vip (it ended)\n");
	free(got);
	directory_remove();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("note");
	TCase *tc = tcase_create("note");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_plain_notes);
	tcase_add_test(tc, test_translations);
	tcase_add_test(tc, test_echo_has_identifiers);
	tcase_add_test(tc, test_drops);
	tcase_add_test(tc, test_long_names);
	tcase_add_test(tc, test_text_agrees_with_the_slow_way);
	tcase_add_test(tc, test_places);
	tcase_add_test(tc, test_node_map);
	tcase_add_test(tc, test_trail_text);
	suite_add_tcase(suite, tc);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
