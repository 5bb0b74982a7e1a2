/* Many files at once, with few descriptors and bounded memory.
 *
 * DOC: a run may write thousands of files, a few of them busy. Each has a buffer that begins at 4 KiB and grows
 * fourfold each time it was filled, up to 256 KiB: beyond that a system call is no longer what costs, and a buffer that
 * stays in the cache is worth more. Full buffers of busy files are written in blocks that begin and end at multiples of
 * 256 KiB of the file, which the page cache takes quickest, and by another thread (the pump), so that a small run never
 * starts one. All buffers together keep below a bound; where they would pass it, the hand of a clock goes round and
 * takes the buffers of files that were not written to since its last visit. At most 64 files are open; the one written
 * out the longest time ago is closed first and reopened for appending when its turn comes.
 *
 * The first failure is kept: afterwards every write gives the same error, so that a caller may check late, and nothing
 * is shown. */
#include "out/writer.h"
#include "base/buf.h"
#include "base/names.h"
#include "out/pump.h"
#include "out/staging.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUFFER_FIRST_BYTES ((size_t)4096)
#define BUFFER_LAST_BYTES ((size_t)262144)
#define BUFFER_GROWTH 4
#define BUFFER_SPARE_BYTES                                                                                             \
	((size_t)1600) /* room for a record past the limit, so that a buffer seldom grows by itself */
#define BUFFERS_TOTAL_BYTES ((size_t)64 << 20)
#define MAX_DESCRIPTORS 64

struct output_file {
	struct output *output;
	char *name;
	struct buf buffer;
	size_t limit_bytes;     /* the buffer is written out when it holds as much */
	size_t accounted_bytes; /* of its capacity, in the output's sum */
	uint64_t flushed_bytes;
	uint64_t last_flush; /* in flushes of the whole output */
	int fd;              /* -1: closed */
	bool created;
	bool touched; /* written to since the clock's hand passed */
	bool held;    /* what stands in the buffer is to be looked at again */
};

struct output {
	struct staging staging;
	struct output_file **files; /* in the order of opening */
	size_t n_files, capacity_files;
	struct names by_name;
	const char **sorted; /* made when asked for */
	size_t n_sorted;
	struct output_file *open[MAX_DESCRIPTORS];
	size_t n_open;
	uint64_t n_flushes;
	struct pump *pump; /* NULL: not started yet, or not to be had */
	bool pump_tried;
	size_t buffered_bytes; /* capacity of all buffers */
	size_t hand;
	int error;
	char *fault;
	void (*note)(void *context, const char *lines);
	void *note_context;
};

/* ---- failure ---- */

static char *path_of(const struct output *output, const char *name)
{
	char *path;
	return asprintf(&path, "%s/%s", output->staging.directory, name) < 0 ? NULL : path;
}

static int fail(struct output *output, const char *name, int error)
{
	if (output->error == 0) {
		output->error = error;
		output->fault = path_of(output, name);
	}
	return output->error;
}

const char *output_fault(const struct output *output)
{
	return output->fault;
}

/* ---- descriptors ---- */

static int settle(struct output *output, int fd)
{
	const void *owner;
	int r = !output->pump ? 0 : pump_wait(output->pump, fd, &owner);
	return r < 0 ? fail(output, ((const struct output_file *)owner)->name, r) : 0;
}

static int close_at(struct output *output, size_t slot)
{
	struct output_file *file = output->open[slot];
	int r = settle(output, file->fd);
	output->open[slot] = output->open[--output->n_open];
	int fd = file->fd;
	file->fd = -1;
	/* Some file systems show a full disk only here. EINTR has closed it all the same on Linux. */
	if (close(fd) != 0 && errno != EINTR && r == 0)
		r = fail(output, file->name, -errno);
	return r;
}

static int close_oldest(struct output *output)
{
	size_t oldest = 0;
	for (size_t i = 1; i < output->n_open; i++) {
		if (output->open[i]->last_flush < output->open[oldest]->last_flush)
			oldest = i;
	}
	return close_at(output, oldest);
}

static int open_descriptor(struct output_file *file)
{
	struct output *output = file->output;
	int flags = O_WRONLY | O_APPEND | O_CLOEXEC | (file->created ? 0 : O_CREAT | O_EXCL);
	int r = output->n_open == MAX_DESCRIPTORS ? close_oldest(output) : 0;
	while (r == 0) {
		file->fd = openat(output->staging.fd, file->name, flags, 0666);
		if (file->fd >= 0)
			break;
		/* The process may be short of descriptors long before we are. */
		if ((errno == EMFILE || errno == ENFILE) && output->n_open > 0)
			r = close_oldest(output);
		else if (errno != EINTR)
			r = fail(output, file->name, -errno);
	}
	if (r < 0)
		return r;
	file->created = true;
	output->open[output->n_open++] = file;
	return 0;
}

static int ready(struct output_file *file)
{
	file->last_flush = ++file->output->n_flushes;
	return file->fd < 0 ? open_descriptor(file) : 0;
}

