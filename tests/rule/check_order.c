/* Fragments in their order pass, others do not; datagrams, machines and time keep them apart. */
#include "rule/order.h"
#include "suite.h"

static struct order *order;

static void setup(void)
{
	ck_assert_int_eq(order_new(&order), 0);
}

static void teardown(void)
{
	ck_assert_ptr_null(order_free(order));
}

/* Takes it where it comes in its order. */
static bool comes(uint32_t machine, uint16_t id, uint32_t first, uint32_t end, bool is_last, int64_t at_ns)
{
	struct order_fragment fragment = {.machine = machine,
					  .src = be32_from(0x0a000101),
					  .dst = be32_from(0x0a000102),
					  .ip_id = be16_from(id),
					  .proto = PROTO_UDP,
					  .is_last = is_last,
					  .first_byte = first,
					  .end_byte = end};
	bool holds = order_holds(order, &fragment, (struct instant){at_ns});
	if (holds)
		ck_assert_int_eq(order_note(order, &fragment, (struct instant){at_ns}), 0);
	return holds;
}

START_TEST(in_order_they_pass)
{
	ck_assert(comes(1, 7, 0, 1480, false, 10));
	ck_assert(comes(1, 7, 1480, 2960, false, 20));
	ck_assert(comes(1, 7, 2960, 3000, true, 30));
	ck_assert(!comes(1, 7, 2960, 3000, true, 40)); /* its datagram is over */
}
END_TEST

START_TEST(out_of_order_they_do_not)
{
	ck_assert(!comes(1, 7, 1480, 2960, false, 10));
	ck_assert(comes(1, 7, 0, 1480, false, 20));
	ck_assert(!comes(1, 7, 2960, 3000, true, 30));
	ck_assert(comes(1, 7, 1480, 2960, false, 40));
	ck_assert(!comes(1, 8, 2960, 3000, true, 50)); /* another datagram */
	ck_assert(!comes(2, 7, 2960, 3000, true, 50)); /* another machine */
	ck_assert(!comes(1, 7, 2960, 3000, true, 40 + 30 * NS_PER_S));
}
END_TEST

START_TEST(many_datagrams_at_once)
{
	for (uint32_t round = 0; round < 3; round++)
		for (uint32_t i = 0; i < 5000; i++)
			ck_assert(comes(i % 7, (uint16_t)(i / 7), round * 1480, (round + 1) * 1480, round == 2,
					1 + round * NS_PER_S + i));
	for (uint32_t i = 0; i < 5000; i++)
		ck_assert(!comes(i % 7, (uint16_t)(i / 7), 1480, 2960, false, 4 * NS_PER_S));
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("rule/order", &tc);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, in_order_they_pass);
	tcase_add_test(tc, out_of_order_they_do_not);
	tcase_add_test(tc, many_datagrams_at_once);
	return suite_run(suite);
}
