/* Flow records: whose they are, when they end, and that the table keeps all of them and no more. */
#include "base/random.h"
#include "rule/record.h"
#include "suite.h"
#include <stdlib.h>

#define MACHINE 3u

static struct records *records;

static void setup(void)
{
	ck_assert_int_eq(records_new(&records), 0);
}

static void teardown(void)
{
	records = records_free(records);
	ck_assert_ptr_null(records);
}

static struct instant at_ns(int64_t ns)
{
	return (struct instant){ns};
}

static struct tuple flow(uint32_t i)
{
	return (struct tuple){be32_from(0x0a000104), be32_from(0xc6336400 + i / 50000), be16_from(443),
			      be16_from((uint16_t)(1024 + i % 50000)), PROTO_TCP};
}

static void open_at(uint32_t machine, struct tuple t, struct instant now)
{
	ck_assert_int_eq(record_open(records, machine, &t, now), 0);
}

START_TEST(test_whose)
{
	struct tuple t = flow(7);
	ck_assert(!record_use(records, MACHINE, &t, INSTANT_ZERO));
	open_at(MACHINE, t, INSTANT_ZERO);
	ck_assert_uint_eq(records_n(records), 1);
	ck_assert(record_use(records, MACHINE, &t, INSTANT_ZERO));
	ck_assert(record_is_live(records, MACHINE, &t, INSTANT_ZERO));
	/* Another machine's, another direction's, and whatever differs in one part. */
	ck_assert(!record_use(records, MACHINE + 1, &t, INSTANT_ZERO));
	struct tuple others[6] = {tuple_reverse(t), t, t, t, t, t};
	others[1].src = be32_from(be32_to(t.src) + 1);
	others[2].dst = be32_from(be32_to(t.dst) + 1);
	others[3].src_port = be16_from((uint16_t)(be16_to(t.src_port) + 1));
	others[4].dst_port = be16_from((uint16_t)(be16_to(t.dst_port) + 1));
	others[5].proto = PROTO_UDP;
	for (size_t i = 0; i < 6; i++)
		ck_assert_msg(!record_use(records, MACHINE, &others[i], INSTANT_ZERO), "%zu", i);
	/* Opened twice is one record. */
	open_at(MACHINE, t, INSTANT_ZERO);
	ck_assert_uint_eq(records_n(records), 1);
}
END_TEST

START_TEST(test_ends_when_idle)
{
	struct tuple t = flow(0);
	open_at(MACHINE, t, at_ns(5));
	ck_assert(record_is_live(records, MACHINE, &t, at_ns(5 + RECORD_IDLE_NS - 1)));
	ck_assert(!record_is_live(records, MACHINE, &t, at_ns(5 + RECORD_IDLE_NS)));
	/* Looking is not using; using holds it for another four minutes. */
	ck_assert(record_use(records, MACHINE, &t, at_ns(5 + RECORD_IDLE_NS - 1)));
	ck_assert(record_use(records, MACHINE, &t, at_ns(5 + 2 * RECORD_IDLE_NS - 2)));
	ck_assert(!record_use(records, MACHINE, &t, at_ns(5 + 3 * RECORD_IDLE_NS - 2)));
	/* An ended one does not come back by being asked for, but by being opened. */
	ck_assert(!record_is_live(records, MACHINE, &t, at_ns(5 + 3 * RECORD_IDLE_NS - 2)));
	open_at(MACHINE, t, at_ns(5 + 3 * RECORD_IDLE_NS));
	ck_assert(record_use(records, MACHINE, &t, at_ns(5 + 4 * RECORD_IDLE_NS - 1)));
	ck_assert_uint_eq(records_n(records), 1);
}
END_TEST

START_TEST(test_opening_uses)
{
	struct tuple t = flow(0);
	open_at(MACHINE, t, INSTANT_ZERO);
	open_at(MACHINE, t, at_ns(RECORD_IDLE_NS - 1));
	ck_assert(record_is_live(records, MACHINE, &t, at_ns(2 * RECORD_IDLE_NS - 2)));
}
END_TEST

