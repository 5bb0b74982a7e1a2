/* The language server: what an editor asks of a scenario while it is typed.
 *
 * DOC: a text that is being typed is seldom whole YAML, so questions are answered from a list of tokens (lsp_text.c) that knows block and flow
 * style and forgives the rest; only diagnostics come from the loader itself. */
#ifndef PKTPATH_CLI_LSP_H
#define PKTPATH_CLI_LSP_H
#include "cli/cli.h"
#include <jansson.h>

struct token {
	char *path; /* of a key, with itself at the end: "network.ases.one"; of a value that of its key, lists with numbers */
	char *text;
	bool is_key;
	unsigned line, column, columns; /* from 0; in UTF-16 units, as editors count */
};
struct tokens {
	struct token *items;
	size_t n, capacity;
	char *cursor; /* the path of the map or value in which the cursor stands; NULL */
	bool cursor_in_value;
	bool failed;
};
/* ---- lsp_text.c ---- */
#define NO_CURSOR (-1)
struct tokens tokens_of(const char *text, int line, int column);
void tokens_free(struct tokens *tokens);
const struct token *token_at(const struct tokens *tokens, unsigned line, unsigned column);

/* ---- lsp_names.c: which names a value may have, and where they stand ---- */
struct name { /* a piece of a token that names something */
	char text[84];
	unsigned first, columns; /* of the token's text */
	const char *sections; /* "network.hosts|network.ases": where it may be defined; "" in the definition itself */
};
#define MAX_NAMES 8
#define NAME_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-"
/* Bytes of a key's path before the key itself and its dot: a name may hold dots. */
size_t path_before(const struct token *key);
/* The pieces of a value, or of a key that defines a name. Returns how many. */
size_t names_in(const struct token *token, struct name ret[MAX_NAMES]);
/* The sections whose names a value at this path may have; NULL: none. */
const char *sections_for(const char *path);
bool is_definition(const struct token *token, const char *sections, const char *name);
/* Two definitions that may not have one name. */
bool names_share_space(const struct token *a, const struct token *b);

struct document {
	char *uri, *path, *text;
};
/* ---- lsp_files.c ---- */
struct family { /* the files of one scenario; the first is the document that is asked about */
	struct document *items;
	struct tokens *tokens; /* of each, without a cursor */
	size_t n;
};
struct family family_of(const struct document *open, size_t n_open, const struct document *document);
void family_free(struct family *family);

/* ---- lsp_answers.c ---- */
json_t *answer_diagnostics(const struct document *document);
json_t *answer_completion(const struct family *family, int line, int column);
json_t *answer_hover(const struct document *document, int line, int column);
json_t *answer_definition(const struct family *family, int line, int column);
json_t *answer_references(const struct family *family, int line, int column);
/* NULL, and *ret_problem says why. */
json_t *answer_rename(const struct family *family, int line, int column, const char *to, const char **ret_problem);
#endif
