/* What the forms of `pktpath import` share. */
#ifndef PKTPATH_CLI_IMPORT_H
#define PKTPATH_CLI_IMPORT_H
#include "cli/cli.h"

/* A whole file, or standard input for `-`; to be freed. STATUS_OK, or another status after a message. */
int import_slurp(const char *path, char **ret, size_t *ret_bytes);
void import_print_diagnostics(const pp_import *import);
#endif