static int write_out(struct output_file *file, const uint8_t *data, size_t size_bytes)
{
	int r = ready(file);
	if (r == 0)
		r = settle(file->output, file->fd);
	if (r < 0)
		return r;
	r = pump_write_all(file->fd, data, size_bytes);
	if (r < 0)
		return fail(file->output, file->name, r);
	file->flushed_bytes += size_bytes;
	return 0;
}

/* ---- buffers ---- */

static void account(struct output_file *file)
{
	file->output->buffered_bytes += file->buffer.capacity_bytes - file->accounted_bytes;
	file->accounted_bytes = file->buffer.capacity_bytes;
}

static void drop_buffer(struct output_file *file)
{
	buf_free(&file->buffer);
	file->buffer = (struct buf){0};
	account(file);
	file->limit_bytes = BUFFER_FIRST_BYTES - BUFFER_SPARE_BYTES;
}

static int flush(struct output_file *file)
{
	int r = file->buffer.size_bytes == 0 ? 0 : write_out(file, file->buffer.data, file->buffer.size_bytes);
	buf_clear(&file->buffer);
	return r;
}

/* Takes buffers from files that were not busy of late, until the sum is below the bound. Two rounds suffice: the first
 * clears all marks. */
static int make_room(struct output *output, const struct output_file *except)
{
	for (size_t left = 2 * output->n_files; output->buffered_bytes > BUFFERS_TOTAL_BYTES && left > 0; left--) {
		struct output_file *file = output->files[output->hand++ % output->n_files];
		if (file == except || file->held || file->accounted_bytes == 0)
			continue;
		if (file->touched) {
			file->touched = false;
			continue;
		}
		int r = flush(file);
		if (r < 0)
			return r;
		drop_buffer(file);
	}
	return 0;
}

static bool is_busy(const struct output_file *file)
{
	return file->limit_bytes == BUFFER_LAST_BYTES;
}

/* A busy file's buffer has the room for a record behind its limit, a smaller one before it. */
static int grow(struct output_file *file)
{
	size_t size_bytes = (file->limit_bytes + BUFFER_SPARE_BYTES) * BUFFER_GROWTH;
	bool last = size_bytes >= BUFFER_LAST_BYTES;
	if (file->output->buffered_bytes + size_bytes > BUFFERS_TOTAL_BYTES)
		return 0;
	/* It is empty now: a new block is cheaper than moving the old one. */
	buf_free(&file->buffer);
	if (!buf_reserve(&file->buffer, last ? size_bytes + BUFFER_SPARE_BYTES : size_bytes))
		return fail(file->output, file->name, -ENOMEM);
	file->limit_bytes = last ? BUFFER_LAST_BYTES : size_bytes - BUFFER_SPARE_BYTES;
	account(file);
	return 0;
}

/* Writes a busy file up to the last multiple of the block size; what is left over begins the next buffer. */
static int write_block(struct output_file *file)
{
	struct output *output = file->output;
	uint64_t end = file->flushed_bytes + file->buffer.size_bytes;
	size_t bytes = (size_t)(end - end % BUFFER_LAST_BYTES - file->flushed_bytes),
	       left_bytes = file->buffer.size_bytes - bytes;
	if (!output->pump_tried) {
		output->pump_tried = true;
		(void)pump_new(&output->pump); /* without one we write ourselves */
	}
	if (!output->pump) {
		int r = write_out(file, file->buffer.data, bytes);
		memmove(file->buffer.data, file->buffer.data + bytes, left_bytes);
		file->buffer.size_bytes = left_bytes;
		return r;
	}
	int r = ready(file);
	if (r < 0)
		return r;
	const uint8_t *left = file->buffer.data + bytes; /* stays readable until the next push */
	if (pump_push(output->pump, file, file->fd, &file->buffer, bytes) < 0)
		return settle(output, -1);
	file->flushed_bytes += bytes;
	if (!buf_reserve(&file->buffer, BUFFER_LAST_BYTES + BUFFER_SPARE_BYTES))
		return fail(output, file->name, -ENOMEM);
	buf_append(&file->buffer, left, left_bytes);
	return 0;
}

struct buf *output_buffer(struct output_file *file)
{
	return &file->buffer;
}

void output_hold(struct output_file *file)
{
	file->held = true;
}

int output_checkpoint(struct output_file *file)
{
	struct output *output = file->output;
	int r = output->error;
	file->held = false;
	if (r == 0 && buf_failed(&file->buffer))
		r = fail(output, file->name, -ENOMEM);
	file->touched = true;
	if (r == 0 && file->buffer.size_bytes >= file->limit_bytes) {
		r = is_busy(file) ? write_block(file) : flush(file);
		if (r == 0 && !is_busy(file))
			r = grow(file);
	}
	if (r == 0 && file->buffer.capacity_bytes != file->accounted_bytes) {
		account(file);
		if (output->buffered_bytes > BUFFERS_TOTAL_BYTES)
			r = make_room(output, file);
	}
	if (r < 0) /* nothing will be shown: hold no memory for it */
		buf_clear(&file->buffer);
	return r;
}

