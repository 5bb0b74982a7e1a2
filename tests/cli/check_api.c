/* The library as an embedder sees it: include/pktpath alone, linked with the shared library. */
#include "suite.h"
#include <errno.h>
#include <pktpath/tools.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

static void assert_addr(pp_addr addr, const char *expected)
{
	char text[PP_ADDR_TEXT_BYTES];
	ck_assert_str_eq(pp_addr_print(addr, text), expected);
}

static int run_to_end(pp_run *run, uint64_t max_events)
{
	int r = 0;
	while (r == 0)
		r = pp_run_step(run, max_events);
	return r < 0 ? r : pp_run_finish(run);
}

START_TEST(mistakes_are_diagnostics)
{
	static const char text[] = "scenario: 1\nflow: {}\nnetwrok: {}\n";
	pp_scenario *scenario;
	ck_assert_int_eq(pp_scenario_load_text("wrong.yaml", text, strlen(text), NULL, 0, &scenario), 1);
	ck_assert_uint_ge(pp_scenario_n_diagnostics(scenario), 2);
	pp_diagnostic first;
	pp_scenario_diagnostic(scenario, 0, &first);
	ck_assert(first.error);
	ck_assert_str_eq(first.file, "wrong.yaml");
	ck_assert_uint_eq(first.line, 2);
	ck_assert_uint_eq(first.column, 1);
	ck_assert_str_eq(first.excerpt, "flow: {}\n^\n");
	pp_scenario_free(scenario);
}
END_TEST

START_TEST(a_bad_filter_is_a_diagnostic_with_its_place)
{
	char text[sizeof(NETWORK) + 128];
	(void)snprintf(text, sizeof text, "%s%s", NETWORK, "taps: {t: {at: realms, filter: \"tcp and and\"}}\n");
	pp_scenario *scenario;
	ck_assert_int_eq(pp_scenario_load_text("filter.yaml", text, strlen(text), NULL, 0, &scenario), 1);
	pp_diagnostic diagnostic;
	ck_assert_uint_eq(pp_scenario_n_diagnostics(scenario), 1);
	pp_scenario_diagnostic(scenario, 0, &diagnostic);
	ck_assert_uint_eq(diagnostic.line, 10);
	ck_assert_ptr_nonnull(diagnostic.excerpt);
	ck_assert_ptr_nonnull(strstr(diagnostic.message, "syntax error"));
	pp_scenario_free(scenario);
}
END_TEST

/* All that is wrong in one run: filters too, though libpcap and not the loader judges them. */
START_TEST(a_bad_filter_is_told_among_other_mistakes)
{
	char text[sizeof(NETWORK) + 256];
	(void)snprintf(text, sizeof text, "%s%s", NETWORK,
		       "taps: {t: {at: realms, filter: \"tcp and and\"}, u: {at: nowhere, filter: \"udp or (\"}, v: "
		       "{filter: host api}}\nflow: {}\n");
	pp_scenario *scenario;
	ck_assert_int_eq(pp_scenario_load_text("filter.yaml", text, strlen(text), NULL, 0, &scenario), 1);
	size_t n_filters = 0, n = pp_scenario_n_diagnostics(scenario);
	uint32_t line = 0;
	ck_assert_uint_gt(n, 4);
	for (size_t i = 0; i < n; i++) {
		pp_diagnostic diagnostic;
		pp_scenario_diagnostic(scenario, i, &diagnostic);
		ck_assert_uint_ge(diagnostic.line, line); /* in the order of the file */
		line = diagnostic.line;
		ck_assert_ptr_nonnull(diagnostic.excerpt);
		n_filters += strstr(diagnostic.message, "the filter does not compile") != NULL;
	}
	ck_assert_uint_eq(n_filters, 3);
	pp_scenario_free(scenario);
}
END_TEST

