/* The words of notes: people filter for them and compare them, so they are fixed here. */
#include "out/note.h"
#include "suite.h"
#include "support.h"
#include <stdlib.h>
#include <string.h>

static const char *const FLOW_NAMES[] = {"call", "many"};
static const uint32_t FLOW_COUNTS[] = {1, 20};
static const struct note_flows FLOWS = {FLOW_NAMES, FLOW_COUNTS, 2};
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
	assert_note(&step, "sent, call packet 5");
	step.flow = 1;
	step.index_in_flow = 13;
	assert_note(&step, "sent, many[13] packet 5");
	packet.flags = PACKET_RETRANSMISSION;
	assert_note(&step, "sent, many[13] packet 5 retransmission");
	step.flow = 7;
	packet.flags = 0;
	packet.id = UINT64_MAX;
	assert_note(&step, "sent, flow-7 packet 18446744073709551615");
	step = step_of(STEP_FORWARD);
	packet.id = 5;
	assert_note(&step, "passes, call packet 5");
	step.flags = STEP_INBOUND;
	assert_note(&step, "arrives, call packet 5");
	step = step_of(STEP_DELIVER);
	assert_note(&step, "delivered, call packet 5");
}
END_TEST

START_TEST(test_decisions)
{
	struct buf text = {0};
	struct step step = step_of(STEP_FILTER);
	step.verdict = (struct verdict){.by = "nsg/guard", .rule = "office", .place = {"deep/x.yaml", 14, 3}};
	ck_assert(note_decision(&text, &step));
	step.verdict = (struct verdict){.by = "nsg/guard", .detail = "by its flow record"};
	buf_putc(&text, '|');
	ck_assert(note_decision(&text, &step));
	step = step_of(STEP_ROUTE);
	step.verdict = (struct verdict){.by = "route/system", .rule = "internet"};
	buf_putc(&text, '|');
	ck_assert(note_decision(&text, &step));
	ck_assert_str_eq(buf_text(&text),
			 "allowed by nsg/guard rule office x.yaml:14|allowed by nsg/guard (by its flow record)|"
			 "routed by route/system rule internet");
	buf_free(&text);
}
END_TEST

START_TEST(test_translations)
{
	struct step step = step_of(STEP_TRANSLATE);
	assert_note(&step, "ase-one/vip source 10.0.1.6:49152 -> 192.23.1.2:1024, call packet 5");
	step.verdict.rule = "snat";
	step.verdict.place = (struct place){"some/where/layered.yaml", 12, 3};
	assert_note(&step,
		    "ase-one/vip source 10.0.1.6:49152 -> 192.23.1.2:1024 by snat layered.yaml:12, call packet 5");
	step.verdict.rule = NULL;
	step.verdict.detail = "a new mapping";
	step.after = tuple_of("10.0.1.6", 49152, "10.0.2.4", 80);
	assert_note(&step, "ase-one/vip destination 203.0.113.10:443 -> 10.0.2.4:80 by layered.yaml:12 "
			   "(a new mapping), call packet 5");
	step.verdict = (struct verdict){.by = "home"};
	step.after = tuple_of("192.23.1.2", 49152, "10.0.2.4", 443);
	assert_note(&step, "home source 10.0.1.6:49152 -> 192.23.1.2:49152, destination "
			   "203.0.113.10:443 -> 10.0.2.4:443, call packet 5");
}
END_TEST

START_TEST(test_echo_has_identifiers)
{
	struct step step = step_of(STEP_TRANSLATE);
	step.before.proto = step.after.proto = PROTO_ICMP;
	step.before.src_port = step.before.dst_port = be16_from(7);
	step.after.src_port = step.after.dst_port = be16_from(9);
	assert_note(&step, "ase-one/vip source 10.0.1.6 id 7 -> 192.23.1.2 id 9, call packet 5");
	step.after.src = step.before.src;
	step.after.dst = be32_from(0x0a000204);
	assert_note(&step, "ase-one/vip destination 203.0.113.10 id 7 -> 10.0.2.4 id 9, call packet 5");
}
END_TEST

START_TEST(test_drops)
{
	struct step step = step_of(STEP_DROP);
	step.verdict = (struct verdict){.reason = REASON_NSG_DENY,
					.by = "nsg/only-ase-one",
					.rule = "deny-rest",
					.place = {"layered.yaml", 25, 11}};
	assert_note(&step, "DROP nsg-deny by nsg/only-ase-one rule deny-rest layered.yaml:25, call packet 5");
	step.verdict =
		(struct verdict){.reason = REASON_NO_MAPPING, .by = "ase-one/vip", .detail = "it ended at 240 s"};
	assert_note(&step, "DROP no-mapping by ase-one/vip (it ended at 240 s), call packet 5");
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

int main(void)
{
	Suite *suite = suite_create("note");
	TCase *tc = tcase_create("note");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_plain_notes);
	tcase_add_test(tc, test_decisions);
	tcase_add_test(tc, test_translations);
	tcase_add_test(tc, test_echo_has_identifiers);
	tcase_add_test(tc, test_drops);
	tcase_add_test(tc, test_long_names);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
