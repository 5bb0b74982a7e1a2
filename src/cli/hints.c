/* Commands that a reader can copy: the program as it was started, words quoted for a shell, and hints. */
#include "cli/cli.h"
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define PROGRAM "pktpath"

void print_word(FILE *out, const char *word)
{
	if (*word &&
	    strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,+@%") == strlen(word)) {
		fputs(word, out);
		return;
	}
	putc('\'', out);
	for (; *word; word++)
		fputs(*word == '\'' ? "'\\''" : (char[]){*word, '\0'}, out);
	putc('\'', out);
}

/* A program that the shell found by its name is started by that name again; elsewhere its path is needed. */
void print_program(FILE *out)
{
	if (strchr(program_invocation_name, '/'))
		print_word(out, program_invocation_name);
	else
		fputs(PROGRAM, out);
}

/* Whether a command begins at `at` in `text`: the program's name at the head, or behind a quote or a colon. */
static bool begins_command(const char *text, const char *at)
{
	return at == text || at[-1] == '`' || (at - text >= 2 && at[-1] == ' ' && at[-2] == ':');
}

void print_commands(FILE *out, const char *text)
{
	const char *from = text, *at = text;
	while ((at = strstr(at, PROGRAM " "))) {
		if (begins_command(text, at)) {
			(void)fwrite(from, 1, (size_t)(at - from), out);
			print_program(out);
			from = at + strlen(PROGRAM);
		}
		at++;
	}
	fputs(from, out);
}

void print_hint(const char *format, ...)
{
	char *text = NULL;
	va_list args;
	va_start(args, format);
	int n = vasprintf(&text, format, args);
	va_end(args);
	if (n < 0) {
		(void)say_short_memory();
		return;
	}
	fputs("hint: ", stderr);
	print_commands(stderr, text);
	putc('\n', stderr);
	free(text);
}

/* ---- files that are not there ---- */

/* "dir/a.yml" is "dir/a.yaml", and the other way round: the one that exists, to be freed, else NULL. */
static char *other_ending(const char *path)
{
	static const char *const endings[] = {".yaml", ".yml"};
	for (size_t i = 0; i < 2; i++) {
		size_t n = strlen(path), n_ending = strlen(endings[i]);
		if (n <= n_ending || strcmp(path + n - n_ending, endings[i]) != 0)
			continue;
		char *other = formatted("%.*s%s", (int)(n - n_ending), path, endings[1 - i]);
		FILE *file = other ? input_file(other) : NULL;
		if (file)
			(void)fclose(file);
		else
			free(other);
		return file ? other : NULL;
	}
	return NULL;
}

#define NAMES_MAX 1000

/* The nearest name in the directory of a path: the path with that name, to be freed, else NULL. */
static char *nearest_file(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *directory = slash ? formatted("%.*s", (int)(slash - path + 1), path) : formatted(".");
	DIR *open = directory ? opendir(directory) : NULL;
	char **names = calloc(NAMES_MAX, sizeof *names), *found = NULL;
	size_t n = 0;
	for (const struct dirent *entry = open && names ? readdir(open) : NULL; entry && n < NAMES_MAX;
	     entry = readdir(open))
		if (entry->d_name[0] != '.' && (names[n] = strdup(entry->d_name)))
			n++;
	const char *nearest = pp_nearest(slash ? slash + 1 : path, (const char *const *)names, n);
	if (nearest)
		found = formatted("%s%s", slash ? directory : "", nearest);
	for (size_t i = 0; i < n; i++)
		free(names[i]);
	free(names);
	if (open)
		(void)closedir(open);
	free(directory);
	return found;
}

void print_absent_file(const char *path)
{
	char *other = other_ending(path);
	if (!other)
		other = nearest_file(path);
	if (other)
		print_hint("did you mean `%s`?", other);
	free(other);
}