START_TEST(test_many)
{
	const uint32_t n = 100000;
	for (uint32_t i = 0; i < n; i++)
		open_at(i % 5, flow(i), at_ns(i));
	ck_assert_uint_eq(records_n(records), n);
	for (uint32_t i = 0; i < n; i++) {
		struct tuple t = flow(i);
		for (uint32_t machine = 0; machine < 5; machine++)
			ck_assert_int_eq(record_is_live(records, machine, &t, at_ns(n)), machine == i % 5);
	}
	struct tuple absent = flow(n);
	ck_assert(!record_is_live(records, n % 5, &absent, at_ns(n)));
}
END_TEST

START_TEST(test_expired_ones_make_room)
{
	/* A thousand flows at any time, a hundred thousand in all. */
	int64_t step_ns = RECORD_IDLE_NS / 1000;
	size_t most = 0;
	for (uint32_t i = 0; i < 100000; i++) {
		open_at(MACHINE, flow(i), at_ns(i * step_ns));
		most = records_n(records) > most ? records_n(records) : most;
	}
	ck_assert_uint_le(most, 4096);
	int64_t now = 99999 * step_ns;
	for (uint32_t i = 99000; i < 100000; i++) {
		struct tuple t = flow(i);
		ck_assert_int_eq(record_is_live(records, MACHINE, &t, at_ns(now)), now - i * step_ns < RECORD_IDLE_NS);
	}
}
END_TEST

START_TEST(test_forget)
{
	for (uint32_t i = 0; i < 2000; i++)
		open_at(i % 2 ? MACHINE : 0, flow(i), INSTANT_ZERO);
	records_forget(records, MACHINE);
	for (uint32_t i = 0; i < 2000; i++) {
		struct tuple t = flow(i);
		ck_assert_int_eq(record_use(records, i % 2 ? MACHINE : 0, &t, INSTANT_ZERO), i % 2 == 0);
	}
	/* A machine of the same number starts with nothing, and can open what the last one had. */
	struct tuple t = flow(1);
	open_at(MACHINE, t, INSTANT_ZERO);
	ck_assert(record_use(records, MACHINE, &t, INSTANT_ZERO));
	records_forget(records, 99);
	ck_assert(record_use(records, MACHINE, &t, INSTANT_ZERO));
}
END_TEST

/* Against a plain list: flows come and go at random. */
START_TEST(test_as_a_list)
{
	enum { N_FLOWS = 500 };
	int64_t ends[N_FLOWS];
	for (size_t i = 0; i < N_FLOWS; i++)
		ends[i] = 0;
	int64_t now = 1;
	for (uint64_t turn = 0; turn < 200000; turn++) {
		uint64_t random = random_join(turn, (uint64_t)_i);
		uint32_t which = random_below(random, N_FLOWS);
		struct tuple t = flow(which);
		now += (int64_t)(random & 0xff) * (RECORD_IDLE_NS / 20000);
		bool is_live = now < ends[which];
		switch (random >> 8 & 3) {
		case 0:
			open_at(MACHINE, t, at_ns(now));
			ends[which] = now + RECORD_IDLE_NS;
			break;
		case 1:
			ck_assert_int_eq(record_use(records, MACHINE, &t, at_ns(now)), is_live);
			ends[which] = is_live ? now + RECORD_IDLE_NS : ends[which];
			break;
		default:
			ck_assert_int_eq(record_is_live(records, MACHINE, &t, at_ns(now)), is_live);
			break;
		}
		if (random >> 50 == 0) {
			records_forget(records, MACHINE);
			for (size_t i = 0; i < N_FLOWS; i++)
				ends[i] = 0;
		}
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("rule/record");
	TCase *c = tcase_create("record");
	tcase_set_timeout(c, 60);
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, test_whose);
	tcase_add_test(c, test_ends_when_idle);
	tcase_add_test(c, test_opening_uses);
	tcase_add_test(c, test_many);
	tcase_add_test(c, test_expired_ones_make_room);
	tcase_add_test(c, test_forget);
	tcase_add_loop_test(c, test_as_a_list, 0, 4);
	suite_add_tcase(s, c);
	return suite_run(s);
}
