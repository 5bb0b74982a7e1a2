/* pktpath resolve: what a name means in a scenario. */
#include "cli/cli.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static void print_addr_json(const char *key, const pp_addr *addr)
{
	char text[PP_ADDR_TEXT_BYTES] = "";
	printf(", \"%s\": ", key);
	print_json_text(stdout, addr ? pp_addr_print(*addr, text) : NULL);
}

static void print_json(const pp_resolution *r, const char *from)
{
	fputs("{\"name\": ", stdout);
	print_json_text(stdout, r->dns_name);
	fputs(", \"what\": ", stdout);
	print_json_text(stdout, r->what);
	print_addr_json("public", r->has_public ? &r->public_addr : NULL);
	print_addr_json("private", r->has_private ? &r->private_addr : NULL);
	fputs(", \"networks\": [", stdout);
	for (size_t i = 0; i < r->n_networks; i++) {
		fputs(i > 0 ? ", {\"network\": " : "{\"network\": ", stdout);
		print_json_text(stdout, r->networks[i].network);
		print_addr_json("address", &r->networks[i].addr);
		fputs(", \"by\": ", stdout);
		print_json_text(stdout, r->networks[i].by);
		putchar('}');
	}
	putchar(']');
	if (from) {
		fputs(", \"from\": ", stdout);
		print_json_text(stdout, from);
		print_addr_json("answer", &r->answer);
		fputs(", \"by\": ", stdout);
		print_json_text(stdout, r->by);
	}
	fputs("}\n", stdout);
}

static void print_answer(const pp_addr *addr, const char *where, const char *by)
{
	char text[PP_ADDR_TEXT_BYTES];
	printf("  %-15s  %s%s%s\n", pp_addr_print(*addr, text), where, by ? ", by private endpoint " : "",
	       by ? by : "");
}

static int print_text(const pp_resolution *r, const char *from)
{
	char *where = from ? formatted("from %s", from) : NULL;
	printf("%s  %s\n", r->dns_name, r->what);
	if (from && where)
		print_answer(&r->answer, where, r->by);
	bool failed = from && !where;
	free(where);
	for (size_t i = 0; !from && i < r->n_networks; i++) {
		where = formatted("inside %s", r->networks[i].network);
		failed |= !where;
		if (where)
			print_answer(&r->networks[i].addr, where, r->networks[i].by);
		free(where);
	}
	if (!from && r->has_private) {
		where = formatted("inside %s", r->inside);
		failed |= !where;
		if (where)
			print_answer(&r->private_addr, where, NULL);
		free(where);
	}
	if (!from && r->has_public)
		print_answer(&r->public_addr,
			     r->has_private      ? "outside"
			     : r->n_networks > 0 ? "elsewhere"
						 : "everywhere",
			     NULL);
	return failed ? STATUS_SYSTEM : STATUS_OK;
}

static int answer(const struct command *command, const struct asked *asked)
{
	pp_resolution resolution;
	(void)command;
	int r = asked->from ? pp_scenario_resolve_from(asked->scenario, asked->name, asked->from, &resolution)
			    : pp_scenario_resolve(asked->scenario, asked->name, &resolution);
	if (r == 0 && asked->json)
		print_json(&resolution, asked->from);
	if (r == 0)
		return asked->json ? STATUS_OK : print_text(&resolution, asked->from);
	if (r < 0) {
		fprintf(stderr, "pktpath: %s\n", error_text(-r));
		return STATUS_SYSTEM;
	}
	if (r == 2) {
		fprintf(stderr, "pktpath: no host, VNet or site has the name `%s`\n", asked->from);
		print_hint("%s", resolution.nearest);
		return STATUS_FAILED;
	}
	fprintf(stderr, "pktpath: no element has the name `%s`\n", asked->name);
	if (resolution.nearest)
		print_hint("did you mean `%s`?", resolution.nearest);
	return STATUS_FAILED;
}

int command_resolve(const struct command *command, int argc, char **argv)
{
	static const struct scenario_command how = {.takes = TAKES_FROM, .name = "a name", .answer = answer};
	return ask(command, &how, argc, argv);
}
