/* pktpath fmt: scenarios in the house style, or as they were loaded. */
#include "cli/cli.h"
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_INPUT_BYTES (16u << 20)

struct fmt_options {
	bool check, in_place, canonical, json;
	const char *output;
	struct overrides overrides;
};

/* The whole of standard input. NULL with a message. */
static char *read_input(size_t *ret_bytes)
{
	size_t n = 0, capacity = 65536;
	char *text = malloc(capacity);
	while (text) {
		if (n > MAX_INPUT_BYTES) {
			free(text);
			fputs("pktpath: -: a scenario has at most 16 MiB\n", stderr);
			return NULL;
		}
		if (n == capacity) {
			char *grown = realloc(text, capacity * 2);
			if (!grown)
				break;
			text = grown;
			capacity *= 2;
		}
		size_t got = fread(text + n, 1, capacity - n, stdin);
		n += got;
		if (got == 0) {
			*ret_bytes = n;
			return text;
		}
	}
	free(text);
	fputs("pktpath: memory is short\n", stderr);
	return NULL;
}

static char *read_file(const char *path, size_t *ret_bytes)
{
	FILE *file = input_file(path);
	char *text = NULL;
	size_t n = 0, capacity = 0;
	*ret_bytes = 0;
	if (file) {
		ssize_t got = getdelim(&text, &capacity, EOF, file);
		n = got > 0 ? (size_t)got : 0;
		(void)fclose(file);
	}
	*ret_bytes = n;
	return text;
}

static int put_text(const struct fmt_options *options, const char *path, const char *text, size_t bytes)
{
	if (options->output && strcmp(options->output, "-") != 0)
		return save_file(options->output, text, bytes);
	if (!options->in_place)
		return fwrite(text, 1, bytes, stdout) == bytes ? STATUS_OK : STATUS_SYSTEM;
	char *real = realpath(path, NULL); /* a link stays one */
	struct stat before;
	bool is_known = real && stat(path, &before) == 0;
	int status = real ? save_file(real, text, bytes) : STATUS_SYSTEM;
	if (!real)
		fprintf(stderr, "pktpath: %s: %s\n", path, strerror(errno));
	if (status == STATUS_OK && is_known && chmod(path, before.st_mode & 07777) < 0) {
		fprintf(stderr, "pktpath: %s: %s\n", path, strerror(errno));
		status = STATUS_SYSTEM;
	}
	free(real);
	return status;
}

/* The file beside what it would become. */
static int answer(const struct fmt_options *options, const char *path, const char *before, size_t n_before,
		  const char *after, size_t n_after)
{
	bool same = n_before == n_after && (n_before == 0 || memcmp(before, after, n_before) == 0);
	if (options->check) {
		if (!same && !options->json)
			printf("%s\n", path);
		return same ? STATUS_OK : STATUS_FAILED;
	}
	return same && options->in_place ? STATUS_OK : put_text(options, path, after, n_after);
}

static int print_loaded(const struct fmt_options *options, const char *path, const char *before, size_t n_before)
{
	pp_scenario *scenario = NULL;
	size_t n_after;
	int status = load_scenario(path, &options->overrides, &scenario);
	const char *after = status == STATUS_OK ? pp_scenario_print(scenario, &n_after) : NULL;
	if (after) {
		status = answer(options, path, before, n_before, after, n_after);
	} else if (status == STATUS_OK) {
		fputs("pktpath: memory is short\n", stderr);
		status = STATUS_SYSTEM;
	}
	pp_scenario_free(scenario);
	return status;
}

static int format_file(const struct fmt_options *options, const char *path)
{
	bool is_input = strcmp(path, "-") == 0;
	size_t n_before, n_after;
	char *before = is_input ? read_input(&n_before) : read_file(path, &n_before);
	if (is_input && !before)
		return STATUS_SYSTEM;
	if (options->canonical) {
		int loaded = print_loaded(options, path, before, n_before);
		free(before);
		return loaded;
	}
	pp_scenario *scenario = NULL;
	const char *after;
	int r = is_input ? pp_format_text("-", before, n_before, &scenario, &after, &n_after)
			 : pp_format(path, &scenario, &after, &n_after);
	int status = r == 0 ? STATUS_OK : STATUS_USAGE;
	if (r < 0) {
		fprintf(stderr, "pktpath: %s: %s\n", path, error_text(-r));
		status = STATUS_SYSTEM;
	} else {
		print_diagnostics(scenario, path, WARNINGS_BY_KIND);
	}
	if (r == 0)
		status = answer(options, path, before, n_before, after, n_after);
	pp_scenario_free(scenario);
	free(before);
	return status;
}

