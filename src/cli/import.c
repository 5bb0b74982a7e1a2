/* pktpath import: a scenario of what describes a network already. */
#include "cli/import.h"
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- inputs ---- */

static int read_all(int fd, char **ret, size_t *ret_bytes)
{
	char *text = NULL;
	size_t n = 0, capacity = 0;
	for (;;) {
		if (n == capacity) {
			capacity = capacity ? capacity * 2 : 65536;
			char *larger = realloc(text, capacity);
			if (!larger)
				break;
			text = larger;
		}
		ssize_t got = read(fd, text + n, capacity - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			break;
		n += (size_t)got;
		if (got == 0 || n > IMPORT_MAX_BYTES) {
			*ret = text;
			*ret_bytes = n;
			return 0;
		}
	}
	int error = errno ? errno : ENOMEM;
	free(text);
	return error;
}

int import_slurp(const char *path, char **ret, size_t *ret_bytes)
{
	int fd = strcmp(path, "-") == 0 ? STDIN_FILENO : input_open(path);
	int error = fd < 0 ? -fd : read_all(fd, ret, ret_bytes);
	if (fd > STDIN_FILENO)
		(void)close(fd);
	if (error == 0)
		return STATUS_OK;
	fprintf(stderr, "pktpath: %s: %s\n", path, error_text(error));
	return error == ENOENT || error == EISDIR || error == ENOTDIR ? STATUS_USAGE : STATUS_SYSTEM;
}

typedef int add_fn(pp_import *import, const char *name, const char *text, size_t text_bytes);

static int add_file(pp_import *import, const char *path, add_fn *add)
{
	char *text = NULL;
	size_t bytes = 0;
	int status = import_slurp(path, &text, &bytes);
	if (status != STATUS_OK)
		return status;
	int r = add(import, path, text, bytes);
	free(text);
	if (r < 0)
		fprintf(stderr, "pktpath: %s: %s\n", path, strerror(-r));
	return r < 0 ? STATUS_SYSTEM : r > 0 ? STATUS_USAGE : STATUS_OK;
}

void import_print_diagnostics(const pp_import *import)
{
	size_t n = pp_import_n_diagnostics(import);
	pp_diagnostic *list = calloc(n + 1, sizeof *list);
	if (!list) {
		(void)say_short_memory();
		return;
	}
	for (size_t i = 0; i < n; i++)
		pp_import_diagnostic(import, i, &list[i]);
	(void)print_diagnostic_list(list, n, WARNINGS_ALL, NULL);
	free(list);
}

/* ---- the list ---- */

static const char *const words[] = {[PP_IMPORTED_KEPT] = "kept",
				    [PP_IMPORTED_ASSUMED] = "assumed",
				    [PP_IMPORTED_CHANGES] = "!",
				    [PP_IMPORTED_MAY] = "?"};

static void print_list(const pp_import *import)
{
	size_t n = pp_import_n_items(import), kept = 0, assumed = 0;
	for (size_t i = 0; i < n; i++) {
		pp_imported item;
		char place[256] = "";
		pp_import_item(import, i, &item);
		kept += item.kind == PP_IMPORTED_KEPT;
		assumed += item.kind == PP_IMPORTED_ASSUMED;
		if (item.file)
			(void)snprintf(place, sizeof place, "%s:%" PRIu32, item.file, item.line);
		printf("%-8s %-28s %s%s%s", words[item.kind], place, item.type ? item.type : "", item.type ? " " : "",
		       item.what);
		printf(item.option ? "  (%s)\n" : "\n", item.option ? item.option : "");
	}
	printf("%zu kept, %zu assumed, %zu not modelled\n", kept, assumed, n - kept - assumed);
}

static void print_items_json(const pp_import *import, const char *key, unsigned kinds)
{
	size_t n = pp_import_n_items(import);
	const char *comma = "";
	printf("  \"%s\": [", key);
	for (size_t i = 0; i < n; i++) {
		pp_imported item;
		pp_import_item(import, i, &item);
		if (!(kinds & 1u << item.kind))
			continue;
		printf("%s\n    {\"what\": ", comma);
		print_json_text(stdout, item.what);
		if (item.type)
			print_json_member("type", item.type);
		if (item.kind == PP_IMPORTED_CHANGES || item.kind == PP_IMPORTED_MAY)
			print_json_member("severity", words[item.kind]);
		if (item.kind == PP_IMPORTED_ASSUMED)
			print_json_member("option", item.option);
		print_json_member("file", item.file);
		printf(", \"line\": %" PRIu32 ", \"column\": %" PRIu32, item.line, item.column);
		print_json_member("pointer", item.pointer);
		putchar('}');
		comma = ",";
	}
	printf("%s]", *comma ? "\n  " : "");
}

static void print_property(void *context, const pp_imported_property *property)
{
	const char **comma = context;
	printf("%s\n    {\"resource\": ", *comma);
	print_json_text(stdout, property->resource);
	print_json_member("type", property->type);
	print_json_member("path", property->path);
	print_json_member("fate", property->fate);
	print_json_member("reason", property->reason);
	print_json_member("unknown", property->unknown);
	print_json_member("file", property->file);
	printf(", \"line\": %" PRIu32, property->line);
	print_json_member("pointer", property->pointer);
	putchar('}');
	*comma = ",";
}

static int print_list_json(pp_import *import)
{
	const char *comma = "";
	fputs("{\n", stdout);
	print_items_json(import, "kept", 1u << PP_IMPORTED_KEPT);
	fputs(",\n", stdout);
	print_items_json(import, "assumed", 1u << PP_IMPORTED_ASSUMED);
	fputs(",\n", stdout);
	print_items_json(import, "not_modelled", 1u << PP_IMPORTED_CHANGES | 1u << PP_IMPORTED_MAY);
	fputs(",\n  \"properties\": [", stdout);
	int r = pp_import_properties(import, print_property, &comma);
	printf("%s]\n}\n", *comma ? "\n  " : "");
	return r < 0 ? STATUS_SYSTEM : STATUS_OK;
}

/* ---- the command ---- */

static bool is_strictly_whole(const pp_import *import)
{
	for (size_t i = 0, n = pp_import_n_items(import); i < n; i++) {
		pp_imported item;
		pp_import_item(import, i, &item);
		if (item.kind == PP_IMPORTED_CHANGES)
			return false;
	}
	return !pp_import_lacks_values(import);
}

static void say_where_it_went(const struct import_task *task)
{
	size_t n[4] = {0}, n_items = pp_import_n_items(task->import);
	for (size_t i = 0; i < n_items; i++) {
		pp_imported item;
		pp_import_item(task->import, i, &item);
		n[item.kind]++;
	}
	flush_output();
	fprintf(stderr, "%s: ", task->output);
	if (n[PP_IMPORTED_KEPT] > 0)
		fprintf(stderr, "%zu resource%s, ", n[PP_IMPORTED_KEPT], n[PP_IMPORTED_KEPT] == 1 ? "" : "s");
	fprintf(stderr, "%zu assumed, not modelled: %zu that change%s answers, %zu that may\n", n[PP_IMPORTED_ASSUMED],
		n[PP_IMPORTED_CHANGES], n[PP_IMPORTED_CHANGES] == 1 ? "s" : "", n[PP_IMPORTED_MAY]);
}

static int print_result(const struct import_task *task)
{
	size_t bytes;
	const char *text = pp_import_text(task->import, &bytes);
	int status = STATUS_OK;
	if (task->list)
		status = task->json ? print_list_json(task->import) : (print_list(task->import), STATUS_OK);
	if (task->output && strcmp(task->output, "-") != 0) {
		status = status == STATUS_OK ? save_file(task->output, text, bytes) : status;
		if (status == STATUS_OK)
			say_where_it_went(task);
	} else if (!task->list || task->output) {
		fwrite(text, 1, bytes, stdout);
	}
	if (status == STATUS_OK && task->strict && !is_strictly_whole(task->import)) {
		flush_output();
		fputs("pktpath import: --strict: something that changes answers is not modelled, or a value is not "
		      "known; --list "
		      "lists it\n",
		      stderr);
		return STATUS_FAILED;
	}
	return status;
}

static void print_difference(void *context, const pp_imported_difference *difference)
{
	size_t *n = context;
	(*n)++;
	if (difference->file)
		printf("%s:%" PRIu32 ": ", difference->file, difference->line);
	printf("%s\n", difference->what);
}

/* Status 1 where something differs. */
static int compare(const struct import_task *task)
{
	char *text = NULL;
	size_t bytes = 0, n = 0, before = pp_import_n_diagnostics(task->import);
	int status = import_slurp(task->against, &text, &bytes);
	if (status != STATUS_OK)
		return status;
	int r = pp_import_against(task->import, task->against, text, bytes, print_difference, &n);
	free(text);
	if (pp_import_n_diagnostics(task->import) > before)
		import_print_diagnostics(task->import);
	if (r == 0)
		printf("%zu route%s and rules differ\n", n, n == 1 ? "" : "s");
	return r < 0 ? STATUS_SYSTEM : r > 0 ? STATUS_USAGE : n > 0 ? STATUS_FAILED : STATUS_OK;
}

int import_finish_task(const struct import_task *task)
{
	int r = pp_import_finish(task->import);
	import_print_diagnostics(task->import);
	if (r < 0)
		fprintf(stderr, "pktpath import: %s\n", strerror(-r));
	return r < 0 ? STATUS_SYSTEM : r > 0 ? STATUS_USAGE : task->against ? compare(task) : print_result(task);
}

int import_set_option(const struct command *command, pp_import *import, const char *option, char *text,
		      import_set_fn *set)
{
	char *equals = strchr(text, '=');
	if (!equals || equals == text)
		return usage_error(command, "%s takes NAME=VALUE, not `%s`", option, text);
	*equals = '\0';
	return set(import, text, equals + 1) < 0 ? STATUS_SYSTEM : STATUS_OK;
}

enum {
	OPTION_PARAMETERS = 256,
	OPTION_PARAM,
	OPTION_ADDRESS,
	OPTION_AGAINST,
	OPTION_STRICT,
	OPTION_NO_FLOWS,
	OPTION_LIST,
	OPTION_JSON,
	OPTION_INSIDE
};

static const struct option options[] = {{"output", required_argument, NULL, 'o'},
					{"parameters", required_argument, NULL, OPTION_PARAMETERS},
					{"param", required_argument, NULL, OPTION_PARAM},
					{"address", required_argument, NULL, OPTION_ADDRESS},
					{"against", required_argument, NULL, OPTION_AGAINST},
					{"strict", no_argument, NULL, OPTION_STRICT},
					{"no-flows", no_argument, NULL, OPTION_NO_FLOWS},
					{"list", no_argument, NULL, OPTION_LIST},
					{"json", no_argument, NULL, OPTION_JSON},
					{"inside", required_argument, NULL, OPTION_INSIDE},
					{"help", no_argument, NULL, 'h'},
					{NULL, 0, NULL, 0}};

/* STATUS_OK, or the status to end with; -1 where help was asked for. */
static int take_option(const struct command *command, struct import_task *task, int c, char **argv)
{
	switch (c) {
	case 'h':
		print_command_help(command);
		return -1;
	case 'o':
		task->output = optarg;
		return STATUS_OK;
	case OPTION_PARAMETERS:
		return add_file(task->import, optarg, pp_import_add_parameters);
	case OPTION_PARAM:
		return import_set_option(command, task->import, "--param", optarg, pp_import_param);
	case OPTION_ADDRESS:
		return import_set_option(command, task->import, "--address", optarg, pp_import_address);
	case OPTION_AGAINST:
		task->against = optarg;
		return STATUS_OK;
	case OPTION_STRICT:
		task->strict = true;
		return STATUS_OK;
	case OPTION_NO_FLOWS:
		pp_import_no_flows(task->import);
		return STATUS_OK;
	case OPTION_LIST:
		task->list = true;
		return STATUS_OK;
	case OPTION_INSIDE:
		return usage_error(command, "--inside is an option of `import capture`");
	case OPTION_JSON:
		task->list = task->json = true;
		return STATUS_OK;
	default:
		return option_error(command, c, argv, options);
	}
}

static int import_files(const struct command *command, struct import_task *task, int argc, char **argv)
{
	int c, status = STATUS_OK;
	while (status == STATUS_OK && (c = getopt_long(argc, argv, ":ho:", options, NULL)) != -1)
		status = take_option(command, task, c, argv);
	if (status != STATUS_OK) {
		import_print_diagnostics(task->import);
		return status < 0 ? STATUS_OK : status;
	}
	if (optind == argc)
		return usage_error(command, "which input?");
	for (int i = optind; i < argc; i++) {
		int added = add_file(task->import, argv[i], pp_import_add);
		status = added > status ? added : status;
	}
	if (status == STATUS_OK)
		return import_finish_task(task);
	import_print_diagnostics(task->import);
	return status;
}

int command_import(const struct command *command, int argc, char **argv)
{
	struct import_task task = {.import = pp_import_new()};
	if (!task.import) {
		fprintf(stderr, "pktpath import: %s\n", strerror(ENOMEM));
		return STATUS_SYSTEM;
	}
	bool capture = argc > 1 && strcmp(argv[1], "capture") == 0;
	int status =
		capture ? import_capture(command, &task, argc - 1, argv + 1) : import_files(command, &task, argc, argv);
	pp_import_free(task.import);
	return status;
}
