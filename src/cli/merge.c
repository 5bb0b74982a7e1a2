/* pktpath merge: parts of one work, done on several machines, into what one machine would have written. */
#include "cli/work.h"
#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct part {
	const char *directory;
	struct ledger ledger;
};

struct merge {
	struct part *parts;
	size_t n;
	const char *output;
	bool json, quiet;
};

/* ---- parts ---- */

static int read_part(struct part *part)
{
	int r = ledger_read(part->directory, &part->ledger);
	if (r == 0 && part->ledger.complete)
		return STATUS_OK;
	if (r == 0)
		fprintf(stderr,
			"pktpath merge: %s, part %" PRIu64 " of %" PRIu64
			", is not finished: %zu cases are done\nhint: go on with it: "
			"the same command line with --resume\n",
			part->directory, part->ledger.shard.index, part->ledger.shard.count, part->ledger.n);
	else if (r > 0 || r == -ENOENT || r == -ENOTDIR)
		fprintf(stderr,
			"pktpath merge: %s holds no part of a command with --shard\nhint: name the directories that "
			"--shard I/N wrote, "
			"one for each I\n",
			part->directory);
	else
		fprintf(stderr, "pktpath merge: cannot read %s: %s\n", part->directory, error_text(-r));
	return r >= 0 || r == -ENOENT || r == -ENOTDIR ? STATUS_USAGE : STATUS_SYSTEM;
}

static int differ(const struct part *a, const struct part *b)
{
	fprintf(stderr,
		"pktpath merge: %s and %s are parts of different work: another command, scenario, options or number of "
		"parts\nhint: parts "
		"belong together where their command lines differ in --shard alone\n",
		a->directory, b->directory);
	return STATUS_USAGE;
}

static int check_parts(const struct merge *merge)
{
	const struct part *first = &merge->parts[0];
	for (size_t i = 1; i < merge->n; i++) {
		const struct ledger *a = &first->ledger, *b = &merge->parts[i].ledger;
		if (strcmp(a->kind, b->kind) != 0 || strcmp(a->plan, b->plan) != 0 ||
		    a->shard.count != b->shard.count || a->n_cases != b->n_cases)
			return differ(first, &merge->parts[i]);
		for (size_t k = 0; k < i; k++)
			if (merge->parts[k].ledger.shard.index == b->shard.index) {
				fprintf(stderr,
					"pktpath merge: part %" PRIu64 " of %" PRIu64
					" is there twice: %s and %s\nhint: name it once\n",
					b->shard.index, b->shard.count, merge->parts[k].directory,
					merge->parts[i].directory);
				return STATUS_USAGE;
			}
	}
	int status = STATUS_OK;
	for (uint64_t index = 1; index <= first->ledger.shard.count; index++) {
		bool found = false;
		for (size_t i = 0; !found && i < merge->n; i++)
			found = merge->parts[i].ledger.shard.index == index;
		if (!found) {
			fprintf(stderr,
				"pktpath merge: part %" PRIu64 " of %" PRIu64
				" is missing\nhint: run it with --shard %" PRIu64 "/%" PRIu64 "\n",
				index, first->ledger.shard.count, index, first->ledger.shard.count);
			status = STATUS_USAGE;
		}
	}
	return status;
}

/* ---- the whole ---- */

static const char *find_record(struct merge *merge, const char *name)
{
	for (size_t i = 0; i < merge->n; i++) {
		const struct ledger_line *line = ledger_find(&merge->parts[i].ledger, name);
		if (line)
			return line->record;
	}
	return NULL;
}

static int take(struct merge *merge, const char *name, char **ret)
{
	const char *record = find_record(merge, name);
	if (!record) {
		fprintf(stderr,
			"pktpath merge: no part has the case %s\nhint: a ledger was changed; run the parts again\n",
			name);
		return STATUS_USAGE;
	}
	*ret = strdup(record);
	return *ret ? STATUS_OK : STATUS_SYSTEM;
}

static int gather(struct merge *merge, const struct work *work, struct records *records)
{
	int status = STATUS_OK;
	for (size_t i = 0; status == STATUS_OK && i < work->n; i++) {
		char *name = work->name(work->context, i);
		records->durations_ns[i] = -1;
		status = name ? take(merge, name, &records->items[i]) : STATUS_SYSTEM;
		free(name);
	}
	return status;
}

