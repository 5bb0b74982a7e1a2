/* Output files: whole or not at all. A staging directory beside the files takes everything; commit moves each file into place by rename, and
 * removes files that an earlier run wrote and this one did not (named in the old report.json). Abort removes the staging directory and leaves what
 * was there as it was. */
#ifndef PKTPATH_OUT_WRITER_H
#define PKTPATH_OUT_WRITER_H
#include <stddef.h>
#include <stdint.h>

struct output; /* a directory being written */
struct output_file;

/* Makes `directory` (and its parents) and the staging directory in it. Negative errno; *ret_path then names (malloc'd) what could not be made. */
int output_begin(const char *directory, struct output **ret, char **ret_path);
/* A new file with a large buffer of its own; few descriptors are held open whatever the number of files (reopened for appending in turn). */
int output_open(struct output *output, const char *name, struct output_file **ret);
int output_write(struct output_file *file, const void *data, size_t size_bytes);
uint64_t output_file_bytes(const struct output_file *file);
/* Flushes and closes every file, renames them into place, frees. On failure aborts, *ret_path names (malloc'd) the file at fault. */
int output_commit(struct output *output, char **ret_path);
void output_abort(struct output *output);
/* Names of the files written so far, sorted; borrowed. */
const char *const *output_names(struct output *output, size_t *ret_n);
#endif
