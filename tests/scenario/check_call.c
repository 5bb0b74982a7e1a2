/* Questions about a scenario: a call that no file makes, said as shortly as people say it, means what the file's longer
 * words would. */
#include "base/time.h"
#include "loading.h"
#include "net/tuple.h"
#include "suite.h"
#include <string.h>

static const char NETWORK[] =
	"scenario: 1\n"
	"network:\n"
	"  vnets: {contoso: {space: [10.0.0.0/16], subnets: {one: {cidr: 10.0.1.0/26}, data: {cidr: 10.0.2.0/24}}}}\n"
	"  ases: {one: {subnet: contoso/one, vip: 192.23.1.2, front_ends: 2, workers: 2, apps: {web: {}, jobs: "
	"{listen: [8080/tcp, 9/udp]}}}}\n"
	"  hosts:\n"
	"    api: {internet: true, ip: 203.0.113.10, listen: [53/udp, 443/tcp], dns: api.example.net}\n"
	"    db: {subnet: contoso/data, ip: 10.0.2.10, listen: [1433/tcp]}\n"
	"    pub: {subnet: contoso/data, ip: 10.0.2.11, public_ip: 192.23.9.9}\n"
	"flows: {f: {from: one/web, to: \"api:443/tcp\"}}\n";

static struct loading loading;
static struct flow_config call;

static void setup(void)
{
	loading_text(&loading, NETWORK);
	ck_assert_ptr_nonnull(loading.model);
}

static void teardown(void)
{
	loading_end(&loading);
}

static int make(const char *from, const char *to)
{
	call = (struct flow_config){.name = "question", .at_ns = 7 * NS_PER_S};
	return scenario_make_call(loading.arena, loading.model, from, to, &loading.diags, &call);
}

static void expect_to(const char *to, enum endpoint_kind kind, uint16_t port, uint8_t proto)
{
	ck_assert_msg(make("db", to) == 0, "%s: %s", to,
		      loading.diags.n ? loading.diags.items[loading.diags.n - 1].message : "");
	ck_assert_msg(call.to.kind == kind && call.port == port && call.proto == proto, "%s: %d port %u by %s", to,
		      (int)call.to.kind, call.port, proto_name(call.proto));
}

START_TEST(who_is_called)
{
	expect_to("api:443/tcp", ENDPOINT_HOST, 443, PROTO_TCP);
	expect_to("api/icmp", ENDPOINT_HOST, 0, PROTO_ICMP);
	expect_to("api", ENDPOINT_HOST, 53, PROTO_UDP); /* what it listens on first */
	expect_to("api:443", ENDPOINT_HOST, 443, PROTO_TCP);
	expect_to("api:53", ENDPOINT_HOST, 53, PROTO_UDP); /* by the protocol that it listens with */
	expect_to("api:99", ENDPOINT_HOST, 99, PROTO_TCP);
	expect_to("api.example.net:53", ENDPOINT_HOST, 53, PROTO_UDP);
	expect_to("db", ENDPOINT_HOST, 1433, PROTO_TCP);
	expect_to("one/web", ENDPOINT_APP, 80, PROTO_TCP);
	expect_to("one/jobs:9", ENDPOINT_APP, 9, PROTO_UDP);
	expect_to("one/worker-1:8172", ENDPOINT_WORKER, 8172, PROTO_TCP);
	expect_to("one:443", ENDPOINT_ASE, 443, PROTO_TCP);
	expect_to("198.51.100.1:25", ENDPOINT_ADDRESS, 25, PROTO_TCP);
	expect_to("198.51.100.1:25/udp", ENDPOINT_ADDRESS, 25, PROTO_UDP);
}
END_TEST

START_TEST(who_calls)
{
	ck_assert_int_eq(make("one/web", "api"), 0);
	ck_assert_int_eq(call.from.kind, ENDPOINT_APP);
	ck_assert_int_eq(make("10.0.2.10", "api"), 0);
	ck_assert_int_eq(call.from.kind, ENDPOINT_HOST);
	ck_assert_str_eq(loading.model->hosts[call.from.index].name, "db");
	ck_assert_int_eq(make("192.23.9.9", "api"), 0); /* by its public address, too */
	ck_assert_str_eq(loading.model->hosts[call.from.index].name, "pub");
	/* Front ends have the first addresses of the subnet, workers those behind them. */
	const struct ase_config *ase = &loading.model->ases[0];
	for (uint32_t i = 0; i < 2; i++) {
		char text[ADDR_TEXT_BYTES];
		ck_assert_int_eq(make(addr_print(ase->addresses[ase->front_ends + i], text), "api"), 0);
		ck_assert_int_eq(call.from.kind, ENDPOINT_WORKER);
		ck_assert_uint_eq(call.from.worker, i);
	}
}
END_TEST

/* The rest is as if the file had the flow; name and time stay the caller's. */
START_TEST(the_rest_is_a_flows)
{
	ck_assert_int_eq(make("one/web", "api:443"), 0);
	const struct flow_config *f = &loading.model->flows[0];
	ck_assert_str_eq(call.name, "question");
	ck_assert_int_eq(call.at_ns, 7 * NS_PER_S);
	ck_assert_uint_eq(call.send_bytes, f->send_bytes);
	ck_assert_uint_eq(call.reply_bytes, f->reply_bytes);
	ck_assert_uint_eq(call.rounds, f->rounds);
	ck_assert_uint_eq(call.count, 1);
	ck_assert_uint_eq(loading.model->n_flows, 1);
}
END_TEST

START_TEST(what_cannot_be_asked)
{
	static const char *const questions[][2] = {
		{"nobody", "api"},
		{"one", "api"},
		{"one/nothing", "api"},
		{"one/worker-2", "api"},
		{"192.0.2.1", "api"},
		{"0.0.0.0", "api"},
		{"db", "pub"},
		{"db", "nobody"},
		{"db", "nobody:80"},
		{"db", "api:0"},
		{"db", "api:65536"},
		{"db", "api:x"},
		{"db", "api:443/sctp"},
		{"db", "api:443/icmp"},
		{"db", ""},
		{"", "api"},
		{"db", ":"},
		{"db", "/tcp"},
		{"db", "203.0.113.10"},
		{"db", "one"},
		{"db", "one/"},
		{"/", "api"},
		{"db", "api:/tcp"},
		{"db", "1.2.3.256:1"},
	};
	for (size_t i = 0; i < N(questions); i++) {
		size_t n = loading.diags.n_errors;
		ck_assert_msg(make(questions[i][0], questions[i][1]) == 1, "%s to %s", questions[i][0],
			      questions[i][1]);
		ck_assert_uint_gt(loading.diags.n_errors, n);
		ck_assert_uint_eq(loading.diags.items[n].place.line, 0);
	}
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("scenario/call", &tc);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, who_is_called);
	tcase_add_test(tc, who_calls);
	tcase_add_test(tc, the_rest_is_a_flows);
	tcase_add_test(tc, what_cannot_be_asked);
	return suite_run(suite);
}