static int print_lines(FILE *in, bool with_head, FILE *out)
{
	char *line = NULL;
	size_t capacity = 0;
	errno = 0;
	for (bool head = true; getline(&line, &capacity, in) > 0; head = false)
		if (!head || with_head)
			fputs(line, out);
	int r = feof(in) ? 0 : errno ? -errno : -EIO;
	free(line);
	return r;
}

static int print_durations_of(const struct part *part, FILE *out)
{
	char *path = path_in(part->directory, DURATIONS_NAME);
	FILE *in = path ? input_file(path) : NULL;
	int r = path ? 0 : -ENOMEM;
	if (in) { /* a part without is as good as another */
		r = print_lines(in, part->ledger.shard.index == 1, out);
		(void)fclose(in);
	}
	free(path);
	return r;
}

/* Times of the clock of all parts, one part after the other, in the order of their numbers. */
static int print_durations(FILE *out, const void *context)
{
	const struct merge *merge = context;
	int r = 0;
	for (uint64_t index = 1; index <= merge->parts[0].ledger.shard.count; index++)
		for (size_t i = 0; r == 0 && i < merge->n; i++)
			if (merge->parts[i].ledger.shard.index == index)
				r = print_durations_of(&merge->parts[i], out);
	return r;
}

static int join_durations(const struct merge *merge)
{
	char *path = path_in(merge->output, DURATIONS_NAME);
	int status = path ? save_printed(path, print_durations, merge) : STATUS_SYSTEM;
	free(path);
	return status;
}

/* ---- what failed: directories of plain files ---- */

static int print_copy(FILE *out, const void *context)
{
	FILE *in = input_file(context);
	char buffer[65536];
	if (!in)
		return -errno;
	errno = 0;
	for (size_t n; (n = fread(buffer, 1, sizeof buffer, in)) > 0;)
		(void)fwrite(buffer, 1, n, out);
	int r = !ferror(in) ? 0 : errno ? -errno : -EIO;
	(void)fclose(in);
	return r;
}

static int copy_entries(const char *from, const char *to, bool directories)
{
	DIR *opened = opendir(from);
	int status = opened ? STATUS_OK : STATUS_SYSTEM;
	for (const struct dirent *entry; opened && status == STATUS_OK && (entry = readdir(opened));) {
		struct stat st;
		char *source = path_in(from, entry->d_name), *target = path_in(to, entry->d_name);
		bool there = source && target && entry->d_name[0] != '.' && stat(source, &st) == 0;
		if (!source || !target || (!there && entry->d_name[0] != '.' && errno != ENOENT))
			status = STATUS_SYSTEM;
		else if (there && directories && S_ISDIR(st.st_mode)) {
			status = make_directory(target);
			if (status == STATUS_OK)
				status = copy_entries(source, target, false);
		} else if (there && !directories && S_ISREG(st.st_mode)) {
			status = save_printed(target, print_copy, source);
		}
		free(source);
		free(target);
	}
	if (opened)
		(void)closedir(opened);
	return status;
}

static int copy_directories(const struct merge *merge)
{
	int status = STATUS_OK;
	for (size_t i = 0; status == STATUS_OK && i < merge->n; i++)
		status = copy_entries(merge->parts[i].directory, merge->output, true);
	return status;
}

/* Where the whole would replace a part, the parts could not be merged again. */
static int check_output(const struct merge *merge)
{
	struct stat output, part;
	if (stat(merge->output, &output) < 0)
		return STATUS_OK;
	for (size_t i = 0; i < merge->n; i++)
		if (stat(merge->parts[i].directory, &part) == 0 && part.st_dev == output.st_dev &&
		    part.st_ino == output.st_ino) {
			fprintf(stderr,
				"pktpath merge: %s is one of the parts\nhint: -o names another directory for the "
				"whole\n",
				merge->output);
			return STATUS_USAGE;
		}
	return STATUS_OK;
}

