/* pktpath resolve: what a name means in a scenario. */
#include "cli/cli.h"
#include <stdbool.h>
#include <string.h>

static void print_resolution(const pp_resolution *r, bool json)
{
	char public_text[PP_ADDR_TEXT_BYTES] = "", private_text[PP_ADDR_TEXT_BYTES] = "";
	if (r->has_public)
		pp_addr_print(r->public_addr, public_text);
	if (r->has_private)
		pp_addr_print(r->private_addr, private_text);
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

static int answer(const struct command *command, const struct asked *asked)
{
	pp_resolution resolution;
	(void)command;
	int r = pp_scenario_resolve(asked->scenario, asked->name, &resolution);
	if (r == 0) {
		print_resolution(&resolution, asked->json);
		return STATUS_OK;
	}
	if (r < 0) {
		fprintf(stderr, "pktpath: %s\n", error_text(-r));
		return STATUS_SYSTEM;
	}
	fprintf(stderr, "pktpath: nothing is called `%s`\n", asked->name);
	if (resolution.nearest)
		print_hint("did you mean `%s`?", resolution.nearest);
	return STATUS_FAILED;
}

int command_resolve(const struct command *command, int argc, char **argv)
{
	static const struct scenario_command how = {.name = "a name", .answer = answer};
	return ask(command, &how, argc, argv);
}