enum { OPTION_CHECK = 256, OPTION_CANONICAL, OPTION_JSON, OPTION_HELP };

static int take(const struct command *command, struct fmt_options *options, int c, char **argv,
		const struct option *known)
{
	int status;
	if (overrides_take(command, &options->overrides, c, &status))
		return status;
	switch (c) {
	case OPTION_CHECK:
		options->check = true;
		return STATUS_OK;
	case OPTION_CANONICAL:
		options->canonical = true;
		return STATUS_OK;
	case OPTION_JSON:
		options->json = true;
		return STATUS_OK;
	case 'i':
		options->in_place = true;
		return STATUS_OK;
	case 'o':
		options->output = optarg;
		return STATUS_OK;
	}
	return option_error(command, c, argv, known);
}

static int check_options(const struct command *command, const struct fmt_options *options, char **paths, int n)
{
	if (n == 0)
		return usage_error(command, "which scenario?");
	if (options->check + options->in_place + !!options->output > 1)
		return usage_error(command, "of --check, --in-place and --output it takes one");
	if (options->json && !options->check)
		return usage_error(command, "--json goes with --check: what it prints else is a scenario");
	if (n > 1 && !options->check && !options->in_place)
		return usage_error(command, "several scenarios go with --check or --in-place");
	if (options->overrides.n > 0 && !options->canonical)
		return usage_error(command, "--set, --var and --seed go with --canonical");
	for (int i = 0; i < n; i++)
		if (options->canonical && strcmp(paths[i], "-") == 0)
			return usage_error(command, "--canonical takes files");
	for (int i = 0; i < n; i++)
		if (options->in_place && strcmp(paths[i], "-") == 0)
			return usage_error(command, "standard input is no file to write to");
	return STATUS_OK;
}

static int format_all(const struct fmt_options *options, char **paths, int n)
{
	int status = STATUS_OK;
	if (options->json)
		fputs("{\"files\": [", stdout);
	for (int i = 0; i < n && status <= STATUS_FAILED; i++) {
		int result = format_file(options, paths[i]);
		status = result > status ? result : status;
		if (!options->json)
			continue;
		fputs(i ? ",\n  {\"file\": " : "\n  {\"file\": ", stdout);
		print_json_text(stdout, paths[i]);
		printf(", \"%s\": %s}", result > STATUS_FAILED ? "wrong" : "changes",
		       result == STATUS_OK ? "false" : "true");
	}
	if (options->json)
		fputs("\n]}\n", stdout);
	return status;
}

int command_fmt(const struct command *command, int argc, char **argv)
{
	static const struct option known[] = {
		{"check", no_argument, NULL, OPTION_CHECK}, {"canonical", no_argument, NULL, OPTION_CANONICAL},
		{"json", no_argument, NULL, OPTION_JSON},   OVERRIDE_OPTIONS,
		{"in-place", no_argument, NULL, 'i'},       {"output", required_argument, NULL, 'o'},
		{"help", no_argument, NULL, OPTION_HELP},   {NULL, 0, NULL, 0}};
	struct fmt_options options = {0};
	int c, status = STATUS_OK;
	while (status == STATUS_OK && (c = getopt_long(argc, argv, ":io:h", known, NULL)) != -1) {
		if (c == 'h' || c == OPTION_HELP) {
			print_command_help(command);
			overrides_free(&options.overrides);
			return STATUS_OK;
		}
		status = take(command, &options, c, argv, known);
	}
	if (status == STATUS_OK)
		status = check_options(command, &options, argv + optind, argc - optind);
	if (status == STATUS_OK)
		status = format_all(&options, argv + optind, argc - optind);
	overrides_free(&options.overrides);
	return status;
}