static int write_whole(struct merge *merge, const struct work_kind *kind, struct work *work)
{
	struct records records = {.n = work->n,
				  .items = calloc(work->n + 1, sizeof *records.items),
				  .durations_ns = calloc(work->n + 1, sizeof *records.durations_ns)};
	int status = records.items && records.durations_ns ? gather(merge, work, &records) : STATUS_SYSTEM;
	if (status == STATUS_OK)
		status = work_claim(work, &records);
	if (status == STATUS_OK)
		status = ledger_write(work, &records);
	if (status == STATUS_OK)
		status = join_durations(merge);
	if (status == STATUS_OK)
		status = copy_directories(merge);
	if (status == STATUS_OK)
		status = kind->write(work, &records);
	work_records_free(&records);
	return status;
}

static int merge_parts(struct merge *merge)
{
	int status = STATUS_OK;
	for (size_t i = 0; status == STATUS_OK && i < merge->n; i++)
		status = read_part(&merge->parts[i]);
	if (status == STATUS_OK)
		status = check_parts(merge);
	if (status == STATUS_OK)
		status = check_output(merge);
	if (status != STATUS_OK)
		return status;
	const struct ledger *first = &merge->parts[0].ledger;
	const struct work_kind *kind = work_kind_named(first->kind);
	if (!kind) {
		fprintf(stderr,
			"pktpath merge: %s holds work of an unknown kind, `%s`\nhint: merge with the version of "
			"pktpath that ran the parts\n",
			merge->parts[0].directory, first->kind);
		return STATUS_USAGE;
	}
	struct work work = {
		.kind = first->kind, .directory = merge->output, .plan = first->plan, .options = {.shard = {1, 1}}};
	status = kind->plan(first->plan, &work);
	if (status != STATUS_OK)
		return status;
	if (work.n == first->n_cases) {
		status = write_whole(merge, kind, &work);
	} else {
		fprintf(stderr,
			"pktpath merge: %s/" LEDGER_NAME " is damaged: its plan has %zu cases, its head says %" PRIu64
			"\n",
			merge->parts[0].directory, work.n, first->n_cases);
		status = STATUS_USAGE;
	}
	if (status == STATUS_OK && merge->json) {
		fputs("{\"kind\": ", stdout);
		print_json_text(stdout, work.kind);
		printf(", \"parts\": %zu, \"cases\": %zu, \"directory\": ", merge->n, work.n);
		print_json_text(stdout, merge->output);
		puts("}");
	} else if (status == STATUS_OK && !merge->quiet) {
		printf("%zu part%s, %zu cases      %s/\n", merge->n, merge->n == 1 ? "" : "s", work.n, merge->output);
	}
	kind->free(&work);
	return status;
}

/* ---- the command line ---- */

enum { OPTION_JSON = 256, OPTION_HELP };

static const struct option long_options[] = {{"output", required_argument, NULL, 'o'},
					     {"json", no_argument, NULL, OPTION_JSON},
					     {"quiet", no_argument, NULL, 'q'},
					     {"help", no_argument, NULL, OPTION_HELP},
					     {NULL, 0, NULL, 0}};

int command_merge(const struct command *command, int argc, char **argv)
{
	struct merge merge = {0};
	int c, status = STATUS_OK;
	while (status == STATUS_OK && (c = getopt_long(argc, argv, ":o:qh", long_options, NULL)) != -1) {
		if (c == 'h' || c == OPTION_HELP) {
			print_command_help(command);
			return STATUS_OK;
		}
		if (c == ':' || c == '?')
			status = option_error(command, c, argv, long_options);
		else if (c == 'o')
			merge.output = optarg;
		else if (c == 'q')
			merge.quiet = true;
		else
			merge.json = true;
	}
	if (status == STATUS_OK && argc == optind)
		status = usage_error(command, "which parts? name the directories that --shard wrote");
	if (status == STATUS_OK && !merge.output)
		status = usage_error(command, "where to? -o DIR names the directory");
	merge.n = (size_t)(argc - optind);
	merge.parts = calloc(merge.n + 1, sizeof *merge.parts);
	for (size_t i = 0; merge.parts && i < merge.n; i++)
		merge.parts[i].directory = argv[optind + (int)i];
	if (status == STATUS_OK)
		status = merge.parts ? merge_parts(&merge) : STATUS_SYSTEM;
	for (size_t i = 0; merge.parts && i < merge.n; i++)
		ledger_free(&merge.parts[i].ledger);
	free(merge.parts);
	return status;
}
