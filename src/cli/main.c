/* The program: picks a subcommand, nothing that a test would want. */
#include "cli/work.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static void print_help(FILE *out)
{
	fputs("usage: pktpath COMMAND [OPTION...] ARGUMENT...\n\nReplays a scenario of an Azure network as packets in "
	      "virtual time.\n\n",
	      out);
	size_t n;
	const struct command *commands = command_table(&n);
	for (size_t i = 0; i < n; i++)
		fprintf(out, "  %-9s %-18s %s\n", commands[i].name, commands[i].arguments, commands[i].summary);
	fputs("\n  pktpath COMMAND --help tells its options. --version tells the version.\n"
	      "\nExit status: 0 all expectations hold, 1 one failed, 2 the command line or a scenario is wrong, 3 the "
	      "system failed.\n",
	      out);
}

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

static int unknown(const char *name)
{
	const char *names[COMMANDS_MAX];
	size_t n;
	const struct command *commands = command_table(&n);
	for (size_t i = 0; i < n; i++)
		names[i] = commands[i].name;
	const char *nearest = pp_nearest(name, names, n);
	fprintf(stderr, "pktpath: unknown command `%s`\n", name);
	if (nearest)
		fprintf(stderr, "hint: did you mean `%s`?\n", nearest);
	else
		fputs("hint: pktpath --help lists the commands\n", stderr);
	return STATUS_USAGE;
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
		print_help(stderr);
		return STATUS_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
		print_help(stdout);
		return close_output(STATUS_OK);
	}
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
		fputs("pktpath: not done: because of what is said above, or memory is short\n", stderr);
	if (guard_lost()) /* what went wrong could not be said */
		status = STATUS_SYSTEM;
	return spread_end(close_output(status));
}
