/* Long work: which cases are due here, what was done before, and that nothing of what is done is lost. Each record is
 * appended to the ledger as soon as it is there; where that fails (a disk is full) the work ends, and what stands in the
 * ledger so far is good. */
#include "cli/work.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define DURATIONS_HEAD "seconds,case\n"
#define SHOW_EVERY_NS INT64_C(200000000)

struct state {
	const struct work *work;
	struct records *records;
	bool *is_ours; /* by case: of this part */
	size_t *todo;
	size_t n_todo, n_done, next; /* next: of which `finished` was called */
	int ledger, durations;       /* descriptors; -1 */
	int64_t begun_ns, shown_ns;
	bool terminal;
};

/* ---- options ---- */

static int parse_shard(const struct command *command, const char *text, struct shard *ret)
{
	char first[24] = "";
	const char *slash = strchr(text, '/');
	size_t n = slash ? (size_t)(slash - text) : 0;
	if (n > 0 && n < sizeof first)
		memcpy(first, text, n);
	if (!slash || !parse_number(first, UINT32_MAX, &ret->index) ||
	    !parse_number(slash + 1, UINT32_MAX, &ret->count))
		return usage_error(command, "--shard takes I/N, such as 2/4, not `%s`", text);
	if (ret->index == 0 || ret->index > ret->count)
		return usage_error(command, "--shard %s: there are parts 1 to N of N, such as 1/4 to 4/4", text);
	return STATUS_OK;
}

bool work_options_take(const struct command *command, struct work_options *options, int option, int *ret_status)
{
	switch (option) {
	case OPTION_SHARD:
		*ret_status = parse_shard(command, optarg, &options->shard);
		return true;
	case OPTION_RESUME:
		options->resume = true;
		*ret_status = STATUS_OK;
		return true;
	case 'j':
		*ret_status = parallel_parse_jobs(command, optarg, &options->n_jobs);
		return true;
	default:
		return false;
	}
}