START_TEST(overrides_are_copied)
{
	char path[] = "network.ases.ase-one.vip", value[] = "192.23.1.9";
	pp_scenario *scenario;
	pp_run *run;
	pp_expectation expectation;
	ck_assert_int_eq(
		pp_scenario_load_text("api.yaml", NETWORK, strlen(NETWORK), &(pp_override){path, value}, 1, &scenario),
		0);
	memset(path, 'x', strlen(path));
	memset(value, 'x', strlen(value));
	ck_assert_int_eq(pp_run_new(scenario, &(pp_run_options){0}, &run), 0);
	ck_assert_int_eq(run_to_end(run, 1000), 0);
	ck_assert_uint_eq(pp_run_n_expectations(run), 1);
	pp_run_expectation(run, 0, &expectation);
	ck_assert(!expectation.pass);
	ck_assert_str_eq(expectation.actual, "api saw 192.23.1.9:1024");
	ck_assert_str_eq(expectation.flow, "call");
	ck_assert_uint_eq(expectation.packet, 1);
	ck_assert_ptr_null(expectation.capture);
	pp_run_free(run);
	pp_scenario_free(scenario);
}
END_TEST

START_TEST(a_missing_file_is_an_error_of_the_system)
{
	pp_scenario *scenario = NULL;
	ck_assert_int_eq(pp_scenario_load("/nonexistent/scenario.yaml", NULL, 0, &scenario), -ENOENT);
	ck_assert_ptr_null(scenario);
}
END_TEST

/* One event a step, or all at once: the same report. */
START_TEST(the_size_of_steps_changes_nothing)
{
	pp_scenario *scenario = load();
	pp_run *fine, *coarse;
	size_t fine_bytes, coarse_bytes;
	ck_assert_int_eq(pp_run_new(scenario, &(pp_run_options){0}, &fine), 0);
	ck_assert_int_eq(pp_run_new(scenario, &(pp_run_options){0}, &coarse), 0);
	ck_assert_int_eq(run_to_end(fine, 1), 0);
	ck_assert_int_eq(run_to_end(coarse, UINT64_MAX), 0);
	const char *a = pp_run_report(fine, &fine_bytes), *b = pp_run_report(coarse, &coarse_bytes);
	ck_assert_uint_eq(fine_bytes, coarse_bytes);
	ck_assert_mem_eq(a, b, fine_bytes);
	pp_summary summary;
	pp_run_summary(fine, &summary);
	ck_assert_uint_eq(summary.passed, 1);
	ck_assert_uint_eq(summary.failed, 0);
	ck_assert_uint_eq(summary.packets, summary.delivered + summary.dropped + summary.in_flight);
	ck_assert_uint_eq(summary.mappings, 1);
	ck_assert_uint_eq(pp_run_n_files(fine), 0);
	pp_run_free(fine);
	pp_run_free(coarse);
	pp_scenario_free(scenario);
}
END_TEST

struct seen {
	unsigned steps, translations, drops;
	int fail_at;
};

static int count_step(void *context, const pp_step *step)
{
	struct seen *seen = context;
	uint8_t frame[2048];
	ck_assert_str_eq(step->flow, "call");
	ck_assert_uint_le(step->frame_bytes, sizeof frame);
	pp_step_frame(step, frame);
	ck_assert_uint_eq(frame[12] << 8 | frame[13], 0x0800); /* IPv4 */
	ck_assert(memcmp(frame + 26, step->after.src.bytes, 4) == 0);
	if (step->kind == PP_STEP_TRANSLATE) {
		ck_assert(!pp_addr_equal(step->before.src, step->after.src) ||
			  !pp_addr_equal(step->before.dst, step->after.dst));
		seen->translations++;
	}
	seen->drops += step->kind == PP_STEP_DROP;
	return (int)++seen->steps == seen->fail_at ? -EDOM : 0;
}

START_TEST(observers_see_steps_with_their_frames)
{
	pp_scenario *scenario = load();
	pp_run *run;
	struct seen seen = {0};
	ck_assert_int_eq(pp_run_new(scenario, &(pp_run_options){0}, &run), 0);
	ck_assert_int_eq(pp_run_observe(run, PP_STEP_ALL, count_step, &seen), 0);
	ck_assert_int_eq(run_to_end(run, 100), 0);
	ck_assert_uint_gt(seen.translations, 10);
	ck_assert_uint_eq(seen.drops, 0);
	ck_assert_int_eq(pp_run_observe(run, PP_STEP_ALL, count_step, &seen), -EINVAL); /* too late */
	pp_run_free(run);
	pp_scenario_free(scenario);
}
END_TEST

