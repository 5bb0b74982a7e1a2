/* The program: picks a subcommand, nothing that a test would want. */
#include "cli/work.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Who starts us may have closed one of the three standard files. The next file opened would then get its number, and
 * what is printed would land in a capture. Each is opened the wrong way round, so that using it is still an error. */
static int keep_standard_files(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) != -1 || errno != EBADF)
			continue;
		if (open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
			return -1;
	}
	return 0;
}

/* Words that other programs have for our commands. */
static const struct {
	const char *word, *command, *does;
} others[] = {
	{"init", "new", "writes a first scenario"},
	{"create", "new", "writes a first scenario"},
	{"simulate", "run", "replays a scenario"},
	{"replay", "run", "replays a scenario"},
	{"validate", "check", "checks a scenario"},
	{"lint", "check", "checks a scenario"},
	{"format", "fmt", "prints a scenario in the house style"},
	{"trace", "explain", "shows a call step by step"},
	{"why", "explain", "shows a call step by step"},
	{"graph", "draw", "draws the network"},
	{"plot", "draw", "draws the network"},
	{"compare", "diff", "compares the output of two runs"},
	{"view", "open", "opens captures and pages"},
	{"show", "open", "opens captures and pages"},
	{"convert", "import", "makes a scenario of templates"},
};

static int unknown(const char *name)
{
	const char *names[COMMANDS_MAX];
	size_t n;
	const struct command *commands = command_table(&n);
	for (size_t i = 0; i < n; i++)
		names[i] = commands[i].name;
	print_error("pktpath", "unknown command `%s`", name);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (strcmp(name, others[i].word) == 0) {
			print_hint("pktpath %s %s", others[i].command, others[i].does);
			return STATUS_USAGE;
		}
	size_t n_name = strlen(name);
	if (n_name > 5 && (strcmp(name + n_name - 5, ".yaml") == 0 || strcmp(name + n_name - 4, ".yml") == 0)) {
		print_hint("a command comes first: pktpath run %s", name);
		return STATUS_USAGE;
	}
	const char *nearest = pp_nearest(name, names, n);
	if (nearest)
		print_hint("did you mean `pktpath %s`?", nearest);
	else
		print_hint("pktpath --help lists the commands");
	return STATUS_USAGE;
}

/* "help", "help COMMAND". */
static int help(int n_words, char **words)
{
	const struct command *command = n_words > 0 ? command_named(words[0]) : NULL;
	if (n_words > 0 && !command)
		return unknown(words[0]);
	if (command)
		print_command_help(command);
	else
		print_program_help(stdout);
	return close_output(STATUS_OK);
}

int main(int argc, char **argv)
{
	if (keep_standard_files() < 0) {
		fputs("pktpath: a standard file is closed, and /dev/null cannot be opened in its place\n", stderr);
		return STATUS_SYSTEM;
	}
	if (guard_output() < 0)
		return say_short_memory();
	if (argc < 2) {
		print_program_help(stderr);
		return STATUS_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0)
		return help(argc - 2, argv + 2);
	if (strcmp(argv[1], "--version") == 0) {
		printf("pktpath %s\n", pp_version());
		return close_output(STATUS_OK);
	}
	if (spread_begin(&argc, &argv) < 0)
		return STATUS_SYSTEM;
	signals_catch();
	memory_for_json();
	if (strcmp(argv[1], "complete") == 0)
		return spread_end(close_output(complete(argc - 2, argv + 2)));
	const struct command *command = command_named(argv[1]);
	if (!command)
		return spread_end(unknown(argv[1]));
	int status = command->main(command, argc - 1, argv + 1);
	if (status == STATUS_SYSTEM && !guard_said())
		fputs("pktpath: the command failed, for the reason above or because memory is short\n", stderr);
	if (guard_lost()) /* what went wrong could not be said */
		status = STATUS_SYSTEM;
	return spread_end(close_output(status));
}