/* By the name of the case alone: another case moves none. */
static uint64_t part_of(const char *name, uint64_t n_parts)
{
	uint64_t hash = digest_bytes(DIGEST_BEGIN, name, strlen(name));
	hash = (hash ^ (hash >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	hash = (hash ^ (hash >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (hash ^ (hash >> 31)) % n_parts + 1;
}

/* ---- files ---- */

int make_directory(const char *path)
{
	char *copy = strdup(path);
	if (!copy)
		return STATUS_SYSTEM;
	for (char *at = copy + 1; *at; at++)
		if (*at == '/') {
			*at = '\0';
			(void)mkdir(copy, 0777);
			*at = '/';
		}
	int r = mkdir(copy, 0777) < 0 && errno != EEXIST ? errno : 0;
	free(copy);
	if (r == 0)
		return STATUS_OK;
	fprintf(stderr, "pktpath: cannot make %s: %s\n", path, strerror(r));
	return STATUS_SYSTEM;
}

static int hold(const char *directory, struct records *records)
{
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK) {
		(void)close(fd);
		fprintf(stderr,
			"pktpath: %s: another pktpath is writing there; nothing was written\nhint: wait for its end, "
			"or "
			"give another directory\n",
			directory);
		return STATUS_SYSTEM;
	}
	records->held = fd >= 0; /* there are file systems without locks */
	records->directory = fd;
	return STATUS_OK;
}

static int cannot_write(const struct state *state, int error)
{
	fprintf(stderr,
		"pktpath: cannot write into %s: %s; %zu of %zu cases are kept\nhint: go on later with --resume\n",
		state->work->directory, strerror(error), state->n_done, state->n_todo);
	return STATUS_SYSTEM;
}

/* A field of a table: in quotes, each quote in it doubled, and what a terminal would obey as its number. */
static char *quoted(const char *name)
{
	size_t bytes = strlen(name);
	char *text = malloc(PP_SAFE_BYTES * bytes + 3), *to = text;
	if (!text)
		return NULL;
	*to++ = '"';
	for (size_t at = 0; at < bytes;) {
		char safe[PP_SAFE_BYTES];
		size_t n = pp_safe_character(name + at, bytes - at, safe);
		if (name[at] == '"')
			*to++ = '"';
		to = stpcpy(to, safe);
		at += n;
	}
	*to++ = '"';
	*to = '\0';
	return text;
}

static bool is_quoted(const char *field, const char *name)
{
	char *text = quoted(name);
	bool same = text && strcmp(text, field) == 0;
	free(text);
	return same;
}

/* Whole or not at all, as far as the file is concerned: a piece of a line is taken back. */
static int append(int fd, const char *text, size_t bytes)
{
	off_t before = lseek(fd, 0, SEEK_END);
	while (bytes > 0) {
		ssize_t n = write(fd, text, bytes);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			int error = errno;
			if (before >= 0)
				(void)!ftruncate(fd, before);
			return error;
		}
		text += n;
		bytes -= (size_t)n;
	}
	return 0;
}

static int print_duration_line(FILE *out, int64_t duration_ns, const char *name)
{
	int64_t us = duration_ns / 1000;
	char *field = name ? quoted(name) : NULL;
	if (!field)
		return -ENOMEM;
	fprintf(out, "%" PRId64 ".%06" PRId64 ",%s\n", us / 1000000, us % 1000000, field);
	free(field);
	return 0;
}

static int append_duration(const struct state *state, size_t i, const char *name)
{
	char *line = NULL;
	size_t bytes = 0;
	FILE *out = open_memstream(&line, &bytes);
	if (!out)
		return ENOMEM;
	int r = print_duration_line(out, state->records->durations_ns[i], name);
	int error = fclose(out) != 0 || r < 0 || !line ? ENOMEM : append(state->durations, line, bytes);
	free(line);
	return error;
}

static int append_record(const struct state *state, size_t i)
{
	char *line = NULL, *name = state->work->name(state->work->context, i);
	int n = name ? asprintf(&line, "%s\t%s\n", name, state->records->items[i]) : -1;
	int error = n < 0 ? ENOMEM : append(state->ledger, line, (size_t)n);
	if (!error)
		error = append_duration(state, i, name);
	if (n >= 0)
		free(line);
	free(name);
	return error;
}

/* ---- progress ---- */

static void show(struct state *state)
{
	int64_t now_ns = clock_ns(), elapsed_ns = now_ns - state->begun_ns;
	if (!state->terminal || state->work->quiet || now_ns - state->shown_ns < SHOW_EVERY_NS ||
	    elapsed_ns < SHOW_EVERY_NS)
		return;
	size_t left = state->n_todo - state->n_done;
	int64_t left_ns = state->n_done ? elapsed_ns / (int64_t)state->n_done * (int64_t)left : 0;
	uint64_t rate_tenths = (uint64_t)state->n_done * UINT64_C(10000000000) / (uint64_t)elapsed_ns;
	char duration[64];
	state->shown_ns = now_ns;
	fprintf(stderr, "\r\033[K%zu of %zu cases  %" PRIu64 ".%" PRIu64 " a second  %s left", state->n_done,
		state->n_todo, rate_tenths / 10, rate_tenths % 10, print_duration(left_ns, duration, sizeof duration));
	(void)fflush(stderr);
}

static void report_finished(struct state *state)
{
	const struct work *work = state->work;
	for (; state->next < work->n; state->next++) {
		const char *record = state->records->items[state->next];
		if (!record && state->is_ours[state->next])
			return;
		if (!record || !work->finished)
			continue;
		if (state->terminal)
			parallel_hide();
		work->finished(work->context, state->next, record);
	}
}

static int done(void *context, size_t i, char *record, int64_t duration_ns)
{
	struct state *state = context;
	int error = 0;
	state->records->items[i] = record;
	state->records->durations_ns[i] = duration_ns;
	if (state->ledger >= 0)
		error = append_record(state, i);
	if (error) {
		free(record);
		state->records->items[i] = NULL;
		parallel_hide();
		return cannot_write(state, error);
	}
	state->n_done++;
	report_finished(state);
	show(state);
	return STATUS_OK;
}

/* ---- what was done before ---- */

static bool is_of_case(const struct state *state, const char *field, size_t i)
{
	char *name = state->records->items[i] ? state->work->name(state->work->context, i) : NULL;
	bool same = name && is_quoted(field, name);
	free(name);
	return same;
}

static void take_durations(struct state *state)
{
	char *path = path_in(state->work->directory, DURATIONS_NAME), *line = NULL;
	FILE *in = path ? input_file(path) : NULL;
	size_t capacity = 0, n = state->work->n, at = 0; /* lines stand in nearly the order of the plan */
	while (in && n > 0 && getline(&line, &capacity, in) > 0) {
		char *comma = strchr(line, ',');
		unsigned long long s, us;
		line[strcspn(line, "\n")] = '\0';
		if (!comma || sscanf(line, "%llu.%llu", &s, &us) != 2)
			continue;
		for (size_t k = 0; k < n; k++, at = (at + 1) % n)
			if (is_of_case(state, comma + 1, at)) {
				state->records->durations_ns[at] = (int64_t)(s * 1000000000 + us * 1000);
				break;
			}
	}
	if (in)
		(void)fclose(in);
	free(line);
	free(path);
}

static int take_over(struct state *state, struct ledger *ledger)
{
	for (size_t i = 0; i < state->work->n; i++) {
		char *name = state->work->name(state->work->context, i);
		struct ledger_line *line = name ? ledger_find(ledger, name) : NULL;
		bool good = name;
		free(name);
		if (line && state->work->repeats && state->work->repeats(line->record))
			line = NULL;
		if (line && !state->records->items[i]) {
			state->records->items[i] = strdup(line->record);
			good = state->records->items[i];
		}
		if (!good)
			return STATUS_SYSTEM;
	}
	take_durations(state);
	return STATUS_OK;
}

static int refuse(const struct work *work, const char *what, const char *hint)
{
	fprintf(stderr, "pktpath: %s %s\nhint: %s\n", work->directory, what, hint);
	return STATUS_USAGE;
}

/* Without a ledger, a file that would be replaced is another's; but for what a kill leaves, which is empty. */
static int look_for_others(const struct work *work)
{
	static const char *const names[] = {DURATIONS_NAME, "sweep.csv",  "summary.csv",
					    "sweep.html",   "index.html", "junit.xml"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct stat st;
		char *path = path_in(work->directory, names[i]);
		bool is_there = path && lstat(path, &st) == 0 && (!S_ISREG(st.st_mode) || st.st_size > 0);
		free(path);
		if (!path)
			return STATUS_SYSTEM;
		if (is_there) {
			fprintf(stderr,
				"pktpath: %s holds a file `%s` that pktpath did not write, and would replace it\nhint: "
				"give another directory\n",
				work->directory, names[i]);
			return STATUS_USAGE;
		}
	}
	return STATUS_OK;
}

/* Sets *ret_keep: how much of the ledger stays as it is; 0: a new one is begun. */
static int look_back(struct state *state, off_t *ret_keep)
{
	const struct work *work = state->work;
	struct ledger ledger;
	int r = ledger_read(work->directory, &ledger), status = STATUS_OK;
	*ret_keep = 0;
	if (r == -ENOENT)
		return look_for_others(work);
	if (r > 0)
		return refuse(work, "holds a file `" LEDGER_NAME "` that pktpath did not write",
			      "give another directory");
	if (r < 0) {
		fprintf(stderr, "pktpath: cannot read %s/%s: %s\n", work->directory, LEDGER_NAME, error_text(-r));
		return STATUS_SYSTEM;
	}
	bool same = strcmp(ledger.kind, work->kind) == 0 && strcmp(ledger.plan, work->plan) == 0 &&
		    ledger.shard.index == work->options.shard.index && ledger.shard.count == work->options.shard.count;
	if (work->options.resume && !same)
		status = refuse(work, "holds other work: another scenario, other options or another part",
				"repeat the command line of that work, or give another directory");
	else if (work->options.resume)
		status = take_over(state, &ledger);
	else if (!ledger.complete && ledger.n > 0)
		status = refuse(work, "holds work that is not finished",
				"go on with --resume; or remove the directory, or give another one");
	if (status == STATUS_OK && work->options.resume)
		*ret_keep = (off_t)ledger.good_bytes;
	ledger_free(&ledger);
	return status;
}

/* ---- beginning and end ---- */

static int open_file(const struct work *work, const char *name, off_t keep)
{
	char *path = path_in(work->directory, name);
	int fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0666) : -1;
	if (fd >= 0 && keep >= 0 && ftruncate(fd, keep) < 0) {
		(void)close(fd);
		fd = -1;
	}
	if (fd < 0)
		fprintf(stderr, "pktpath: cannot write %s/%s: %s\n", work->directory, name,
			strerror(path ? errno : ENOMEM));
	free(path);
	return fd;
}

static int claim(struct state *state, off_t *ret_keep)
{
	const struct work *work = state->work;
	int status = make_directory(work->directory);
	if (status == STATUS_OK)
		status = hold(work->directory, state->records);
	return status == STATUS_OK ? look_back(state, ret_keep) : status;
}

int work_claim(const struct work *work, struct records *records)
{
	off_t keep;
	return claim(&(struct state){.work = work, .records = records}, &keep);
}

static int begin_files(struct state *state)
{
	const struct work *work = state->work;
	off_t keep = 0;
	int status = claim(state, &keep);
	if (status != STATUS_OK)
		return status;
	state->ledger = open_file(work, LEDGER_NAME, keep);
	state->durations = state->ledger < 0 ? -1 : open_file(work, DURATIONS_NAME, keep > 0 ? -1 : 0);
	if (state->durations < 0)
		return STATUS_SYSTEM;
	if (keep > 0)
		return STATUS_OK;
	char *head = NULL;
	size_t bytes = 0;
	FILE *out = open_memstream(&head, &bytes);
	bool good = out;
	if (out) {
		ledger_print_head(out, work);
		good = fclose(out) == 0;
	}
	int error = good && head ? append(state->ledger, head, bytes) : ENOMEM;
	if (!error)
		error = append(state->durations, DURATIONS_HEAD, sizeof DURATIONS_HEAD - 1);
	free(head);
	return error ? cannot_write(state, error) : STATUS_OK;
}

static int print_durations(FILE *out, const void *context)
{
	const struct state *state = context;
	const struct work *work = state->work;
	int r = 0;
	fputs(DURATIONS_HEAD, out);
	for (size_t i = 0; r == 0 && i < work->n; i++) {
		if (state->records->durations_ns[i] < 0)
			continue;
		char *name = work->name(work->context, i);
		r = print_duration_line(out, state->records->durations_ns[i], name);
		free(name);
	}
	return r;
}

/* Writes both again, in the order of the plan. */
static int end_files(const struct state *state)
{
	char *path = path_in(state->work->directory, DURATIONS_NAME);
	int status = path ? save_printed(path, print_durations, state) : STATUS_SYSTEM;
	free(path);
	return status == STATUS_OK ? ledger_write(state->work, state->records) : status;
}

static int begin(struct state *state)
{
	const struct work *work = state->work;
	size_t n = work->n ? work->n : 1;
	*state->records = (struct records){.n = work->n,
					   .items = calloc(n, sizeof *state->records->items),
					   .durations_ns = calloc(n, sizeof *state->records->durations_ns)};
	state->is_ours = calloc(n, sizeof *state->is_ours);
	state->todo = calloc(n, sizeof *state->todo);
	if (!state->is_ours || !state->todo || !state->records->items || !state->records->durations_ns)
		return STATUS_SYSTEM;
	for (size_t i = 0; i < work->n; i++) {
		state->records->durations_ns[i] = -1;
		char *name = work->name(work->context, i);
		if (!name)
			return STATUS_SYSTEM;
		state->is_ours[i] = part_of(name, work->options.shard.count) == work->options.shard.index;
		free(name);
	}
	return STATUS_OK;
}

int work_do(const struct work *work, struct records *ret)
{
	struct state state = {
		.work = work, .records = ret, .ledger = -1, .durations = -1, .terminal = overwrites(stderr)};
	int status = begin(&state);
	bool helper = spread_is_helper();
	if (status == STATUS_OK && work->directory && !helper)
		status = begin_files(&state);
	for (size_t i = 0; status == STATUS_OK && i < work->n; i++)
		if (!ret->items[i] && state.is_ours[i])
			state.todo[state.n_todo++] = i;
	state.begun_ns = clock_ns();
	if (status == STATUS_OK) {
		report_finished(&state);
		struct spread spread = {work, state.todo, state.n_todo, done, &state};
		status = work_spread(&spread);
		if (helper)
			exit(spread_end(status)); /* what is left to do is the first rank's */
		if (state.terminal)
			parallel_hide();
		if (status != STATUS_OK && work->directory && signals_caught())
			fprintf(stderr, "hint: what was done is kept in %s; go on with --resume\n", work->directory);
	}
	if (state.ledger >= 0)
		(void)close(state.ledger);
	if (state.durations >= 0)
		(void)close(state.durations);
	if (status == STATUS_OK && work->directory)
		status = end_files(&state);
	free(state.is_ours);
	free(state.todo);
	return status;
}

void work_records_free(struct records *records)
{
	for (size_t i = 0; records->items && i < records->n; i++)
		free(records->items[i]);
	free(records->items);
	free(records->durations_ns);
	if (records->held)
		(void)close(records->directory);
	*records = (struct records){0};
}