START_TEST(what_an_observer_returns_ends_the_run)
{
	pp_scenario *scenario = load();
	pp_run *run;
	struct seen seen = {.fail_at = 5};
	ck_assert_int_eq(pp_run_new(scenario, &(pp_run_options){0}, &run), 0);
	ck_assert_int_eq(pp_run_observe(run, PP_STEP_ALL, count_step, &seen), 0);
	ck_assert_int_eq(run_to_end(run, 1), -EDOM);
	ck_assert_str_ne(pp_run_error(run), "");
	ck_assert_int_eq(pp_run_step(run, 1), -EDOM); /* and it stays ended */
	ck_assert_int_eq(pp_run_finish(run), -EDOM);
	pp_run_free(run);
	pp_scenario_free(scenario);
}
END_TEST

START_TEST(a_run_is_finished_only_at_its_end)
{
	pp_scenario *scenario = load();
	pp_run *run;
	ck_assert_int_eq(pp_run_new(scenario, &(pp_run_options){0}, &run), 0);
	ck_assert_int_eq(pp_run_finish(run), -EINVAL);
	ck_assert_int_eq(pp_run_step(run, 3), 0);
	ck_assert_int_eq(pp_run_finish(run), -EINVAL);
	ck_assert_int_eq(run_to_end(run, 100), 0);
	pp_run_free(run);
	pp_scenario_free(scenario);
}
END_TEST

static bool is_there(const char *directory, const char *name)
{
	char path[512];
	(void)snprintf(path, sizeof path, "%s/%s", directory, name);
	return access(path, F_OK) == 0;
}

START_TEST(files_come_at_the_end_or_not_at_all)
{
	char directory[] = "/tmp/pktpath-api-XXXXXX", output[64];
	ck_assert_ptr_nonnull(mkdtemp(directory));
	(void)snprintf(output, sizeof output, "%s/out", directory);
	pp_scenario *scenario = load();
	pp_run *run;
	ck_assert_int_eq(pp_run_new(scenario, &(pp_run_options){.directory = output}, &run), 0);
	ck_assert(!is_there(directory, "out")); /* nothing is touched before the first step */
	ck_assert_int_eq(pp_run_step(run, 10), 0);
	ck_assert(!is_there(output, "report.json"));
	pp_run_abort(run);
	ck_assert_int_lt(pp_run_step(run, 100), 0);
	ck_assert_str_ne(pp_run_error(run), "");
	pp_run_free(run);
	ck_assert(!is_there(output, "report.json"));
	ck_assert_int_eq(pp_run_new(scenario, &(pp_run_options){.directory = output, .trail = true}, &run), 0);
	ck_assert_int_eq(run_to_end(run, 100), 0);
	ck_assert_uint_ge(pp_run_n_files(run), 6);
	for (size_t i = 0; i < pp_run_n_files(run); i++) {
		char path[512];
		ck_assert(is_there(output, pp_run_file(run, i)));
		ck_assert(i == 0 || strcmp(pp_run_file(run, i - 1), pp_run_file(run, i)) < 0);
		(void)snprintf(path, sizeof path, "%s/%s", output, pp_run_file(run, i));
		ck_assert_int_eq(unlink(path), 0);
	}
	pp_run_free(run);
	pp_scenario_free(scenario);
	ck_assert_int_eq(rmdir(output), 0); /* there was nothing else */
	ck_assert_int_eq(rmdir(directory), 0);
}
END_TEST

