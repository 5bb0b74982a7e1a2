/* trail.txt, character by character: people grep it and compare runs by it. */
#include "out/trail_text.h"
#include "suite.h"
#include "support.h"
#include <stdlib.h>
#include <string.h>

static const char *const FLOW_NAMES[] = {"call", "many"};
static const uint32_t FLOW_COUNTS[] = {1, 20};
static const struct capture_node NODES[] = {{"ase-one/worker-0", NULL, true, false},
					    {"ase-one/vip", NULL, false, true}};
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

START_TEST(test_trail_text)
{
	directory_new();
	struct output *output;
	char *path;
	ck_assert_int_eq(output_begin(path_in("run"), &output, &path), 0);
	struct capture_config config = {
		.flow_names = FLOW_NAMES, .flow_counts = FLOW_COUNTS, .n_flows = 2, .nodes = NODES, .n_nodes = 2};
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
	ck_assert_str_eq(got, "# time flow packet node kind addresses [=> addresses after] [reason] [by PLACE] [rule] "
			      "[file:line] [(detail)]\n"
			      "0.000000000 call 5 ase-one/worker-0 originate tcp 10.0.1.6:49152 > 203.0.113.10:443\n"
			      "0.000000000 many[3] 5 ase-one/vip filter tcp 10.0.1.6:49152 > 203.0.113.10:443 by nsg/x "
			      "rule out-443 s.yaml:41\n"
			      "0.000450000 call 5 ase-one/vip translate tcp 10.0.1.6:49152 > 203.0.113.10:443 => tcp "
			      "192.23.1.2:1024 > "
			      "203.0.113.10:443 by ase-one/vip s.yaml:9\n"
			      "240.000000001 call 5 ase-one/vip drop tcp 10.0.1.6:49152 > 203.0.113.10:443 no-mapping "
			      "by ase-one/vip (it ended)\n"
			      "240.000000001 call 5 ? drop tcp 10.0.1.6:49152 > 203.0.113.10:443 no-mapping by "
			      "ase-one/vip (it ended)\n");
	free(got);
	directory_remove();
}
END_TEST

/* Names, rules and details are as long as they are: each line finds room. */
START_TEST(test_long_words)
{
	directory_new();
	char *word = calloc(1, 20001);
	memset(word, 'x', 20000);
	const char *names[] = {word};
	const struct capture_node nodes[] = {{word, NULL, true, false}};
	struct capture_config config = {.flow_names = names, .n_flows = 1, .nodes = nodes, .n_nodes = 1};
	struct output *output;
	struct trail_text *text;
	struct trail trail = {0};
	char *path;
	ck_assert_int_eq(output_begin(path_in("run"), &output, &path), 0);
	ck_assert_int_eq(trail_text_new(&config, output, &text), 0);
	ck_assert_int_eq(trail_observe(&trail, trail_text_observer(text)), 0);
	struct step step = step_of(STEP_TRANSLATE);
	step.node = 0;
	step.at.ns = INT64_MAX;
	step.verdict = (struct verdict){REASON_FRAGMENT_NOT_TRANSLATED, word, word, word, {word, UINT32_MAX, 1}};
	for (int i = 0; i < 50; i++)
		trail_emit(&trail, &step);
	ck_assert_int_eq(trail.error, 0);
	trail_text_free(text);
	ck_assert_int_eq(output_commit(output, &path), 0);
	size_t n;
	char *got = read_file("run/trail.txt", &n);
	ck_assert_uint_gt(n, 50 * 6 * 20000);
	ck_assert_uint_lt(n, 50 * 6 * 20000 + 50 * 250 + 200);
	free(got);
	free(word);
	directory_remove();
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("out/trail_text", &tc);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_trail_text);
	tcase_add_test(tc, test_long_words);
	return suite_run(suite);
}
