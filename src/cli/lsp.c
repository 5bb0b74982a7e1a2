/* pktpath lsp: the Language Server Protocol on standard input and output. Documents are kept whole: an editor sends all of a text that changed.
 * A message that is cut, too long or no JSON ends the server with what is wrong; one that asks for what it does not know gets an error. */
#include "cli/lsp.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define MAX_MESSAGE_BYTES (64u << 20)
#define MAX_LINE_BYTES 8192
#define ERROR_PARSE (-32700)
#define ERROR_METHOD (-32601)
#define ERROR_PARAMS (-32602)

struct server {
	struct document *documents;
	size_t n;
	bool shut_down, over;
	int status;
};

/* ---- messages ---- */

static int broken(const char *what)
{
	fprintf(stderr, "pktpath lsp: %s\nhint: editors start it; docs/editors.md says how\n", what);
	return STATUS_USAGE;
}

/* 1: a message; 0: the input ended between two messages; negative: it is broken, which was said. */
static int read_message(char **ret, size_t *ret_bytes)
{
	char line[MAX_LINE_BYTES];
	size_t bytes = 0;
	bool has_length = false, any = false, more;
	while ((more = fgets(line, sizeof line, stdin)) && strcmp(line, "\r\n") != 0 && strcmp(line, "\n") != 0) {
		any = true;
		if (!strchr(line, '\n') && !feof(stdin)) {
			(void)broken("a line of the head of a message is too long");
			return -1;
		}
		if (strncasecmp(line, "Content-Length:", 15) == 0) {
			line[strcspn(line, "\r\n")] = '\0';
			uint64_t number;
			has_length = parse_number(line + 15 + strspn(line + 15, " "), MAX_MESSAGE_BYTES, &number);
			bytes = has_length ? (size_t)number : 0;
		}
	}
	if (!more && !any)
		return 0;
	if (!more || !has_length) {
		(void)broken(!more ? "the input ended in the head of a message"
				   : "a message has no Content-Length that can be used");
		return -1;
	}
	*ret = memory_grown(NULL, bytes + 1);
	*ret_bytes = fread(*ret, 1, bytes, stdin);
	(*ret)[*ret_bytes] = '\0';
	if (*ret_bytes == bytes)
		return 1;
	free(*ret);
	(void)broken("the input ended in the middle of a message");
	return -1;
}

/* Past stdout, which shows people what is unsafe as numbers: a message is bytes for a program. */
static void write_all(const char *text, size_t bytes)
{
	while (bytes > 0) {
		ssize_t n = write(STDOUT_FILENO, text, bytes);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			fprintf(stderr, "pktpath lsp: cannot write to standard output: %s\n", strerror(errno));
			exit(STATUS_SYSTEM);
		}
		text += n;
		bytes -= (size_t)n;
	}
}

static void send_message(json_t *message)
{
	char *text = message ? json_dumps(message, JSON_COMPACT) : NULL;
	if (!text)
		memory_end();
	char *whole = memory_printed("Content-Length: %zu\r\n\r\n%s", strlen(text), text);
	write_all(whole, strlen(whole));
	free(text);
	free(whole);
	json_decref(message);
}

static void send_result(json_t *id, json_t *result)
{
	send_message(json_pack("{s:s,s:O,s:o}", "jsonrpc", "2.0", "id", id, "result", result));
}

static void send_error(json_t *id, int code, const char *message)
{
	send_message(json_pack("{s:s,s:o,s:{s:i,s:s}}", "jsonrpc", "2.0", "id", id ? json_incref(id) : json_null(),
			       "error", "code", code, "message", message));
}

/* ---- documents ---- */

static struct document *document_named(struct server *server, const char *uri)
{
	for (size_t i = 0; uri && i < server->n; i++)
		if (strcmp(server->documents[i].uri, uri) == 0)
			return &server->documents[i];
	return NULL;
}

/* "file:///a%20b" is /a b; anything else is its own name. */
static char *path_of(const char *uri)
{
	bool file = strncmp(uri, "file://", 7) == 0;
	const char *name = file ? uri + 7 : uri;
	char *path = memory_text(name, strlen(name)), *to = path;
	unsigned code;
	for (const char *from = path; *from; from++)
		if (file && *from == '%' && sscanf(from + 1, "%2x", &code) == 1) {
			*to++ = (char)code;
			from += 2;
		} else {
			*to++ = *from;
		}
	*to = '\0';
	return path;
}

static void publish(const char *uri, json_t *diagnostics)
{
	send_message(json_pack("{s:s,s:s,s:{s:s,s:o}}", "jsonrpc", "2.0", "method", "textDocument/publishDiagnostics",
			       "params", "uri", uri, "diagnostics", diagnostics));
}

static void forget(struct server *server, struct document *document)
{
	free(document->uri);
	free(document->path);
	free(document->text);
	*document = server->documents[--server->n];
}

static void take_text(struct server *server, const char *uri, const char *text)
{
	struct document *document = document_named(server, uri);
	if (!uri || !text)
		return;
	if (!document) {
		server->documents = memory_grown(server->documents, (server->n + 1) * sizeof *server->documents);
		document = &server->documents[server->n++];
		*document = (struct document){memory_text(uri, strlen(uri)), path_of(uri), NULL};
	}
	free(document->text);
	document->text = memory_text(text, strlen(text));
	publish(uri, answer_diagnostics(document));
}

