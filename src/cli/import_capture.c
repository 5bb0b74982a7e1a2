/* pktpath import capture: a scenario whose flows are those of a capture or of flow logs. */
#include "cli/import.h"
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE_BYTES (1u << 20)

/* A flow log is JSON; a capture never begins with these. */
static bool is_text(const char *data, size_t bytes)
{
	size_t i = bytes >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	while (i < bytes && strchr(" \t\r\n", data[i]) && data[i])
		i++;
	return i < bytes && (data[i] == '{' || data[i] == '[') && data[0] != '\n';
}

/* Captures are read piece by piece; a flow log is taken whole. */
static int feed(pp_import *import, const char *path, int fd, char *piece)
{
	char *text = NULL;
	size_t n = 0;
	bool first = true, whole = false;
	for (;;) {
		ssize_t got = read(fd, piece, PIECE_BYTES);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			free(text);
			fprintf(stderr, "pktpath: %s: %s\n", path, strerror(errno));
			return errno == EISDIR ? STATUS_USAGE : STATUS_SYSTEM;
		}
		whole = first ? is_text(piece, (size_t)got) : whole;
		first = false;
		if (got == 0)
			break;
		if (!whole) {
			int r = pp_import_feed(import, path, piece, (size_t)got);
			if (r != 0)
				return r < 0 ? STATUS_SYSTEM : STATUS_USAGE;
			continue;
		}
		char *larger = n > IMPORT_MAX_BYTES ? text : realloc(text, n + (size_t)got);
		if (!larger) {
			free(text);
			fprintf(stderr, "pktpath: %s: %s\n", path, strerror(ENOMEM));
			return STATUS_SYSTEM;
		}
		if (n > IMPORT_MAX_BYTES)
			break; /* pp_import_add() says how much it takes */
		text = larger;
		memcpy(text + n, piece, (size_t)got);
		n += (size_t)got;
	}
	int r = whole ? pp_import_add(import, path, text, n) : pp_import_feed(import, path, "", 0);
	free(text);
	return r < 0 ? STATUS_SYSTEM : r > 0 ? STATUS_USAGE : STATUS_OK;
}

static int read_input(pp_import *import, const char *path)
{
	int fd = strcmp(path, "-") == 0 ? STDIN_FILENO : input_open(path);
	char *piece = malloc(PIECE_BYTES);
	int status = STATUS_SYSTEM;
	if (fd < 0) {
		fprintf(stderr, "pktpath: %s: %s\n", path, error_text(-fd));
		status = fd == -ENOENT || fd == -ENOTDIR || fd == -EISDIR ? STATUS_USAGE : STATUS_SYSTEM;
	} else if (!piece) {
		fprintf(stderr, "pktpath: %s: %s\n", path, strerror(ENOMEM));
	} else {
		status = feed(import, path, fd, piece);
	}
	free(piece);
	if (fd > STDIN_FILENO)
		(void)close(fd);
	return status;
}

int import_capture(const struct command *command, struct import_task *task, int argc, char **argv)
{
	static const struct option options[] = {{"output", required_argument, NULL, 'o'},
						{"inside", required_argument, NULL, 'i'},
						{"address", required_argument, NULL, 'a'},
						{"list", no_argument, NULL, 'l'},
						{"json", no_argument, NULL, 'j'},
						{"help", no_argument, NULL, 'h'},
						{NULL, 0, NULL, 0}};
	int c, status = STATUS_OK;
	while (status == STATUS_OK && (c = getopt_long(argc, argv, ":ho:", options, NULL)) != -1)
		switch (c) {
		case 'h':
			print_command_help(command);
			return STATUS_OK;
		case 'o':
			task->output = optarg;
			break;
		case 'l':
		case 'j':
			task->list = true;
			task->json = task->json || c == 'j';
			break;
		case 'a':
			status = import_set_option(command, task->import, "--address", optarg, pp_import_address);
			break;
		case 'i':
			if (pp_import_inside(task->import, optarg) != 0)
				status = usage_error(command, "--inside takes a prefix such as 10.0.0.0/8, not `%s`",
						     optarg);
			break;
		default:
			status = option_error(command, c, argv, options);
			break;
		}
	if (status == STATUS_OK && optind == argc)
		return usage_error(command, "which capture?");
	for (int i = optind; status == STATUS_OK && i < argc; i++)
		status = read_input(task->import, argv[i]);
	if (status == STATUS_OK)
		return import_finish_task(task);
	import_print_diagnostics(task->import);
	return status;
}
