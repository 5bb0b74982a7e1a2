/* pktpath schema: the language for editors. */
#include "cli/cli.h"
#include <getopt.h>
#include <stdlib.h>

int command_schema(const struct command *command, int argc, char **argv)
{
	static const struct option options[] = {{"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
	int c;
	while ((c = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
		if (c != 'h')
			return option_error(command, c, argv, options);
		print_command_help(command);
		return STATUS_OK;
	}
	if (optind < argc)
		return usage_error(command, "it takes no argument");
	char *schema = pp_schema();
	if (!schema) {
		fputs("pktpath: memory is short\n", stderr);
		return STATUS_SYSTEM;
	}
	puts(schema);
	free(schema);
	return STATUS_OK;
}
