/* DOC: the language of expressions: calls, texts in single quotes (two of them are one), whole numbers, members behind a
 * dot and items in brackets. An expression is a text that begins with [ and ends with ], unless it begins with [[. */
#include "import/arm.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct parser {
	struct import *import;
	const struct js *at;
	const char *p;
	unsigned depth;
	bool wrong;
};

bool arm_is_expression(const char *text)
{
	size_t n = strlen(text);
	return n >= 2 && text[0] == '[' && text[1] != '[' && text[n - 1] == ']';
}

static struct expression *complain(struct parser *parser, const char *hint, const char *message)
{
	if (!parser->wrong)
		diag_error(&parser->import->diags, js_place(parser->at), hint, "%s in the expression %.200s", message,
			   parser->at->text);
	parser->wrong = true;
	return NULL;
}

static void skip_blanks(struct parser *parser)
{
	parser->p += strspn(parser->p, " \t\r\n");
}

static struct expression *make(struct parser *parser, enum expression_kind kind)
{
	struct expression *made = store_array(&parser->import->store, 1, sizeof *made);
	if (made)
		*made = (struct expression){.kind = kind, .text = ""};
	else
		parser->wrong = true;
	return made;
}

static bool add_arg(struct parser *parser, struct expression *call, struct expression *arg)
{
	void **items = (void **)call->args;
	bool good = store_push(&parser->import->store, &items, &call->n, arg);
	call->args = (struct expression **)items;
	return good;
}

static struct expression *parse(struct parser *parser);

static struct expression *parse_text(struct parser *parser)
{
	struct expression *text = make(parser, EXPRESSION_TEXT);
	size_t longest = strlen(parser->p), n = 0;
	char *out = store_array(&parser->import->store, longest + 1, 1);
	if (!text || !out)
		return NULL;
	for (parser->p++; *parser->p; parser->p++) {
		if (*parser->p == '\'' && parser->p[1] == '\'')
			parser->p++;
		else if (*parser->p == '\'')
			break;
		out[n++] = *parser->p;
	}
	if (*parser->p != '\'')
		return complain(parser, "end it with '", "a text does not end");
	parser->p++;
	out[n] = '\0';
	text->text = out;
	return text;
}

static struct expression *parse_number(struct parser *parser)
{
	struct expression *number = make(parser, EXPRESSION_NUMBER);
	char *end;
	errno = 0;
	long long value = strtoll(parser->p, &end, 10);
	if (end == parser->p || errno)
		return complain(parser, NULL, "a number is out of range");
	parser->p = end;
	if (number)
		number->number = value;
	return number;
}

static size_t word_length(const char *text)
{
	return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");
}

static struct expression *parse_call(struct parser *parser)
{
	struct expression *call = make(parser, EXPRESSION_CALL);
	size_t n = word_length(parser->p);
	/* Functions of one's own have a name space. */
	if (n > 0 && parser->p[n] == '.')
		n += 1 + word_length(parser->p + n + 1);
	if (n == 0 || !call)
		return complain(parser, "a function, a text in single quotes or a number", "something else is due");
	call->text = store_text(&parser->import->store, parser->p, n);
	parser->p += n;
	skip_blanks(parser);
	if (*parser->p != '(')
		return complain(parser, "FUNCTION(ARGUMENT, ...)", "a ( is due");
	parser->p++;
	skip_blanks(parser);
	while (*parser->p != ')') {
		struct expression *arg = parse(parser);
		if (!arg || !add_arg(parser, call, arg))
			return NULL;
		skip_blanks(parser);
		if (*parser->p == ',')
			parser->p++;
		else if (*parser->p != ')')
			return complain(parser, "FUNCTION(ARGUMENT, ...)", "a comma or a ) is due");
		skip_blanks(parser);
	}
	parser->p++;
	return call;
}

/* `.name`, `[index]`, and their safe forms, behind what was read. */
static struct expression *parse_selector(struct parser *parser, struct expression *of)
{
	bool dot = *parser->p == '.';
	struct expression *made = make(parser, dot ? EXPRESSION_MEMBER : EXPRESSION_INDEX);
	parser->p++;
	if (*parser->p == '?') {
		parser->p++;
		if (made)
			made->safe = true;
	}
	if (!made || !add_arg(parser, made, of))
		return NULL;
	skip_blanks(parser);
	if (dot) {
		size_t n = word_length(parser->p);
		if (n == 0)
			return complain(parser, NULL, "a name is due after the dot");
		made->text = store_text(&parser->import->store, parser->p, n);
		parser->p += n;
		return made;
	}
	struct expression *index = parse(parser);
	if (!index || !add_arg(parser, made, index))
		return NULL;
	skip_blanks(parser);
	if (*parser->p != ']')
		return complain(parser, NULL, "a ] is due");
	parser->p++;
	return made;
}

static struct expression *parse_term(struct parser *parser)
{
	skip_blanks(parser);
	struct expression *made;
	if (*parser->p == '\'')
		made = parse_text(parser);
	else if ((*parser->p >= '0' && *parser->p <= '9') || *parser->p == '-' || *parser->p == '+')
		made = parse_number(parser);
	else
		made = parse_call(parser);
	unsigned selectors = 0;
	skip_blanks(parser);
	while (made && (*parser->p == '.' || *parser->p == '[')) {
		if (++selectors > ARM_MAX_NESTING)
			return complain(parser, NULL, "more than 64 members of members");
		made = parse_selector(parser, made);
		skip_blanks(parser);
	}
	return made;
}

static struct expression *parse(struct parser *parser)
{
	if (parser->depth >= ARM_MAX_NESTING)
		return complain(parser, "use variables for its parts", "calls are nested more than 64 deep");
	parser->depth++;
	struct expression *made = parse_term(parser);
	parser->depth--;
	return made;
}

struct expression *arm_parse(struct import *import, const struct js *at)
{
	struct parser parser = {import, at, at->text + 1, 0, false};
	struct expression *made = parse(&parser);
	if (!made)
		return NULL;
	skip_blanks(&parser);
	if (strcmp(parser.p, "]") != 0)
		return complain(&parser, NULL, "something follows the end");
	return made;
}
