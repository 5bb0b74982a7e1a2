/* Captures handed over while a run goes on, as an embedder sees them: include/pktpath alone, linked with the shared
 * library. */
#include "suite.h"
#include <errno.h>
#include <pktpath/tools.h>
#include <stdlib.h>
#include <string.h>

static const char NETWORK[] =
	"scenario: 1\n"
	"network:\n"
	"  vnets: {contoso: {space: [10.0.0.0/16], subnets: {ase-one: {cidr: 10.0.1.0/26}, data: {cidr: "
	"10.0.2.0/24}}}}\n"
	"  ases: {ase-one: {subnet: contoso/ase-one, vip: 192.23.1.2, front_ends: 1, workers: 1, apps: {web: {}}}}\n"
	"  hosts:\n"
	"    api: {internet: true, ip: 203.0.113.10, listen: [443/tcp], dns: api.example.net}\n"
	"    sql: {subnet: contoso/data, ip: 10.0.2.10, listen: [1433/tcp]}\n"
	"flows: {call: {from: ase-one/web, to: \"api:443/tcp\"}}\n"
	"expect: [{flow: call, outcome: delivered, seen_at: api, src: 192.23.1.2}]\n";

static pp_scenario *load(void)
{
	pp_scenario *scenario;
	ck_assert_int_eq(pp_scenario_load_text("api.yaml", NETWORK, strlen(NETWORK), NULL, 0, &scenario), 0);
	return scenario;
}

static int run_to_end(pp_run *run, uint64_t max_events)
{
	int r = 0;
	while (r == 0)
		r = pp_run_step(run, max_events);
	return r < 0 ? r : pp_run_finish(run);
}

/* What a stream handed over: how often, how much, when last; and whether whole blocks came. */
struct watched {
	unsigned n, n_packets;
	int64_t last_ns;
	unsigned leave_after; /* calls; 0: never */
};

static int watch(void *context, int64_t time_ns, const void *data, size_t bytes)
{
	struct watched *watched = context;
	const unsigned char *at = data;
	ck_assert_int_ge(time_ns, watched->last_ns);
	watched->last_ns = time_ns;
	for (size_t block = 0; bytes > 0; bytes -= block, at += block) {
		block = (size_t)at[4] | (size_t)at[5] << 8 | (size_t)at[6] << 16;
		ck_assert_uint_ge(block, 12);
		ck_assert_uint_le(block, bytes);
		watched->n_packets += at[0] == 6 && at[1] == 0;
	}
	return ++watched->n == watched->leave_after ? -EPIPE : 0;
}

START_TEST(a_stream_hands_over_whole_blocks_in_time)
{
	struct watched watched = {0};
	pp_scenario *scenario = load();
	pp_run *run;
	pp_stream *stream;
	ck_assert_int_eq(pp_run_new(scenario, NULL, &run), 0);
	ck_assert_int_eq(pp_stream_new(run, &(pp_stream_options){.write = watch, .context = &watched}, &stream), 0);
	ck_assert_uint_eq(watched.n, 1); /* the head, at once */
	ck_assert_int_eq(run_to_end(run, 1), 0);
	ck_assert_uint_gt(watched.n_packets, 10);
	ck_assert_uint_eq(watched.n, watched.n_packets + 1); /* each packet by itself */
	ck_assert_int_gt(watched.last_ns, 0);
	ck_assert_int_eq(pp_stream_finish(stream), 0);
	ck_assert_uint_eq(watched.n, watched.n_packets + 2);
	pp_stream_free(stream);
	ck_assert_int_eq(pp_stream_new(run, &(pp_stream_options){.write = watch, .context = &watched}, &stream),
			 -EINVAL);
	pp_run_free(run);
	pp_scenario_free(scenario);
}
END_TEST

START_TEST(a_stream_whose_reader_leaves_ends_the_run)
{
	struct watched watched = {.leave_after = 4};
	pp_scenario *scenario = load();
	pp_run *run;
	pp_stream *stream;
	ck_assert_int_eq(pp_run_new(scenario, NULL, &run), 0);
	ck_assert_int_eq(
		pp_stream_new(run, &(pp_stream_options){.at = "all", .write = watch, .context = &watched}, &stream), 0);
	ck_assert_int_eq(run_to_end(run, 100), -EPIPE);
	ck_assert_uint_eq(watched.n, 4);
	pp_stream_free(stream);
	pp_run_free(run);
	pp_scenario_free(scenario);
}
END_TEST

static void ck_stream_is_wrong(const pp_stream_options *options, const char *problem, const char *hint)
{
	pp_scenario *scenario = load();
	pp_run *run;
	pp_stream *stream;
	ck_assert_int_eq(pp_run_new(scenario, NULL, &run), 0);
	ck_assert_int_eq(pp_stream_new(run, options, &stream), 1);
	ck_assert_str_eq(pp_stream_problem(stream), problem);
	ck_assert_str_eq(pp_stream_hint(stream), hint);
	pp_stream_free(stream);
	pp_run_free(run);
	pp_scenario_free(scenario);
}

START_TEST(a_stream_of_what_is_not_there)
{
	char problem[PP_FILTER_PROBLEM_BYTES];
	ck_stream_is_wrong(&(pp_stream_options){.flow = "cal", .write = watch}, "no flow is called `cal`",
			   "did you mean `call`?");
	ck_stream_is_wrong(&(pp_stream_options){.at = "ase-one/vipp", .write = watch},
			   "no point is called `ase-one/vipp`", "did you mean `ase-one/vip`?");
	ck_stream_is_wrong(&(pp_stream_options){.filter = "host api", .write = watch},
			   "the filter does not compile: 'api' is a name: names are not looked up, write the address",
			   "see pcap-filter(7)");
	ck_assert_int_eq(pp_check_filter("tcp port 443", problem), 0);
	ck_assert_int_eq(pp_check_filter("tcp and and", problem), 1);
	ck_assert(strstr(problem, "syntax error"));
}
END_TEST

START_TEST(flows_and_points_have_names)
{
	pp_scenario *scenario = load();
	pp_run *run;
	pp_flow flow;
	unsigned n_vips = 0;
	pp_scenario_flow(scenario, 0, &flow);
	ck_assert_str_eq(flow.name, "call");
	ck_assert_str_eq(flow.to, "api:443/tcp");
	ck_assert_uint_eq(flow.n_connections, 1);
	ck_assert_int_eq(pp_run_new(scenario, NULL, &run), 0);
	for (size_t i = 0; i < pp_run_n_points(run); i++) {
		pp_point point;
		pp_run_point(run, i, &point);
		n_vips += strcmp(point.name, "ase-one/vip") == 0 && strstr(point.what, "192.23.1.2");
	}
	ck_assert_uint_eq(n_vips, 1);
	pp_run_free(run);
	pp_scenario_free(scenario);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("stream");
	TCase *all = tcase_create("all");
	tcase_add_test(all, a_stream_hands_over_whole_blocks_in_time);
	tcase_add_test(all, a_stream_whose_reader_leaves_ends_the_run);
	tcase_add_test(all, a_stream_of_what_is_not_there);
	tcase_add_test(all, flows_and_points_have_names);
	suite_add_tcase(suite, all);
	return suite_run(suite);
}
