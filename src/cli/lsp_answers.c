/* What the language server answers about a document. */
#include "cli/lsp.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAX_KEYS 128

static json_t *range_of(unsigned line, unsigned first, unsigned last)
{
	return json_pack("{s:{s:i,s:i},s:{s:i,s:i}}", "start", "line", (int)line, "character", (int)first, "end",
			 "line", (int)line, "character", (int)last);
}

/* ---- diagnostics ---- */

/* Where the text itself has no token, the rest of the line is marked. */
static json_t *place_of(const struct tokens *tokens, const pp_diagnostic *d)
{
	unsigned line = d->line ? d->line - 1 : 0, column = d->column ? d->column - 1 : 0;
	const struct token *token = token_at(tokens, line, column);
	return range_of(line, column,
			token && token->column + token->columns > column ? token->column + token->columns : column + 1);
}

json_t *answer_diagnostics(const struct document *document)
{
	pp_scenario *scenario = NULL;
	json_t *list = json_array();
	int r = pp_scenario_load_text(document->path, document->text, strlen(document->text), NULL, 0, &scenario);
	if (r < 0) /* of a text in memory it is memory that is short */
		memory_end();
	struct tokens tokens = tokens_of(document->text, NO_CURSOR, 0);
	for (size_t i = 0; i < pp_scenario_n_diagnostics(scenario); i++) {
		pp_diagnostic d;
		pp_scenario_diagnostic(scenario, i, &d);
		bool elsewhere = d.file && strcmp(d.file, document->path) != 0;
		json_t *message = json_sprintf("%s%s%s%s%s", elsewhere ? d.file : "", elsewhere ? ": " : "", d.message,
					       d.hint ? "\nhint: " : "", d.hint ? d.hint : "");
		json_array_append_new(list, json_pack("{s:o,s:i,s:s,s:o}", "range",
						      elsewhere ? range_of(0, 0, 1) : place_of(&tokens, &d), "severity",
						      d.error ? 1 : 2, "source", "pktpath", "message", message));
	}
	tokens_free(&tokens);
	pp_scenario_free(scenario);
	return list;
}

/* ---- completion ---- */

static void add_item(json_t *list, const char *label, int kind, const char *detail, const char *documentation,
		     const char *insert)
{
	json_t *item = json_pack("{s:s,s:i}", "label", label, "kind", kind);
	if (detail)
		json_object_set_new(item, "detail", json_string(detail));
	if (documentation)
		json_object_set_new(item, "documentation", json_string(documentation));
	if (insert)
		json_object_set_new(item, "insertText", json_string(insert));
	json_array_append_new(list, item);
}

static void add_words(json_t *list, const char *words)
{
	while (words && *words) {
		size_t n = strcspn(words, "|");
		char *word = memory_text(words, n);
		add_item(list, word, 12, NULL, NULL, NULL);
		free(word);
		words += n + (words[n] == '|');
	}
}

/* Keys that the map does not have yet. */
static void add_keys(json_t *list, const struct tokens *tokens, const char *path, unsigned line)
{
	pp_key keys[MAX_KEYS];
	size_t n = pp_keys_at(path, keys, MAX_KEYS);
	for (size_t i = 0; i < n; i++) {
		bool there = false;
		char *full = memory_printed("%s%s%s", path, *path ? "." : "", keys[i].name);
		char *insert = memory_printed("%s: ", keys[i].name);
		for (size_t k = 0; k < tokens->n; k++)
			there |= tokens->items[k].is_key && tokens->items[k].line != line &&
				 strcmp(tokens->items[k].path, full) == 0;
		if (!there)
			add_item(list, keys[i].name, 10, keys[i].type, keys[i].help, insert);
		free(full);
		free(insert);
	}
}

static void add_names(json_t *list, const struct tokens *tokens, const char *sections)
{
	for (size_t i = 0; sections && i < tokens->n; i++)
		if (tokens->items[i].is_key && is_definition(&tokens->items[i], sections, tokens->items[i].text))
			add_item(list, tokens->items[i].text, 18, tokens->items[i].path, NULL, NULL);
}

/* Flows name apps, subnets and ports, too: the loader knows them all, where the text is whole. */
static void add_ends(json_t *list, const struct document *document, const char *path)
{
	const char *last = strrchr(path, '.');
	bool from = last && strcmp(last, ".from") == 0, to = last && strcmp(last, ".to") == 0;
	pp_scenario *scenario = NULL;
	const char *const *names;
	size_t n = 0;
	int r = from || to ? pp_scenario_load_text(document->path, document->text, strlen(document->text), NULL, 0,
						   &scenario)
			   : 1;
	if (r == 0)
		r = pp_scenario_names(scenario, from ? PP_NAME_CALLER : PP_NAME_CALLED, &names, &n);
	if (r < 0)
		memory_end();
	for (size_t i = 0; r == 0 && i < n; i++)
		add_item(list, names[i], 18, from ? "who can call" : "what can be called", NULL, NULL);
	pp_scenario_free(scenario);
}

json_t *answer_completion(const struct family *family, int line, int column)
{
	const struct document *document = &family->items[0];
	struct tokens tokens = tokens_of(document->text, line, column);
	json_t *list = json_array();
	const char *path = tokens.cursor ? tokens.cursor : "";
	pp_key key;
	if (!tokens.cursor_in_value) {
		add_keys(list, &tokens, path, (unsigned)line);
	} else {
		if (pp_key_at(path, &key))
			add_words(list, key.values);
		add_names(list, &tokens, sections_for(path));
		for (size_t i = 1; i < family->n; i++)
			add_names(list, &family->tokens[i], sections_for(path));
		add_ends(list, document, path);
		if (json_array_size(list) == 0)
			add_keys(list, &tokens, path, (unsigned)line);
	}
	tokens_free(&tokens);
	return list;
}

