/* pktpath resolve: what a name means in a scenario. */
#include "cli/cli.h"
#include <getopt.h>
#include <stdbool.h>
#include <string.h>

static void print_resolution(const pp_resolution *r, bool json)
{
	char public_text[16] = "", private_text[16] = "";
	if (r->has_public)
		pp_print_address(r->public_addr, public_text);
	if (r->has_private)
		pp_print_address(r->private_addr, private_text);
	if (json) {
		fputs("{\"name\": ", stdout);
		print_json_text(stdout, r->dns_name);
		fputs(", \"what\": ", stdout);
		print_json_text(stdout, r->what);
		fputs(", \"public\": ", stdout);
		print_json_text(stdout, r->has_public ? public_text : NULL);
		fputs(", \"private\": ", stdout);
		print_json_text(stdout, r->has_private ? private_text : NULL);
		fputs("}\n", stdout);
		return;
	}
	printf("%s  %s\n", r->dns_name, r->what);
	if (r->has_private)
		printf("  %-15s  inside %s\n", private_text, r->inside);
	if (r->has_public)
		printf("  %-15s  %s\n", public_text, r->has_private ? "outside" : "everywhere");
}

int command_resolve(const struct command *command, int argc, char **argv)
{
	static const struct option options[] = {{"set", required_argument, NULL, 's'},
						{"json", no_argument, NULL, 'j'},
						{"help", no_argument, NULL, 'h'},
						{NULL, 0, NULL, 0}};
	struct overrides overrides = {0};
	bool json = false;
	int c, status = STATUS_OK;
	while (status == STATUS_OK && (c = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
		if (c == 'h') {
			print_command_help(command);
			overrides_free(&overrides);
			return STATUS_OK;
		}
		if (c == 'j')
			json = true;
		else if (c != 's')
			status = option_error(command, c, argv, options);
		else if (!overrides_add(&overrides, optarg))
			status = usage_error(command, "--set takes PATH=VALUE, not `%s`", optarg);
	}
	if (status == STATUS_OK && argc - optind != 2)
		status = usage_error(command, "it takes a scenario and a name");
	pp_scenario *scenario = NULL;
	if (status == STATUS_OK)
		status = load_scenario(argv[optind], &overrides, &scenario);
	if (status == STATUS_OK) {
		pp_resolution resolution;
		int r = pp_scenario_resolve(scenario, argv[optind + 1], &resolution);
		if (r == 0) {
			print_resolution(&resolution, json);
		} else if (r > 0) {
			fprintf(stderr, "pktpath: nothing is called `%s`\n", argv[optind + 1]);
			if (resolution.nearest)
				fprintf(stderr, "hint: did you mean `%s`?\n", resolution.nearest);
			status = STATUS_FAILED;
		} else {
			fprintf(stderr, "pktpath: %s\n", strerror(-r));
			status = STATUS_SYSTEM;
		}
	}
	pp_scenario_free(scenario);
	overrides_free(&overrides);
	return status;
}
