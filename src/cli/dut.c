/* pktpath dut: a real NAT takes the place of one of the scenario's. Everything else is the simulation: end points,
 * expectations, files. What the device does otherwise than the model is reported, and fails. */
#include "cli/dut.h"
#include "cli/cli.h"
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct settings {
	struct dut_options device;
	const char *nat, *output;
	struct overrides overrides;
	unsigned ignore;
	bool json, quiet;
};

/* ---- where the device is ---- */

/* Defaults: the NAT's outside address, and .1 of the network of a machine behind it. */
static int fill_in_addresses(pp_run *run, const char *nat, struct dut_options *device)
{
	const pp_address *addresses;
	size_t n;
	if (pp_run_addresses(run, &addresses, &n) < 0)
		return STATUS_SYSTEM;
	for (size_t i = 0; i < n; i++) {
		size_t length = addresses[i].by ? strcspn(addresses[i].by, "/") : 0;
		if (!addresses[i].has_inside || !addresses[i].has_outside || length == 0 || strlen(nat) != length ||
		    strncmp(addresses[i].by, nat, length) != 0)
			continue;
		if (device->addresses[0].family == PP_FAMILY_NONE) {
			device->addresses[0] = addresses[i].inside;
			device->addresses[0].bytes[3] = 1;
		}
		if (device->addresses[1].family == PP_FAMILY_NONE)
			device->addresses[1] = addresses[i].outside;
	}
	if (device->addresses[0].family != PP_FAMILY_NONE && device->addresses[1].family != PP_FAMILY_NONE)
		return STATUS_OK;
	fprintf(stderr,
		"pktpath dut: no element of the scenario stands behind `%s`\nhint: --inside-address and "
		"--outside-address "
		"give the device's "
		"addresses\n",
		nat);
	return STATUS_USAGE;
}

/* ---- the run ---- */

static int pass(void *context, const pp_passage *passage, uint8_t *ret, size_t size_bytes, size_t *ret_bytes)
{
	struct dut **dut = context;
	return dut_pass(*dut, passage->outbound, passage->time_ns, passage->frame, passage->frame_bytes, ret,
			size_bytes, ret_bytes);
}

static void print_deviations(const pp_run *run)
{
	struct paint paint = paint_for(stdout);
	for (size_t i = 0; i < pp_run_n_deviations(run); i++) {
		pp_deviation d;
		pp_run_deviation(run, i, &d);
		printf("  %sDIFFERS%s  %s[%" PRIu32 "] packet %" PRIu64 " (%s), %s: %s %s, predicted %s", paint.bad,
		       paint.off, d.flow, d.index, d.packet, d.what, d.outbound ? "outbound" : "inbound", d.field,
		       d.actual, d.predicted);
		if (d.more)
			printf("; and %" PRIu64 " more", d.more);
		putchar('\n');
		if (d.file)
			printf("           model: %s, %s:%" PRIu32 "\n", d.nat, d.file, d.line);
	}
}

/* The run's report, and what the device did otherwise. */
static void print_json(const pp_run *run)
{
	size_t bytes, n = pp_run_n_deviations(run);
	const char *report = pp_run_report(run, &bytes);
	printf("{\n\"report\": %.*s,\n\"differences\": [\n", (int)bytes - 1, report); /* it ends in a newline */
	for (size_t i = 0; i < n; i++) {
		pp_deviation d;
		pp_run_deviation(run, i, &d);
		fputs("  {\"flow\": ", stdout);
		print_json_text(stdout, d.flow);
		printf(", \"index\": %" PRIu32 ", \"packet\": %" PRIu64 ", \"time_ns\": %" PRId64 ", \"outbound\": %s",
		       d.index, d.packet, d.time_ns, d.outbound ? "true" : "false");
		print_json_member("what", d.what);
		print_json_member("field", d.field);
		print_json_member("predicted", d.predicted);
		print_json_member("actual", d.actual);
		print_json_member("nat", d.nat);
		print_json_member("file", d.file);
		printf(", \"line\": %" PRIu32 ", \"more\": %" PRIu64 "}%s\n", d.line, d.more, i + 1 < n ? "," : "");
	}
	fputs("]\n}\n", stdout);
}

static int print_results(const pp_run *run, const char *name, const struct settings *settings)
{
	pp_summary s;
	pp_run_summary(run, &s);
	size_t n = pp_run_n_deviations(run);
	int status = s.failed > 0 || n > 0 ? STATUS_FAILED : STATUS_OK;
	if (settings->json)
		print_json(run);
	if (settings->json || (settings->quiet && status == STATUS_OK))
		return status;
	printf("%s   %" PRIu64 " packets\n", name, s.packets);
	print_expectations(run, settings->quiet);
	print_deviations(run);
	printf("%zu passed, %zu failed, %zu difference%s", s.passed, s.failed, n, n == 1 ? "" : "s");
	printf(s.directory ? "      %s/\n" : "\n", s.directory);
	return status;
}

static int use_device(pp_run *run, const struct settings *settings, struct dut **dut, const char **ret_nat)
{
	const char *names = NULL;
	int r = pp_run_use_device(run, settings->nat, settings->ignore, pass, dut, &names);
	if (r < 0)
		fprintf(stderr, "pktpath dut: %s\n", strerror(-r));
	if (r <= 0) {
		*ret_nat = settings->nat;
		return r < 0 ? STATUS_SYSTEM : STATUS_OK;
	}
	if (*names == '\0')
		fputs("pktpath dut: the scenario has no NAT\n", stderr);
	else
		fprintf(stderr, "pktpath dut: %s%s%s\nhint: --nat takes one of: %s\n",
			settings->nat ? "no NAT is called `" : "which NAT is the device?",
			settings->nat ? settings->nat : "", settings->nat ? "`" : "", names);
	return STATUS_USAGE;
}

