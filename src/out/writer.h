/* Output files: whole or not at all. A staging directory beside the files takes everything; commit moves each file into
 * place by rename, and removes files that an earlier run wrote and this one did not (named in the old report.json).
 * Abort removes the staging directory and leaves what was there as it was. */
#ifndef PKTPATH_OUT_WRITER_H
#define PKTPATH_OUT_WRITER_H
#include <stddef.h>
#include <stdint.h>

struct buf;
struct output; /* a directory being written */
struct output_file;

/* Makes `directory` (and its parents) and the staging directory in it. Negative errno; *ret_path then names (malloc'd)
 * what could not be made. */
int output_begin(const char *directory, struct output **ret, char **ret_path);
/* A new file with a large buffer of its own; few descriptors are held open whatever the number of files (reopened for
 * appending in turn).
 * -EEXIST where the name was opened before, -EINVAL where it is no plain file name. */
int output_open(struct output *output, const char *name, struct output_file **ret);
/* Negative errno; then every later write to any file of the output gives the same, and output_fault() names the
 * file. */
int output_write(struct output_file *file, const void *data, size_t size_bytes);
/* The file's own buffer, for writers that append without a copy: append, then output_checkpoint(), which writes it out
 * where it is full. The pointer lives as long as the file; what it points at may be empty again after any call on the
 * output. */
struct buf *output_buffer(struct output_file *file);
int output_checkpoint(struct output_file *file);
/* What was appended stays where it is until the file's own checkpoint, whatever happens to other files. */
void output_hold(struct output_file *file);
/* Path of the file at which opening or writing failed; borrowed; NULL where nothing failed or memory was short. */
const char *output_fault(const struct output *output);
uint64_t output_file_bytes(const struct output_file *file);
/* Flushes and closes every file, moves them into place, frees. On failure aborts (what was moved is put back),
 * *ret_path names (malloc'd, NULL where memory is short) the file at fault. */
int output_commit(struct output *output, char **ret_path);
/* At commit, once the files are in place, `note` gets lines about the directory, where there are any: files of others
 * that were kept, an old report that could not be read. */
void output_observe_notes(struct output *output, void (*note)(void *context, const char *lines), void *context);
void output_abort(struct output *output);
/* Names of the files written so far, sorted; borrowed. */
const char *const *output_names(struct output *output, size_t *ret_n);
#endif
