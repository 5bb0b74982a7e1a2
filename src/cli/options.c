/* Options that the subcommands share, and what is said where they are wrong. */
#include "cli/cli.h"
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static __attribute__((format(printf, 2, 0))) void print_wrong(const struct command *command, const char *format,
							      va_list args)
{
	char who[64];
	(void)snprintf(who, sizeof who, "pktpath %s", command->name);
	vprint_error(who, format, args);
}

int usage_error(const struct command *command, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	print_wrong(command, format, args);
	va_end(args);
	print_hint("pktpath help %s", command->name);
	return STATUS_USAGE;
}

static __attribute__((format(printf, 2, 3))) void print_error_of(const struct command *command, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	print_wrong(command, format, args);
	va_end(args);
}

int option_error(const struct command *command, int c, char **argv, const struct option *options)
{
	const char *names[32], *known = NULL;
	size_t n = 0;
	for (; options[n].name && n < sizeof names / sizeof *names; n++) {
		names[n] = options[n].name;
		if (options[n].val == optopt)
			known = options[n].name;
	}
	/* getopt_long() leaves in optopt the letter of a short option, the value of a long one that it knows, 0 for one
	 * that it does not.
	 */
	const char *word = argv[optind - 1];
	if (c == ':')
		return usage_error(command, "`%s` needs a value", word);
	if (known)
		return usage_error(command, "`--%s` takes no value", known);
	if (optopt != 0)
		return usage_error(command, "unknown option `-%c`", optopt);
	const char *nearest = pp_nearest(word + 2, names, n);
	if (nearest) {
		print_error_of(command, "unknown option `%s`", word);
		print_hint("did you mean `--%s`?", nearest);
		return STATUS_USAGE;
	}
	return usage_error(command, "unknown option `%s`", word);
}

static int say_wrong(const struct command *command, const char *takes, const char *text)
{
	return command ? usage_error(command, "%s, not `%s`", takes, text) : STATUS_USAGE;
}

int overrides_add(const struct command *command, struct overrides *overrides, char *text)
{
	char *equals = strchr(text, '=');
	if (!equals || equals == text)
		return say_wrong(command, "--set takes PATH=VALUE", text);
	pp_override *items = realloc(overrides->items, (overrides->n + 1) * sizeof *items);
	if (!items)
		return say_short_memory();
	*equals = '\0';
	items[overrides->n++] = (pp_override){text, equals + 1};
	overrides->items = items;
	return STATUS_OK;
}

int overrides_add_variable(const struct command *command, struct overrides *overrides, const char *text)
{
	const char *equals = strchr(text, '=');
	if (!equals || equals == text)
		return say_wrong(command, "--var takes NAME=VALUE", text);
	char *path = NULL;
	pp_override *items = realloc(overrides->items, (overrides->n + 1) * sizeof *items);
	if (items)
		overrides->items = items;
	char **owned = realloc(overrides->owned, (overrides->n_owned + 1) * sizeof *owned);
	if (owned)
		overrides->owned = owned;
	if (!items || !owned || asprintf(&path, "vars.%.*s", (int)(equals - text), text) < 0)
		return say_short_memory();
	owned[overrides->n_owned++] = path;
	items[overrides->n++] = (pp_override){path, equals + 1};
	return STATUS_OK;
}

int overrides_add_seed(const struct command *command, struct overrides *overrides, const char *text)
{
	static char seed_path[] = "seed";
	uint64_t seed;
	if (!parse_number(text, INT64_MAX, &seed))
		return usage_error(command, "--seed takes a whole number, not `%s`", text);
	pp_override *items = realloc(overrides->items, (overrides->n + 1) * sizeof *items);
	if (!items)
		return STATUS_SYSTEM;
	items[overrides->n++] = (pp_override){seed_path, text};
	overrides->items = items;
	return STATUS_OK;
}

enum warnings warnings_of(const struct overrides *overrides)
{
	return overrides->quiet ? WARNINGS_NONE : overrides->all_warnings ? WARNINGS_ALL : WARNINGS_BY_KIND;
}

void print_overrides(const struct overrides *overrides)
{
	for (size_t i = 0; i < overrides->n; i++) {
		const char *path = overrides->items[i].path;
		bool is_variable = strncmp(path, "vars.", 5) == 0;
		char *text = formatted("%s=%s", path + (is_variable ? 5 : 0), overrides->items[i].value);
		if (!text)
			break;
		fputs(is_variable ? " --var " : " --set ", stdout);
		print_word(stdout, text);
		free(text);
	}
}

void overrides_free(struct overrides *overrides)
{
	for (size_t i = 0; i < overrides->n_owned; i++)
		free(overrides->owned[i]);
	free(overrides->owned);
	free(overrides->items);
	*overrides = (struct overrides){0};
}

/* All of standard input, to be freed; NULL with errno where it cannot be read. */
static char *read_standard_input(size_t *ret_bytes)
{
	struct text text;
	FILE *out = text_begin(&text);
	char block[65536];
	size_t n;
	if (!out)
		return NULL;
	while ((n = fread(block, 1, sizeof block, stdin)) > 0)
		if (fwrite(block, 1, n, out) != n)
			break;
	bool failed = ferror(stdin);
	int error = errno;
	char *read = text_end(&text);
	*ret_bytes = text.bytes;
	if (read && failed) {
		free(read);
		errno = error;
		return NULL;
	}
	return read;
}

int load_input(const char *path, const struct overrides *overrides, pp_scenario **ret)
{
	if (strcmp(path, STANDARD_INPUT) != 0)
		return pp_scenario_load(path, overrides->items, overrides->n, ret);
	size_t bytes = 0;
	*ret = NULL;
	char *text = read_standard_input(&bytes);
	if (!text)
		return errno ? -errno : -ENOMEM;
	int r = pp_scenario_load_text(STANDARD_INPUT_NAME, text, bytes, overrides->items, overrides->n, ret);
	free(text);
	return r;
}

int load_scenario(const char *path, const struct overrides *overrides, pp_scenario **ret)
{
	int r = load_input(path, overrides, ret);
	if (r < 0) {
		fprintf(stderr, "pktpath: %s: %s\n", path, error_text(-r));
		if (r == -ENOENT)
			print_absent_file(path);
		return STATUS_SYSTEM;
	}
	print_diagnostics(*ret, path, warnings_of(overrides));
	return r == 0 ? STATUS_OK : STATUS_USAGE;
}

int parse_number(const char *text, uint64_t max, uint64_t *ret)
{
	if (*text == '\0' || strspn(text, "0123456789") != strlen(text))
		return 0;
	errno = 0;
	unsigned long long number = strtoull(text, NULL, 10);
	if (errno != 0 || number > max)
		return 0;
	*ret = number;
	return 1;
}
