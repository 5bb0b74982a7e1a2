/* What the forms of `pktpath import` share. */
#ifndef PKTPATH_CLI_IMPORT_H
#define PKTPATH_CLI_IMPORT_H
#include "cli/cli.h"
#include <stdbool.h>

#define IMPORT_MAX_BYTES (33u << 20) /* of a document: a little more than an import takes, which says so itself */

struct import_task {
	pp_import *import;
	const char *output, *against;
	bool strict, list, json;
};

typedef int import_set_fn(pp_import *import, const char *name, const char *value);
/* NAME=VALUE. A status. */
int import_set_option(const struct command *command, pp_import *import, const char *option, char *text,
		      import_set_fn *set);
/* Finishes the import and prints what came out. A status. */
int import_finish_task(const struct import_task *task);
/* `import capture ...`, from the word `capture` on. */
int import_capture(const struct command *command, struct import_task *task, int argc, char **argv);
/* A whole file, or standard input for `-`; to be freed. STATUS_OK, or another status after a message. */
int import_slurp(const char *path, char **ret, size_t *ret_bytes);
void import_print_diagnostics(const pp_import *import);
#endif
