/* The files of one scenario: a document, what it includes, and what includes it. Of these only documents that are open are
 * known, and the texts of open ones are the editor's; others are read as they are on the disk. */
#include "cli/lsp.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FILES 64
#define MAX_FILE_BYTES (16u << 20) /* more is no scenario */

static char *real_path(const char *path)
{
	char real[PATH_MAX];
	const char *found = realpath(path, real);
	return memory_text(found ? found : path, strlen(found ? found : path));
}

static char *uri_of(const char *path)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
	char *uri = memory_grown(NULL, 3 * strlen(path) + 8), *to = stpcpy(uri, "file://");
	for (const char *at = path; *at; at++)
		to += sprintf(to, strchr(plain, *at) ? "%c" : "%%%02X", (unsigned char)*at);
	return uri;
}

/* NULL: it cannot be read. */
static char *text_of(const char *path)
{
	FILE *in = input_file(path);
	size_t n = 0, capacity = 0, got = 0;
	char *text = NULL;
	if (!in)
		return NULL;
	do {
		if (n + 1 >= capacity) {
			capacity = capacity ? 2 * capacity : 4096;
			text = memory_grown(text, capacity);
		}
		got = fread(text + n, 1, capacity - n - 1, in);
		n += got;
	} while (got > 0 && n < MAX_FILE_BYTES);
	text[n] = '\0';
	(void)fclose(in);
	return text;
}

/* The file that a document includes by this name. */
static char *path_beside(const char *path, const char *file)
{
	const char *slash = strrchr(path, '/');
	char *beside = *file == '/' || !slash ? memory_text(file, strlen(file))
					      : memory_printed("%.*s/%s", (int)(slash - path), path, file);
	char *real = real_path(beside);
	free(beside);
	return real;
}

static bool has(const struct family *family, const char *path)
{
	for (size_t i = 0; i < family->n; i++)
		if (strcmp(family->items[i].path, path) == 0)
			return true;
	return false;
}

static bool is_include(const struct token *token)
{
	return !token->is_key && strncmp(token->path, "include", 7) == 0 &&
	       (token->path[7] == '\0' || token->path[7] == '.');
}

/* With what it includes. Takes the path over. */
static void add(struct family *family, const struct document *open, size_t n_open, char *path)
{
	struct document added = {NULL, path, NULL};
	for (size_t i = 0; i < n_open && !added.text; i++) {
		char *real = real_path(open[i].path);
		if (strcmp(real, path) == 0 && open[i].text) {
			added.uri = memory_text(open[i].uri, strlen(open[i].uri));
			added.text = memory_text(open[i].text, strlen(open[i].text));
		}
		free(real);
	}
	if (!added.text && !has(family, path) && family->n < MAX_FILES)
		added.text = text_of(path);
	if (!added.text || has(family, path) || family->n == MAX_FILES) {
		free(added.uri);
		free(added.text);
		free(path);
		return;
	}
	added.uri = added.uri ? added.uri : uri_of(path);
	size_t at = family->n++;
	family->items = memory_grown(family->items, family->n * sizeof *family->items);
	family->tokens = memory_grown(family->tokens, family->n * sizeof *family->tokens);
	family->items[at] = added;
	family->tokens[at] = tokens_of(added.text, NO_CURSOR, 0);
	for (size_t i = 0; i < family->tokens[at].n; i++)
		if (is_include(&family->tokens[at].items[i]))
			add(family, open, n_open,
			    path_beside(family->items[at].path, family->tokens[at].items[i].text));
}

struct family family_of(const struct document *open, size_t n_open, const struct document *document)
{
	struct family family = {0};
	add(&family, open, n_open, real_path(document->path));
	for (size_t i = 0; i < n_open && family.n > 0; i++) {
		struct family other = {0};
		add(&other, open, n_open, real_path(open[i].path));
		if (has(&other, family.items[0].path))
			add(&family, open, n_open, real_path(open[i].path));
		family_free(&other);
	}
	return family;
}

void family_free(struct family *family)
{
	for (size_t i = 0; i < family->n; i++) {
		free(family->items[i].uri);
		free(family->items[i].path);
		free(family->items[i].text);
		tokens_free(&family->tokens[i]);
	}
	free(family->items);
	free(family->tokens);
	*family = (struct family){0};
}
