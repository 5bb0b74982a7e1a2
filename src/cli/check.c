/* pktpath check: what is wrong with scenarios. */
#include "cli/cli.h"
#include <getopt.h>
#include <stdbool.h>

int command_check(const struct command *command, int argc, char **argv)
{
	static const struct option options[] = {
		{"set", required_argument, NULL, 's'}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
	struct overrides overrides = {0};
	int c, status = STATUS_OK;
	while (status == STATUS_OK && (c = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
		if (c == 'h') {
			print_command_help(command);
			overrides_free(&overrides);
			return STATUS_OK;
		}
		if (c != 's')
			status = option_error(command, c, argv, options);
		else if (!overrides_add(&overrides, optarg))
			status = usage_error(command, "--set takes PATH=VALUE, not `%s`", optarg);
	}
	if (status == STATUS_OK && optind == argc)
		status = usage_error(command, "which scenario?");
	bool usable = status == STATUS_OK;
	for (int i = optind; usable && i < argc; i++) {
		pp_scenario *scenario = NULL;
		int result = load_scenario(argv[i], &overrides, &scenario);
		if (result == STATUS_OK) {
			pp_scenario_info info;
			pp_scenario_info_get(scenario, &info);
			printf("%s: fine: %zu environments, %zu hosts, %zu flows, %zu events, %zu expectations\n", argv[i],
			       info.n_environments, info.n_hosts, info.n_flows, info.n_events, info.n_expectations);
		}
		pp_scenario_free(scenario);
		status = result > status ? result : status;
	}
	overrides_free(&overrides);
	return status;
}
