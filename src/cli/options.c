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
