/* --set: what a path may name, and that a value from the command line meets the same checks as one from the file. */
#include "loading.h"
#include "suite.h"
#include <string.h>

#define TEXT                                                                                                           \
	"scenario: 1\n"                                                                                                \
	"network:\n"                                                                                                   \
	"  hosts: {a: {internet: true, ip: 203.0.113.1}, a.1: {internet: true, ip: 203.0.113.3}, b: {internet: true, " \
	"ip: 203.0.113.2, listen: [80/tcp, "                                                                           \
	"81/tcp]}}\n"                                                                                                  \
	"flows: {call: {from: a, to: \"b:80/tcp\", rounds: 3}}\n"                                                      \
	"expect: [{flow: call, outcome: delivered}, {flow: call, seen_at: b, src: 203.0.113.1}]\n"

static struct loading loading;

static const struct model *set(const char *path, const char *value)
{
	struct scenario_override override = {path, value};
	loading_text_set(&loading, TEXT, &override, 1);
	return loading.model;
}

START_TEST(test_changes)
{
	ck_assert_uint_eq(set("flows.call.rounds", "5")->flows[0].rounds, 5);
	loading_end(&loading);
	ck_assert_uint_eq(set("expect.1.src", "203.0.113.9")->expects[1].src.raw, be32_from(0xcb007109).raw);
	loading_end(&loading);
	ck_assert_uint_eq(set("network.hosts.a.1.ip", "203.0.113.9")->hosts[1].addr.raw, be32_from(0xcb007109).raw);
	loading_end(&loading); /* a name may hold a dot */
	ck_assert_uint_eq(set("network.hosts.b.listen.1", "82/tcp")->hosts[2].listen[1].port, 82);
	loading_end(&loading);
	ck_assert_uint_eq(set("network.hosts.b.listen", "[1/tcp, 2/udp, 3/tcp]")->hosts[2].n_listen, 3);
	loading_end(&loading);
}
END_TEST

START_TEST(test_adds)
{
	ck_assert_uint_eq(set("seed", "99")->seed, 99);
	loading_end(&loading);
	ck_assert_int_eq(set("network.links.internet.latency", "7ms")->links[LINK_INTERNET].latency_ns, 7000000);
	loading_end(&loading);
	const struct model *model = set("flows.other", "{from: b, to: a/icmp}");
	ck_assert_uint_eq(model->n_flows, 2);
	ck_assert_str_eq(model->flows[1].name, "other");
	loading_end(&loading);
	ck_assert_uint_eq(set("flows.call.repeat", "{count: 4, every: 1s}")->flows[0].count, 4);
	loading_end(&loading);
}
END_TEST

START_TEST(test_takes_away)
{
	static const char *const nothing[] = {"", "~", "null", "# nothing"};
	for (size_t i = 0; i < 4; i++) {
		ck_assert_uint_eq(set("flows.call.rounds", nothing[i])->flows[0].rounds, 1);
		loading_end(&loading);
	}
	ck_assert_uint_eq(set("expect", "[]")->n_expects, 0);
	loading_end(&loading);
}
END_TEST

static void assert_error(const char *path, const char *value, const char *file, const char *text)
{
	ck_assert_ptr_null(set(path, value));
	const struct diag *error = loading_error(&loading);
	ck_assert_str_eq(error->place.file, file);
	ck_assert_msg(strstr(error->message, text), "%s", error->message);
	ck_assert_ptr_null(error->excerpt); /* it is no line of the file */
	loading_end(&loading);
}

START_TEST(test_errors)
{
	assert_error("flows.call.rounds", "many", "--set flows.call.rounds", "`many` is not a value of `rounds`");
	assert_error("flows.call.rouds", "3", "--set flows.call.rouds", "unknown key `rouds`");
	assert_error("flows.call.at", "5", "--set flows.call.at", "has no unit");
	assert_error("flows.call.rounds.x", "3", "--set flows.call.rounds.x", "no `x` there");
	assert_error("expect.2.src", "1.2.3.4", "--set expect.2.src", "no `2` there");
	assert_error("expect.-1.src", "1.2.3.4", "--set expect.-1.src", "no `-1` there");
	assert_error("expect.99999999999999999999999.src", "1.2.3.4", "--set expect.99999999999999999999999.src",
		     "there");
	assert_error("expect..src", "1.2.3.4", "--set expect..src", "no `` there");
	assert_error("flows.call.to", "{a: [", "--set flows.call.to", "YAML");
	assert_error("scenario", "2", "--set scenario", "`2` is not a value of `scenario`");
	assert_error("flows.call.at", "\xff", "--set flows.call.at", "UTF-8");
}
END_TEST

START_TEST(test_in_order)
{
	static const struct scenario_override overrides[] = {
		{"flows.call.rounds", "5"}, {"flows.call", "{from: b, to: a/icmp}"}, {"flows.call.rounds", "7"}};
	loading_text_set(&loading, TEXT, overrides, 3);
	ck_assert_uint_eq(loading.model->flows[0].rounds, 7);
	ck_assert_uint_eq(loading.model->flows[0].proto, 1);
	loading_end(&loading);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("scenario/override");
	TCase *c = tcase_create("override");

	tcase_add_test(c, test_changes);
	tcase_add_test(c, test_adds);
	tcase_add_test(c, test_takes_away);
	tcase_add_test(c, test_errors);
	tcase_add_test(c, test_in_order);
	suite_add_tcase(s, c);
	return suite_run(s);
}