static const char *text_member(json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

static void opened(struct server *server, json_t *params)
{
	json_t *item = json_object_get(params, "textDocument");
	take_text(server, text_member(item, "uri"), text_member(item, "text"));
}

static void changed(struct server *server, json_t *params)
{
	json_t *changes = json_object_get(params, "contentChanges"),
	       *last = json_array_get(changes, json_array_size(changes) ? json_array_size(changes) - 1 : 0);
	take_text(server, text_member(json_object_get(params, "textDocument"), "uri"), text_member(last, "text"));
}

static void closed(struct server *server, json_t *params)
{
	struct document *document = document_named(server, text_member(json_object_get(params, "textDocument"), "uri"));
	if (!document)
		return;
	publish(document->uri, json_array());
	forget(server, document);
}

/* ---- requests ---- */

static json_t *capabilities(void)
{
	return json_pack("{s:{s:i,s:b,s:b,s:b,s:b,s:{s:[s,s,s,s]}},s:{s:s,s:s}}", "capabilities", "textDocumentSync", 1,
			 "hoverProvider", 1, "definitionProvider", 1, "referencesProvider", 1, "renameProvider", 1,
			 "completionProvider", "triggerCharacters", " ", ":", "{", "/", "serverInfo", "name", "pktpath",
			 "version", pp_version());
}

static void about_place(struct server *server, json_t *id, const char *method, json_t *params)
{
	json_t *position = json_object_get(params, "position"), *line = json_object_get(position, "line"),
	       *character = json_object_get(position, "character");
	struct document *document = document_named(server, text_member(json_object_get(params, "textDocument"), "uri"));
	if (!document || !document->text || !json_is_integer(line) || !json_is_integer(character)) {
		send_error(id, ERROR_PARAMS, "no such document, or no position");
		return;
	}
	int at = (int)json_integer_value(line), column = (int)json_integer_value(character);
	const char *to = text_member(params, "newName"), *problem = "";
	struct family family = family_of(server->documents, server->n, document);
	json_t *answer = strcmp(method, "textDocument/completion") == 0   ? answer_completion(&family, at, column)
			 : strcmp(method, "textDocument/hover") == 0      ? answer_hover(document, at, column)
			 : strcmp(method, "textDocument/definition") == 0 ? answer_definition(&family, at, column)
			 : strcmp(method, "textDocument/references") == 0
				 ? answer_references(&family, at, column)
				 : answer_rename(&family, at, column, to ? to : "", &problem);
	family_free(&family);
	if (answer)
		send_result(id, answer);
	else
		send_error(id, ERROR_PARAMS, problem);
}

static bool is_about_place(const char *method)
{
	static const char *const methods[] = {"textDocument/completion", "textDocument/hover",
					      "textDocument/definition", "textDocument/references",
					      "textDocument/rename"};
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		if (strcmp(method, methods[i]) == 0)
			return true;
	return false;
}

static void request(struct server *server, json_t *id, const char *method, json_t *params)
{
	if (strcmp(method, "initialize") == 0) {
		send_result(id, capabilities());
	} else if (strcmp(method, "shutdown") == 0) {
		server->shut_down = true;
		send_result(id, json_null());
	} else if (is_about_place(method)) {
		about_place(server, id, method, params);
	} else {
		send_error(id, ERROR_METHOD, "pktpath lsp does not know this method");
	}
}

static void notification(struct server *server, const char *method, json_t *params)
{
	if (strcmp(method, "textDocument/didOpen") == 0) {
		opened(server, params);
	} else if (strcmp(method, "textDocument/didChange") == 0) {
		changed(server, params);
	} else if (strcmp(method, "textDocument/didClose") == 0) {
		closed(server, params);
	} else if (strcmp(method, "exit") == 0) {
		server->over = true;
		server->status = server->shut_down ? STATUS_OK : STATUS_FAILED;
	}
}

static void handle(struct server *server, const char *text, size_t bytes)
{
	json_error_t error;
	json_t *message = json_loadb(text, bytes, 0, &error);
	json_t *id = json_object_get(message, "id"), *params = json_object_get(message, "params");
	const char *method = text_member(message, "method");
	if (!message)
		send_error(NULL, ERROR_PARSE, error.text);
	else if (method && id)
		request(server, id, method, params);
	else if (method)
		notification(server, method, params);
	json_decref(message);
}

int command_lsp(const struct command *command, int argc, char **argv)
{
	struct server server = {.status = STATUS_OK};
	if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		print_command_help(command);
		return STATUS_OK;
	}
	if (argc > 1 && strcmp(argv[1], "--stdio") != 0)
		return usage_error(command, "it takes no argument: editors use its standard input and output");
	while (!server.over && !signals_caught()) {
		char *text;
		size_t bytes;
		int r = read_message(&text, &bytes);
		if (r <= 0) {
			server.status = r < 0 ? STATUS_USAGE : server.shut_down ? STATUS_OK : STATUS_FAILED;
			break;
		}
		handle(&server, text, bytes);
		free(text);
	}
	while (server.n > 0)
		forget(&server, &server.documents[0]);
	free(server.documents);
	return server.status;
}