/* ---- hover ---- */

json_t *answer_hover(const struct document *document, int line, int column)
{
	struct tokens tokens = tokens_of(document->text, NO_CURSOR, 0);
	const struct token *token = token_at(&tokens, (unsigned)line, (unsigned)column);
	json_t *answer = json_null();
	pp_key key;
	if (token && pp_key_at(token->path, &key)) {
		json_t *text = json_sprintf("**%s**: %s%s%s%s%s\n\n%s", key.name, key.type, key.values ? ", " : "",
					    key.values ? key.values : "",
					    key.fallback   ? "; default "
					    : key.required ? "; must be given"
							   : "",
					    key.fallback ? key.fallback : "", key.help);
		answer = json_pack("{s:{s:s,s:o},s:o}", "contents", "kind", "markdown", "value", text, "range",
				   range_of(token->line, token->column, token->column + token->columns));
	}
	tokens_free(&tokens);
	return answer;
}

/* ---- definition, references, rename ---- */

struct definition {
	const struct token *token;
	const struct document *document;
};

/* Where the name at the cursor is defined; NULL of the token: nowhere. */
static struct definition definition_at(const struct family *family, int line, int column)
{
	const struct token *token = token_at(&family->tokens[0], (unsigned)line, (unsigned)column);
	struct name names[MAX_NAMES];
	size_t n = token ? names_in(token, names) : 0;
	for (size_t i = 0; i < n; i++) {
		unsigned first = token->column + names[i].first;
		if ((unsigned)column < first || (unsigned)column > first + names[i].columns)
			continue;
		for (size_t f = 0; f < family->n; f++)
			for (size_t k = 0; k < family->tokens[f].n; k++)
				if (is_definition(&family->tokens[f].items[k], names[i].sections, names[i].text))
					return (struct definition){&family->tokens[f].items[k], &family->items[f]};
	}
	return (struct definition){NULL, NULL};
}

json_t *answer_definition(const struct family *family, int line, int column)
{
	struct definition at = definition_at(family, line, column);
	if (!at.token)
		return json_null();
	return json_pack("{s:s,s:o}", "uri", at.document->uri, "range",
			 range_of(at.token->line, at.token->column, at.token->column + at.token->columns));
}

/* The places of a file where the name stands, its definition included. */
static json_t *places_in(const struct tokens *tokens, const struct token *definition)
{
	json_t *ranges = json_array();
	for (size_t i = 0; i < tokens->n; i++) {
		const struct token *token = &tokens->items[i];
		struct name names[MAX_NAMES];
		size_t n = names_in(token, names);
		for (size_t k = 0; k < n; k++)
			if (is_definition(definition, names[k].sections, names[k].text))
				json_array_append_new(ranges,
						      range_of(token->line, token->column + names[k].first,
							       token->column + names[k].first + names[k].columns));
	}
	return ranges;
}

json_t *answer_references(const struct family *family, int line, int column)
{
	const struct token *definition = definition_at(family, line, column).token;
	json_t *answer = json_array(), *range;
	for (size_t f = 0; definition && f < family->n; f++) {
		json_t *ranges = places_in(&family->tokens[f], definition);
		size_t i;
		json_array_foreach(ranges, i, range) json_array_append_new(
			answer, json_pack("{s:s,s:O}", "uri", family->items[f].uri, "range", range));
		json_decref(ranges);
	}
	return answer;
}

/* Another definition in the section, or in the one name space of what stands in the network, differs in case at most. */
static bool is_taken(const struct family *family, const struct token *definition, const char *to)
{
	for (size_t f = 0; f < family->n; f++)
		for (size_t i = 0; i < family->tokens[f].n; i++) {
			const struct token *other = &family->tokens[f].items[i];
			if (other != definition && other->is_key && strcasecmp(other->text, to) == 0 &&
			    names_share_space(definition, other))
				return true;
		}
	return false;
}

static json_t *edits_of(const struct family *family, const struct token *definition, const char *to)
{
	json_t *changes = json_object(), *range;
	for (size_t f = 0; f < family->n; f++) {
		json_t *ranges = places_in(&family->tokens[f], definition), *edits = json_array();
		size_t i;
		json_array_foreach(ranges, i, range)
			json_array_append_new(edits, json_pack("{s:O,s:s}", "range", range, "newText", to));
		if (json_array_size(edits) > 0)
			json_object_set(changes, family->items[f].uri, edits);
		json_decref(ranges);
		json_decref(edits);
	}
	return changes;
}

json_t *answer_rename(const struct family *family, int line, int column, const char *to, const char **ret_problem)
{
	const struct token *definition = definition_at(family, line, column).token;
	size_t n = strlen(to);
	if (n == 0 || n > 80 || strspn(to, NAME_LETTERS) != n || strchr("_.-", *to) || strchr(".-", to[n - 1]))
		*ret_problem =
			"a name has letters, digits, `_`, `.` and `-`, at most 80, begins with a letter or digit and "
			"ends with a letter, digit or `_`";
	else if (!definition)
		*ret_problem = "no name of this file is at this position";
	else if (is_taken(family, definition, to))
		*ret_problem = "something else has this name";
	else
		return json_pack("{s:o}", "changes", edits_of(family, definition, to));
	return NULL;
}
