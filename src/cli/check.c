/* pktpath check: what is wrong with scenarios. */
#include "cli/cli.h"
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

/* ---- JSON ---- */

static void print_diagnostic_json(const pp_diagnostic *d, const char *after)
{
	printf("      {\"severity\": \"%s\", \"file\": ", d->error ? "error" : "warning");
	print_json_text(stdout, d->file);
	printf(", \"line\": %" PRIu32 ", \"column\": %" PRIu32 ", \"message\": ", d->line, d->column);
	print_json_text(stdout, d->message);
	fputs(", \"hint\": ", stdout);
	print_json_text(stdout, d->hint);
	printf("}%s\n", after);
}

static void print_json(const char *path, const pp_scenario *scenario, bool good)
{
	size_t n = pp_scenario_n_diagnostics(scenario);
	fputs("  {\n    \"path\": ", stdout);
	print_json_text(stdout, path);
	printf(",\n    \"fine\": %s", good ? "true" : "false");
	if (good) {
		pp_scenario_info info;
		pp_scenario_info_get(scenario, &info);
		fputs(",\n    \"name\": ", stdout);
		print_json_text(stdout, info.name);
		printf(",\n    \"environments\": %zu, \"hosts\": %zu, \"flows\": %zu, \"events\": %zu, "
		       "\"expectations\": %zu",
		       info.n_environments, info.n_hosts, info.n_flows, info.n_events, info.n_expectations);
	}
	fputs(",\n    \"diagnostics\": [\n", stdout);
	for (size_t i = 0; i < n; i++) {
		pp_diagnostic d;
		pp_scenario_diagnostic(scenario, i, &d);
		print_diagnostic_json(&d, i + 1 < n ? "," : "");
	}
	fputs("    ]\n  }", stdout);
}

/* ---- the command ---- */

static void print_fine(const char *path, const pp_scenario *scenario)
{
	pp_scenario_info info;
	pp_scenario_info_get(scenario, &info);
	const struct {
		size_t n;
		const char *what;
	} parts[] = {{info.n_environments, "environment"},
		     {info.n_hosts, "host"},
		     {info.n_flows, "flow"},
		     {info.n_events, "event"},
		     {info.n_expectations, "expectation"}};
	char text[256];
	int n = 0; /* of what is in the text */
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		n += snprintf(text + n, sizeof text - (size_t)n, "%s%zu %s%s", i == 0 ? " " : ", ", parts[i].n,
			      parts[i].what, parts[i].n == 1 ? "" : "s");
	printf("%s: fine:", path);
	print_broken(stdout, text_columns(path) + (int)strlen(": fine:"), 8, text);
}

static int check_json(const char *path, const struct overrides *overrides, bool first)
{
	pp_scenario *scenario = NULL;
	int r = load_input(path, overrides, &scenario);
	if (r < 0) {
		fprintf(stderr, "pktpath: %s: %s\n", path, error_text(-r));
		return STATUS_SYSTEM;
	}
	fputs(first ? "" : ",\n", stdout);
	print_json(path, scenario, r == 0);
	pp_scenario_free(scenario);
	return r == 0 ? STATUS_OK : STATUS_USAGE;
}

static int check_text(const char *path, const struct overrides *overrides)
{
	pp_scenario *scenario = NULL;
	int status = load_scenario(path, overrides, &scenario);
	if (status == STATUS_OK)
		print_fine(path, scenario);
	pp_scenario_free(scenario);
	return status;
}

static int check_all(const struct overrides *overrides, bool json, char **paths, int n)
{
	int status = STATUS_OK;
	bool first = true;
	fputs(json ? "[\n" : "", stdout);
	for (int i = 0; i < n; i++) {
		int result = json ? check_json(paths[i], overrides, first) : check_text(paths[i], overrides);
		first = first && result == STATUS_SYSTEM;
		status = result > status ? result : status;
	}
	fputs(json ? "\n]\n" : "", stdout);
	return status;
}

enum { OPTION_JSON = 256, OPTION_WARNINGS, OPTION_HELP };

int command_check(const struct command *command, int argc, char **argv)
{
	static const struct option options[] = {SET_VAR_OPTIONS,
						{"json", no_argument, NULL, OPTION_JSON},
						{"warnings", no_argument, NULL, OPTION_WARNINGS},
						{"quiet", no_argument, NULL, 'q'},
						{"help", no_argument, NULL, OPTION_HELP},
						{NULL, 0, NULL, 0}};
	struct overrides overrides = {0};
	bool json = false;
	int c, status = STATUS_OK;
	while (status == STATUS_OK && (c = getopt_long(argc, argv, ":qh", options, NULL)) != -1) {
		if (c == 'h' || c == OPTION_HELP) {
			print_command_help(command);
			overrides_free(&overrides);
			return STATUS_OK;
		}
		if (c == OPTION_JSON)
			json = true;
		else if (c == OPTION_WARNINGS)
			overrides.all_warnings = true;
		else if (c == 'q')
			overrides.quiet = true;
		else if (!overrides_take(command, &overrides, c, &status))
			status = option_error(command, c, argv, options);
	}
	if (status == STATUS_OK && optind == argc)
		status = usage_error(command, "which scenario?");
	if (status == STATUS_OK)
		status = check_all(&overrides, json, argv + optind, argc - optind);
	overrides_free(&overrides);
	return status;
}