static int run_through(pp_run *run, const char *name, struct settings *settings)
{
	struct dut *dut = NULL;
	struct progress progress;
	const char *nat = NULL;
	int status = use_device(run, settings, &dut, &nat);
	if (status == STATUS_OK)
		status = fill_in_addresses(run, nat ? nat : pp_run_device_nat(run), &settings->device);
	if (status == STATUS_OK)
		status = dut_open(&settings->device, &dut);
	if (status == STATUS_OK) {
		progress_begin(&progress);
		status = simulate(run, name, &progress);
	}
	if (status == STATUS_OK)
		status = print_results(run, name, settings);
	dut_close(dut);
	return status;
}

static int test_device(const char *path, struct settings *settings)
{
	pp_scenario *scenario = NULL;
	pp_run *run = NULL;
	int status = load_scenario(path, &settings->overrides, &scenario);
	if (status == STATUS_OK) {
		pp_scenario_info info;
		pp_scenario_info_get(scenario, &info);
		int r = pp_run_new(scenario, &(pp_run_options){.directory = settings->output}, &run);
		if (r < 0)
			fprintf(stderr, "pktpath dut: %s\n", strerror(-r));
		status = r < 0 ? STATUS_SYSTEM : run_through(run, info.name, settings);
	}
	pp_run_free(run);
	pp_scenario_free(scenario);
	return status;
}

/* ---- the command line ---- */

enum {
	OPTION_INSIDE = 256,
	OPTION_OUTSIDE,
	OPTION_NAT,
	OPTION_INSIDE_ADDRESS,
	OPTION_OUTSIDE_ADDRESS,
	OPTION_WAIT,
	OPTION_PACE,
	OPTION_IGNORE,
	OPTION_JSON,
	OPTION_HELP
};

static const struct option long_options[] = {{"inside", required_argument, NULL, OPTION_INSIDE},
					     {"outside", required_argument, NULL, OPTION_OUTSIDE},
					     {"nat", required_argument, NULL, OPTION_NAT},
					     {"inside-address", required_argument, NULL, OPTION_INSIDE_ADDRESS},
					     {"outside-address", required_argument, NULL, OPTION_OUTSIDE_ADDRESS},
					     {"wait", required_argument, NULL, OPTION_WAIT},
					     {"pace", no_argument, NULL, OPTION_PACE},
					     {"ignore", required_argument, NULL, OPTION_IGNORE},
					     {"output", required_argument, NULL, 'o'},
					     SET_VAR_OPTIONS,
					     {"json", no_argument, NULL, OPTION_JSON},
					     {"quiet", no_argument, NULL, 'q'},
					     {"help", no_argument, NULL, OPTION_HELP},
					     {NULL, 0, NULL, 0}};

static int take_address(const struct command *command, const char *text, pp_addr *ret)
{
	return pp_addr_parse(text, ret) == 0 ? STATUS_OK : usage_error(command, "`%s` is no address", text);
}

static int take(const struct command *command, struct settings *settings, int c)
{
	uint64_t number;
	int status;
	if (overrides_take(command, &settings->overrides, c, &status))
		return status;
	switch (c) {
	case OPTION_INSIDE:
		settings->device.interfaces[0] = optarg;
		return STATUS_OK;
	case OPTION_OUTSIDE:
		settings->device.interfaces[1] = optarg;
		return STATUS_OK;
	case OPTION_NAT:
		settings->nat = optarg;
		return STATUS_OK;
	case OPTION_INSIDE_ADDRESS:
		return take_address(command, optarg, &settings->device.addresses[0]);
	case OPTION_OUTSIDE_ADDRESS:
		return take_address(command, optarg, &settings->device.addresses[1]);
	case OPTION_WAIT:
		if (!parse_number(optarg, 60000, &number) || number == 0)
			return usage_error(command, "--wait takes milliseconds, at most 60000, not `%s`", optarg);
		settings->device.wait_ms = (unsigned)number;
		return STATUS_OK;
	case OPTION_PACE:
		settings->device.pace = true;
		return STATUS_OK;
	case OPTION_IGNORE:
		status = parse_ignore(command, optarg, &settings->ignore);
		settings->device.any_id = (settings->ignore & PP_IGNORE_IDS) != 0;
		return status;
	case 'o':
		settings->output = optarg;
		return STATUS_OK;
	case OPTION_JSON:
		settings->json = true;
		return STATUS_OK;
	default:
		settings->quiet = settings->overrides.quiet = true;
		return STATUS_OK;
	}
}

int command_dut(const struct command *command, int argc, char **argv)
{
	struct settings settings = {.device = {.wait_ms = 200}};
	int c, status = STATUS_OK;
	while (status == STATUS_OK && (c = getopt_long(argc, argv, ":o:qh", long_options, NULL)) != -1) {
		if (c == 'h' || c == OPTION_HELP) {
			print_command_help(command);
			overrides_free(&settings.overrides);
			return STATUS_OK;
		}
		status = c == ':' || c == '?' ? option_error(command, c, argv, long_options)
					      : take(command, &settings, c);
	}
	if (status == STATUS_OK && argc - optind != 1)
		status = usage_error(command, argc == optind ? "which scenario?" : "it takes one scenario");
	if (status == STATUS_OK && (!settings.device.interfaces[0] || !settings.device.interfaces[1]))
		status = usage_error(command,
				     "it takes --inside and --outside, the interfaces at the device's two sides");
	if (status == STATUS_OK)
		status = test_device(argv[optind], &settings);
	overrides_free(&settings.overrides);
	return status;
}