START_TEST(names_resolve)
{
	pp_scenario *scenario = load();
	pp_resolution found;
	char text[PP_ADDR_TEXT_BYTES];
	ck_assert_int_eq(pp_scenario_resolve(scenario, "WEB.ase-one.p.azurewebsites.cn", &found), 0);
	ck_assert_str_eq(pp_addr_print(found.public_addr, text), "192.23.1.2");
	ck_assert_int_eq(pp_scenario_resolve(scenario, "sql", &found), 0);
	ck_assert(found.has_private);
	ck_assert(!found.has_public);
	ck_assert_str_eq(found.inside, "contoso");
	ck_assert_str_eq(found.dns_name, "sql.contoso.internal.cloudapp.net");
	ck_assert_int_eq(pp_scenario_resolve(scenario, "sqll", &found), 1);
	ck_assert_str_eq(found.nearest, "sql");
	ck_assert_int_eq(pp_scenario_resolve(scenario, "something-else-entirely", &found), 1);
	ck_assert_ptr_null(found.nearest);
	pp_scenario_free(scenario);
}
END_TEST

static bool has_name(const pp_scenario *scenario, pp_name_kind kind, const char *name)
{
	const char *const *names;
	size_t n;
	ck_assert_int_eq(pp_scenario_names(scenario, kind, &names, &n), 0);
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

START_TEST(names_are_listed)
{
	pp_scenario *scenario = load();
	ck_assert(has_name(scenario, PP_NAME_FLOW, "call"));
	ck_assert(has_name(scenario, PP_NAME_NAT, "ase-one"));
	ck_assert(!has_name(scenario, PP_NAME_NAT, "sql"));
	ck_assert(has_name(scenario, PP_NAME_RESOLVABLE, "web.ase-one.p.azurewebsites.cn"));
	ck_assert(has_name(scenario, PP_NAME_RESOLVABLE, "sql.contoso.internal.cloudapp.net"));
	ck_assert(has_name(scenario, PP_NAME_CALLER, "ase-one/worker-0"));
	ck_assert(has_name(scenario, PP_NAME_CALLED, "api:443/tcp"));
	ck_assert(has_name(scenario, PP_NAME_CALLED, "ase-one/web:80/tcp"));
	ck_assert(has_name(scenario, PP_NAME_SETTING, "network.ases.ase-one.snat.tcp_idle"));
	/* Whatever is listed is understood. */
	const char *const *names;
	size_t n;
	pp_resolution found;
	ck_assert_int_eq(pp_scenario_names(scenario, PP_NAME_RESOLVABLE, &names, &n), 0);
	ck_assert_uint_gt(n, 3);
	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(pp_scenario_resolve(scenario, names[i], &found), 0);
	const char *flow;
	ck_assert_int_eq(pp_scenario_names(scenario, PP_NAME_CALLED, &names, &n), 0);
	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(pp_scenario_add_call(scenario, "api", names[i], 0, &flow), 0);
	pp_scenario_free(scenario);
}
END_TEST

/* ---- explanations ---- */

static pp_explanation *explain_to_end(pp_run *run, const char *flow, uint64_t packet, int expected)
{
	pp_explanation *explanation;
	ck_assert_int_eq(pp_explain_new(run, &(pp_explain_options){flow, packet}, &explanation), 0);
	ck_assert_int_eq(run_to_end(run, 100), 0);
	ck_assert_int_eq(pp_explain_finish(explanation), expected);
	return explanation;
}

START_TEST(a_call_is_explained)
{
	pp_scenario *scenario = load();
	pp_run *run;
	pp_explained_call call;
	pp_explained_packet packet;
	pp_explained_step step;
	ck_assert_int_eq(pp_run_new(scenario, NULL, &run), 0);
	pp_explanation *explanation = explain_to_end(run, NULL, 0, 0);
	ck_assert_uint_eq(pp_explanation_n_calls(explanation), 1);
	pp_explanation_call(explanation, 0, &call);
	ck_assert_str_eq(call.from, "ase-one/web");
	ck_assert_str_eq(call.caller, "ase-one/worker-0");
	ck_assert_str_eq(call.outcome, "delivered");
	ck_assert_ptr_null(call.lost_at);
	ck_assert_uint_eq(call.n_packets, 2);
	pp_explanation_packet(explanation, 0, 1, &packet);
	ck_assert_int_eq((int)packet.role, (int)PP_PACKET_ANSWER);
	ck_assert_uint_eq(packet.answers, 1);
	pp_explanation_step(explanation, 0, 0, 2, &step);
	ck_assert_int_eq((int)step.kind, (int)PP_STEP_TRANSLATE);
	ck_assert_str_eq(step.whose, "by rule snat of ase-one/vip");
	ck_assert_uint_eq(step.line, 4);
	assert_addr(step.before.src, "10.0.1.5");
	assert_addr(step.after.src, "192.23.1.2");
	pp_explanation_free(explanation);
	pp_run_free(run);
	pp_scenario_free(scenario);
}
END_TEST

START_TEST(questions_may_be_wrong)
{
	pp_scenario *scenario = load();
	pp_run *run;
	pp_explanation *explanation;
	ck_assert_int_eq(pp_run_new(scenario, NULL, &run), 0);
	ck_assert_int_eq(pp_explain_new(run, &(pp_explain_options){.flow = "cal"}, &explanation), 1);
	ck_assert_str_eq(pp_explanation_problem(explanation), "no flow is called `cal`");
	ck_assert_str_eq(pp_explanation_hint(explanation), "did you mean `call`?");
	pp_explanation_free(explanation);
	explanation = explain_to_end(run, "call", 1000, 1);
	ck_assert_str_eq(pp_explanation_problem(explanation), "`call` has no packet 1000");
	pp_explanation_free(explanation);
	ck_assert_int_eq(pp_explain_new(run, &(pp_explain_options){.flow = "call"}, &explanation),
			 -EINVAL); /* it has begun */
	ck_assert_ptr_null(explanation);
	pp_explanation_free(explanation);
	pp_run_free(run);
	pp_scenario_free(scenario);
}
END_TEST

START_TEST(a_call_is_added)
{
	pp_scenario *scenario = load();
	pp_run *run;
	pp_scenario_info info;
	pp_diagnostic diagnostic;
	pp_explained_call call;
	const char *flow;
	ck_assert_int_eq(pp_scenario_add_call(scenario, "ase-one/wbe", "sql:1433/tcp", 0, &flow), 1);
	pp_scenario_diagnostic(scenario, pp_scenario_n_diagnostics(scenario) - 1, &diagnostic);
	ck_assert_str_eq(diagnostic.hint, "did you mean `ase-one/web`?");
	pp_scenario_info_get(scenario, &info);
	ck_assert_uint_eq(info.n_flows, 1); /* nothing was added */
	ck_assert_int_eq(pp_scenario_add_call(scenario, "ase-one/web", "sql:1433/tcp", 1000, &flow), 0);
	ck_assert_str_eq(flow, "probe");
	ck_assert_int_eq(pp_scenario_add_call(scenario, "sql", "api", 0, &flow), 0);
	ck_assert_str_eq(flow, "probe-2");
	pp_scenario_info_get(scenario, &info);
	ck_assert_uint_eq(info.n_flows, 3);
	ck_assert_str_eq(info.first_flow, "call");
	ck_assert_int_eq(pp_run_new(scenario, NULL, &run), 0);
	pp_explanation *explanation = explain_to_end(run, "probe", 0, 0);
	pp_explanation_call(explanation, 0, &call);
	ck_assert_ptr_null(call.file);
	ck_assert_int_eq(call.at_ns, 1000);
	ck_assert_str_eq(call.outcome, "delivered");
	assert_addr(call.tuple.dst, "10.0.2.10");
	pp_expectation expectation;
	pp_run_expectation(run, 0, &expectation);
	ck_assert(expectation.pass); /* the scenario's own flows go on as they were */
	pp_explanation_free(explanation);
	pp_run_free(run);
	pp_scenario_free(scenario);
}
END_TEST

START_TEST(addresses_and_seen_at)
{
	pp_scenario *scenario = load();
	pp_run *run;
	const pp_address *addresses;
	const pp_seen_at *seen;
	size_t n;
	ck_assert_int_eq(pp_run_new(scenario, NULL, &run), 0);
	ck_assert_int_eq(pp_run_seen_at(run, &seen, &n), -EINVAL); /* it has not begun */
	ck_assert_int_eq(pp_run_addresses(run, &addresses, &n), 0);
	ck_assert_uint_eq(n, 6);
	ck_assert_str_eq(addresses[3].name, "ase-one/worker-0");
	assert_addr(addresses[3].inside, "10.0.1.5");
	assert_addr(addresses[3].outside, "192.23.1.2");
	ck_assert_str_eq(addresses[3].by, "ase-one/vip");
	ck_assert_uint_eq(addresses[3].port_first, 1024);
	ck_assert_uint_eq(addresses[3].port_last, 2047);
	ck_assert_int_eq(run_to_end(run, 100), 0);
	ck_assert_int_eq(pp_run_seen_at(run, &seen, &n), 0);
	ck_assert_uint_eq(n, 5);
	ck_assert_str_eq(seen[4].place, "api");
	assert_addr(seen[4].source, "192.23.1.2");
	ck_assert_uint_eq(seen[4].source_port_first, 1024);
	ck_assert(!seen[4].lost);
	pp_run_free(run);
	pp_scenario_free(scenario);
}
END_TEST

START_TEST(pictures_of_the_network_and_of_a_flow)
{
	pp_scenario *scenario = load();
	pp_run *run;
	pp_drawing *network, *ladder, *wrong;
	const char *text;
	size_t bytes;
	ck_assert_int_eq(pp_run_new(scenario, NULL, &run), 0);
	ck_assert_int_eq(pp_drawing_new(run, &(pp_draw_options){0}, &network), 0);
	ck_assert_int_eq(pp_drawing_finish(network, &text, &bytes), 0); /* before the first step */
	ck_assert_uint_eq(strlen(text), bytes);
	ck_assert_ptr_nonnull(strstr(text, ">ase-one/vip</text>"));
	ck_assert_int_eq(pp_drawing_new(run, &(pp_draw_options){.flow = "call", .ladder = true}, &ladder), 0);
	ck_assert_int_eq(pp_drawing_finish(ladder, &text, &bytes), -EINVAL); /* nothing has happened */
	ck_assert_int_eq(pp_drawing_new(run, &(pp_draw_options){.flow = "cal"}, &wrong), 1);
	ck_assert_str_eq(pp_drawing_problem(wrong), "no flow is called `cal`");
	ck_assert_str_eq(pp_drawing_hint(wrong), "did you mean `call`?");
	pp_drawing_free(wrong);
	ck_assert_int_eq(run_to_end(run, 1000), 0);
	ck_assert_int_eq(pp_drawing_finish(ladder, &text, &bytes), 0);
	ck_assert_ptr_nonnull(strstr(text, ">192.23.1.2:1024 \xe2\x86\x92 203.0.113.10:443</text>"));
	ck_assert_int_eq(pp_drawing_new(run, &(pp_draw_options){.flow = "call"}, &wrong), -EINVAL); /* too late */
	ck_assert_ptr_null(wrong);
	pp_drawing_free(ladder);
	pp_drawing_free(network);
	pp_drawing_free(NULL);
	pp_run_free(run);
	pp_scenario_free(scenario);
}
END_TEST

/* Without `run` of a run of its own. */
static char *page_of(const pp_scenario *scenario, pp_run *run, uint64_t max_events, size_t *ret_bytes)
{
	pp_page *page;
	const char *text;
	int r = run ? pp_page_of_run(run, &page) : pp_page_new(scenario, &page);
	ck_assert_int_eq(r, 0);
	ck_assert_int_eq(pp_page_finish(page, &text, ret_bytes), -EINVAL);
	if (run)
		ck_assert_int_eq(run_to_end(run, max_events), 0);
	while (r == 0)
		r = pp_page_step(page, max_events);
	ck_assert_int_eq(r, 1);
	ck_assert_int_eq(pp_page_finish(page, &text, ret_bytes), 0);
	ck_assert(pp_page_is_true(page));
	pp_summary summary;
	pp_run_summary(pp_page_result(page), &summary);
	ck_assert_uint_eq(summary.passed, 1);
	ck_assert(!run || pp_page_result(page) == run);
	char *copy = strdup(text);
	pp_page_free(page);
	pp_page_free(NULL);
	return copy;
}

/* One event a step, or all at once, or about a run of the caller's: the same page. */
START_TEST(a_page_about_a_run)
{
	pp_scenario *scenario = load();
	pp_run *run;
	pp_page *late;
	size_t fine_bytes, coarse_bytes, borrowed_bytes;
	ck_assert_int_eq(pp_run_new(scenario, NULL, &run), 0);
	char *fine = page_of(scenario, NULL, 1, &fine_bytes),
	     *coarse = page_of(scenario, NULL, UINT64_MAX, &coarse_bytes),
	     *borrowed = page_of(scenario, run, 1000, &borrowed_bytes);
	ck_assert_int_eq(pp_page_of_run(run, &late), -EINVAL); /* it has begun */
	ck_assert_uint_eq(strlen(fine), fine_bytes);
	ck_assert_str_eq(fine, coarse);
	ck_assert_str_eq(fine, borrowed);
	free(fine);
	free(coarse);
	free(borrowed);
	pp_run_free(run);
	pp_scenario_free(scenario);
}
END_TEST

START_TEST(a_run_is_replayed_from_its_report)
{
	pp_scenario *scenario = load(), *again;
	char directory[] = "/tmp/pktpath-api.XXXXXX", path[64];
	pp_run *run;
	size_t bytes, bytes_again;
	ck_assert_ptr_nonnull(mkdtemp(directory));
	(void)snprintf(path, sizeof path, "%s/report.json", directory);
	ck_assert_int_eq(pp_run_new(scenario, NULL, &run), 0);
	ck_assert_int_eq(run_to_end(run, 1000), 0);
	const char *report = pp_run_report(run, &bytes);
	FILE *file = fopen(path, "w");
	ck_assert_uint_eq(fwrite(report, 1, bytes, file), bytes);
	ck_assert_int_eq(fclose(file), 0);
	ck_assert_int_eq(pp_scenario_load_report(path, &again), 0);
	pp_run *replay;
	ck_assert_int_eq(pp_run_new(again, NULL, &replay), 0);
	ck_assert_int_eq(run_to_end(replay, 1000), 0);
	const char *report_again = pp_run_report(replay, &bytes_again);
	ck_assert_uint_eq(bytes, bytes_again);
	ck_assert_mem_eq(report, report_again, bytes);
	pp_run_free(replay);
	pp_run_free(run);
	pp_scenario_free(again);
	pp_scenario_free(scenario);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(pp_scenario_load_report(path, &again), -ENOENT);
	ck_assert_int_eq(rmdir(directory), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("api");
	TCase *all = tcase_create("all");
	tcase_add_test(all, mistakes_are_diagnostics);
	tcase_add_test(all, a_bad_filter_is_a_diagnostic_with_its_place);
	tcase_add_test(all, a_bad_filter_is_told_among_other_mistakes);
	tcase_add_test(all, overrides_are_copied);
	tcase_add_test(all, a_missing_file_is_an_error_of_the_system);
	tcase_add_test(all, the_size_of_steps_changes_nothing);
	tcase_add_test(all, observers_see_steps_with_their_frames);
	tcase_add_test(all, what_an_observer_returns_ends_the_run);
	tcase_add_test(all, a_run_is_finished_only_at_its_end);
	tcase_add_test(all, files_come_at_the_end_or_not_at_all);
	tcase_add_test(all, names_resolve);
	tcase_add_test(all, names_are_listed);
	tcase_add_test(all, a_call_is_explained);
	tcase_add_test(all, questions_may_be_wrong);
	tcase_add_test(all, a_call_is_added);
	tcase_add_test(all, addresses_and_seen_at);
	tcase_add_test(all, pictures_of_the_network_and_of_a_flow);
	tcase_add_test(all, a_page_about_a_run);
	tcase_add_test(all, a_run_is_replayed_from_its_report);
	suite_add_tcase(suite, all);
	return suite_run(suite);
}
