/* From scenario to run to report: any bytes as a scenario, scenarios with structure that a generator makes from the
 * bytes, settings replaced on a sound one, and filters.
 *
 * DOC: the first byte says what. A run has a bound of events; one that ends is finished, which asks that the packets sent,
 * delivered, lost and in flight add up, and its report is one that can be read back and replayed to the same. */
#include "../property/maker.h"
#include "base/arena.h"
#include "fuzz.h"
#include "out/report_read.h"
#include <errno.h>
#include <pktpath/pktpath.h>
#include <pktpath/tools.h>
#include <stdlib.h>
#include <string.h>

#define MAX_EVENTS 20000u

static const char sound[] =
	"scenario: 1\nname: sound\nnetwork:\n"
	"  vnets: {contoso: {space: [10.0.0.0/16], subnets: {ase-one: {cidr: 10.0.1.0/26, nsg: guard}, data: {cidr: "
	"10.0.2.0/24}}}}\n"
	"  nsgs: {guard: {inbound: [{name: office, priority: 100, action: allow, proto: tcp, src: 198.51.100.0/24, "
	"dst_ports: [80, 443]}]}}\n"
	"  ases: {ase-one: {subnet: contoso/ase-one, vip: 192.23.1.2, workers: 2, apps: {web: {}}}}\n"
	"  hosts: {api: {internet: true, ip: 203.0.113.10, listen: [443/tcp]}, sql: {subnet: contoso/data, ip: "
	"10.0.2.10, listen: [1433/tcp]}}\n"
	"flows:\n  call: {from: ase-one/web, to: \"api:443/tcp\"}\n  query: {from: ase-one/web, to: \"sql:1433/tcp\", "
	"at: 1s}\n"
	"timeline: [{at: 2s, nsg: guard, remove: office}]\n"
	"expect: [{flow: call, outcome: delivered, seen_at: api, src: 192.23.1.2}]\n";

static void run(const pp_scenario *scenario)
{
	pp_run *run = NULL;
	if (pp_run_new(scenario, NULL, &run) < 0)
		return;
	int r = pp_run_step(run, MAX_EVENTS);
	if (r == 1) {
		fuzz_check(pp_run_finish(run) == 0, "a run that is over can be finished");
		size_t bytes;
		const char *report = pp_run_report(run, &bytes);
		struct arena *arena = arena_new();
		struct report_source source;
		fuzz_check(arena && report_source_read(arena, report, bytes, &source) == 0,
			   "a report can be read back");
		arena_free(arena);
	}
	fuzz_check(r >= 0, "a run does not fail");
	pp_run_free(run);
}

static void load_and_run(const char *text, size_t bytes, const pp_override *overrides, size_t n)
{
	pp_scenario *scenario = NULL;
	int r = pp_scenario_load_text("fuzz.yaml", text, bytes, overrides, n, &scenario);
	if (r < 0)
		return;
	fuzz_check(r == 0 || pp_scenario_n_diagnostics(scenario) > 0, "a refused scenario has a reason");
	if (r == 0)
		run(scenario);
	pp_scenario_free(scenario);
}

static void generate(const uint8_t *data, size_t size)
{
	struct maker_wish wish = {0};
	memcpy(&wish.seed, data, size < sizeof wish.seed ? size : sizeof wish.seed);
	struct arena *arena = arena_new();
	const char *text = arena ? scenario_make(arena, &wish) : NULL;
	/* The rest of the input changes bytes of the text. */
	char *changed = text ? arena_strdup(arena, text) : NULL;
	size_t n = changed ? strlen(changed) : 0;
	for (size_t i = sizeof wish.seed; n > 0 && i + 2 < size; i += 3)
		changed[((size_t)data[i] << 8 | data[i + 1]) % n] = (char)data[i + 2];
	if (n > 0)
		load_and_run(changed, n, NULL, 0);
	arena_free(arena);
}

/* "PATH=VALUE" a line. */
static void set(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *rest = NULL;
	pp_override overrides[4];
	size_t n = 0;
	if (!text)
		return;
	memcpy(text, data, size);
	text[size] = '\0';
	for (char *line = strtok_r(text, "\n", &rest); line && n < 4; line = strtok_r(NULL, "\n", &rest)) {
		char *equals = strchr(line, '=');
		if (!equals)
			continue;
		*equals = '\0';
		overrides[n++] = (pp_override){line, equals + 1};
	}
	load_and_run(sound, sizeof sound - 1, overrides, n);
	free(text);
}

static void filter(const uint8_t *data, size_t size)
{
	char text[512], problem[PP_FILTER_PROBLEM_BYTES];
	size_t n = size < sizeof text - 1 ? size : sizeof text - 1;
	memcpy(text, data, n);
	text[n] = '\0';
	int r = pp_check_filter(text, problem);
	fuzz_check(r <= 0 || problem[0] != '\0', "a refused filter has a reason");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	switch (fuzz_kind(data[0], 4)) {
	case 0:
		load_and_run((const char *)data + 1, size - 1, NULL, 0);
		break;
	case 1:
		generate(data + 1, size - 1);
		break;
	case 2:
		set(data + 1, size - 1);
		break;
	default:
		filter(data + 1, size - 1);
	}
	return 0;
}