int output_write(struct output_file *file, const void *data, size_t size_bytes)
{
	struct output *output = file->output;
	if (size_bytes < BUFFER_LAST_BYTES) {
		buf_append(&file->buffer, data, size_bytes);
		return output_checkpoint(file);
	}
	int r = output->error;
	if (r == 0)
		r = flush(file);
	return r < 0 ? r : write_out(file, data, size_bytes);
}

uint64_t output_file_bytes(const struct output_file *file)
{
	return file->flushed_bytes + file->buffer.size_bytes;
}

/* ---- files ---- */

static void file_free(struct output_file *file)
{
	if (!file)
		return;
	buf_free(&file->buffer);
	free(file->name);
	free(file);
}

static int reserve_file(struct output *output)
{
	if (output->n_files < output->capacity_files)
		return 0;
	size_t capacity = output->capacity_files == 0 ? 64 : 2 * output->capacity_files;
	struct output_file **files = realloc(output->files, capacity * sizeof *files);
	if (!files)
		return -ENOMEM;
	output->files = files;
	output->capacity_files = capacity;
	return 0;
}

int output_open(struct output *output, const char *name, struct output_file **ret)
{
	*ret = NULL;
	if (output->error < 0)
		return output->error;
	if (!install_name_is_plain(name))
		return fail(output, name, -EINVAL);
	struct output_file *file = calloc(1, sizeof *file);
	if (file)
		file->name = strdup(name);
	if (!file || !file->name || reserve_file(output) < 0) {
		file_free(file);
		return fail(output, name, -ENOMEM);
	}
	int r = names_add(&output->by_name, file->name, (uint32_t)output->n_files);
	if (r != 0) {
		file_free(file);
		return fail(output, name, r > 0 ? -EEXIST : r);
	}
	file->output = output;
	file->fd = -1;
	file->limit_bytes = BUFFER_FIRST_BYTES - BUFFER_SPARE_BYTES;
	output->files[output->n_files++] = file;
	*ret = file;
	return 0;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char *const *output_names(struct output *output, size_t *ret_n)
{
	*ret_n = 0;
	if (!output->sorted || output->n_sorted != output->n_files) {
		const char **sorted = malloc((output->n_files + 1) * sizeof *sorted);
		if (!sorted)
			return NULL;
		for (size_t i = 0; i < output->n_files; i++)
			sorted[i] = output->files[i]->name;
		sorted[output->n_files] = NULL;
		qsort(sorted, output->n_files, sizeof *sorted, compare_names);
		free(output->sorted);
		output->sorted = sorted;
		output->n_sorted = output->n_files;
	}
	*ret_n = output->n_sorted;
	return output->sorted;
}

/* ---- a run's output ---- */

int output_begin(const char *directory, struct output **ret, char **ret_path)
{
	*ret = NULL;
	*ret_path = NULL;
	struct output *output = calloc(1, sizeof *output);
	if (!output)
		return -ENOMEM;
	int r = staging_begin(&output->staging, directory, ret_path);
	if (r < 0) {
		free(output);
		return r;
	}
	*ret = output;
	return 0;
}

static void output_free(struct output *output, bool made)
{
	output->pump = pump_free(output->pump);
	while (output->n_open > 0)
		(void)close_at(output, output->n_open - 1);
	staging_end(&output->staging, made);
	for (size_t i = 0; i < output->n_files; i++)
		file_free(output->files[i]);
	names_deinit(&output->by_name);
	free(output->files);
	free(output->sorted);
	free(output->fault);
	free(output);
}

static int finish_files(struct output *output)
{
	int r = output->error;
	for (size_t i = 0; r == 0 && i < output->n_files; i++) {
		struct output_file *file = output->files[i];
		if (buf_failed(&file->buffer))
			return fail(output, file->name, -ENOMEM);
		r = flush(file);
		if (r == 0 && !file->created) /* an empty file is a file */
			r = open_descriptor(file);
		drop_buffer(file);
	}
	while (r == 0 && output->n_open > 0)
		r = close_at(output, output->n_open - 1);
	return r;
}

static int install(struct output *output)
{
	size_t n;
	const char *fault = "";
	const char *const *names = output_names(output, &n);
	int r = names ? staging_install(&output->staging, names, n, &fault) : -ENOMEM;
	if (r < 0)
		return fail(output, fault, r);
	struct buf *notes = &output->staging.notes;
	if (notes->size_bytes > 0 && output->note)
		output->note(output->note_context, buf_text(notes));
	return 0;
}

void output_observe_notes(struct output *output, void (*note)(void *context, const char *lines), void *context)
{
	output->note = note;
	output->note_context = context;
}

int output_commit(struct output *output, char **ret_path)
{
	*ret_path = NULL;
	int r = finish_files(output);
	if (r == 0)
		r = install(output);
	if (r < 0) {
		*ret_path = output->fault;
		output->fault = NULL;
	}
	output_free(output, r < 0);
	return r;
}

void output_abort(struct output *output)
{
	if (output)
		output_free(output, true);
}
