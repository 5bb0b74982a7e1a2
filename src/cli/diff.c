/* pktpath diff: what changed between the output of two runs. */
#include "cli/cli.h"
#include <getopt.h>

enum { OPTION_IGNORE = 256, OPTION_JSON, OPTION_HELP };

static int diff(const char *before, const char *after, unsigned ignore, bool json, bool quiet)
{
	pp_comparison *comparison = NULL;
	int status = compare_directories(before, after, ignore, &comparison);
	if (status != STATUS_OK)
		return status;
	size_t n = pp_comparison_n(comparison);
	if (json)
		print_differences_json(comparison, before, after);
	else if (!quiet)
		print_differences(stdout, comparison, "");
	pp_comparison_free(comparison);
	return n > 0 ? STATUS_FAILED : STATUS_OK;
}

int command_diff(const struct command *command, int argc, char **argv)
{
	static const struct option long_options[] = {{"ignore", required_argument, NULL, OPTION_IGNORE},
						     {"json", no_argument, NULL, OPTION_JSON},
						     {"quiet", no_argument, NULL, 'q'},
						     {"help", no_argument, NULL, OPTION_HELP},
						     {NULL, 0, NULL, 0}};
	unsigned ignore = 0;
	bool json = false, quiet = false;
	int c, status = STATUS_OK;
	while (status == STATUS_OK && (c = getopt_long(argc, argv, ":qh", long_options, NULL)) != -1) {
		switch (c) {
		case OPTION_IGNORE:
			status = parse_ignore(command, optarg, &ignore);
			break;
		case OPTION_JSON:
			json = true;
			break;
		case 'q':
			quiet = true;
			break;
		case 'h':
		case OPTION_HELP:
			print_command_help(command);
			return STATUS_OK;
		default:
			status = option_error(command, c, argv, long_options);
		}
	}
	if (status == STATUS_OK && argc - optind != 2)
		status = usage_error(command, "it takes two directories");
	return status == STATUS_OK ? diff(argv[optind], argv[optind + 1], ignore, json, quiet) : status;
}
