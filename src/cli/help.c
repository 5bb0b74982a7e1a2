/* Help: of the program, and of a command with its options and two examples, in lines as wide as the terminal. */
#include "cli/cli.h"
#include <stdlib.h>
#include <string.h>

#define TEXT_COLUMN 24    /* of what an option does */
#define SUMMARY_COLUMN 31 /* of what a command does */

/* "      --set PATH=VALUE  replaces a value": what stands from TEXT_COLUMN on is broken. */
static void print_option(const char *line, size_t n)
{
	char *text = strndup(line, n);
	size_t head = text && n > TEXT_COLUMN && text[TEXT_COLUMN - 1] == ' ' ? TEXT_COLUMN : 0;
	if (!text) {
		(void)say_short_memory();
		return;
	}
	printf("%.*s", (int)head, text);
	if (head == 0)
		puts(text);
	else
		print_broken(stdout, TEXT_COLUMN, TEXT_COLUMN, text + TEXT_COLUMN);
	free(text);
}

static void print_examples(const char *examples)
{
	puts("\nexamples:");
	for (const char *line = examples; *line; line += strcspn(line, "\n") + 1) {
		/* A command to be copied stays in one line. */
		fputs("  ", stdout);
		print_program(stdout);
		printf(" %.*s\n", (int)strcspn(line, "\n"), line);
	}
}

void print_command_help(const struct command *command)
{
	char *summary =
		formatted("%c%s.",
			  command->summary[0] >= 'a' && command->summary[0] <= 'z' ? command->summary[0] - 'a' + 'A'
										   : command->summary[0],
			  command->summary + 1);
	printf("usage: pktpath %s [OPTION...]%s%s\n\n", command->name, *command->arguments ? " " : "",
	       command->arguments);
	if (summary)
		print_broken(stdout, 0, 0, summary);
	putchar('\n');
	for (const char *line = command->help; *line; line += strcspn(line, "\n") + 1)
		print_option(line, strcspn(line, "\n"));
	puts("      --help            this text");
	print_examples(command->examples);
	free(summary);
}

void print_program_help(FILE *out)
{
	size_t n;
	const struct command *commands = command_table(&n);
	fputs("usage: pktpath COMMAND [OPTION...] ARGUMENT...\n\n", out);
	print_broken(out, 0, 0, "Replays a scenario of an Azure network as packets in virtual time.");
	putc('\n', out);
	for (size_t i = 0; i < n; i++) {
		fprintf(out, "  %-9s %-18s ", commands[i].name, commands[i].arguments);
		print_broken(out, SUMMARY_COLUMN, SUMMARY_COLUMN, commands[i].summary);
	}
	fputs("\n  ", out);
	print_broken(out, 2, 2,
		     "pktpath help COMMAND prints its options and two examples. --version prints the version.");
	putc('\n', out);
	print_broken(
		out, 0, 0,
		"Exit status: 0 all expectations hold, 1 one failed, 2 the command line or a scenario is wrong, 3 the "
		"system failed.");
}
