/* HTTP/1.1 (RFC 9110, 9112): GET or POST, 200 or 204 or 502.
 *
 * DOC: the sizes are those of whole messages, head included, to the byte. A GET that is to be longer gets a query; a
 * message with a body says how long that is, in as many digits as that takes: where the one more digit leaves one byte
 * too few ("9" + 1 byte is not "10"), a second space after the colon (RFC 9112 5: optional white space) takes it up.
 * Below the length of its head a message is just its head. */
#include "base/arena.h"
#include "host/dialogue_internal.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define LEAST_POST_BODY_BYTES 512u /* a smaller surplus goes into a GET's query */
#define LENGTH_TEXT_BYTES 16

static uint32_t n_digits(uint32_t x)
{
	uint32_t n = 1;

	for (; x >= 10; x /= 10)
		n++;
	return n;
}

/* The value of Content-Length, with its space or two, so that head and body together have `total_bytes`; `fixed_bytes`:
 * of the head without it. Returns the bytes of the body. */
static uint32_t fit_length(uint32_t fixed_bytes, uint32_t total_bytes, char text[LENGTH_TEXT_BYTES])
{
	for (uint32_t spaces = 1; spaces <= 2; spaces++) {
		for (uint32_t digits = 1; digits <= 10; digits++) {
			uint32_t head_bytes = fixed_bytes + spaces + digits;
			if (total_bytes < head_bytes || n_digits(total_bytes - head_bytes) != digits)
				continue;
			snprintf(text, LENGTH_TEXT_BYTES, "%s%u", spaces == 1 ? " " : "  ", total_bytes - head_bytes);
			return total_bytes - head_bytes;
		}
	}
	snprintf(text, LENGTH_TEXT_BYTES, " 0");
	return 0;
}

/* A message whose head is `before`, the length, `after`, and whose body fills it up to `total_bytes`. */
static const struct payload *message(struct arena *arena, const struct dialogue_config *config, const char *before,
				     const char *direction, uint32_t total_bytes)
{
	char length[LENGTH_TEXT_BYTES];
	const char *after = arena_printf(arena, "\r\nX-Pktpath-Flow: %s\r\n\r\n", config->flow);

	if (!before || !after)
		return NULL;
	uint32_t body_bytes = fit_length((uint32_t)(strlen(before) + strlen(after)), total_bytes, length);
	const char *head = arena_printf(arena, "%s%s%s", before, length, after);
	return !head ? NULL : text_after(arena, head, config->flow, direction, body_bytes);
}

static const struct payload *make_get(struct arena *arena, const struct dialogue_config *config)
{
	static const char filler[] = "pktpath-";
	const char *rest = arena_printf(
		arena, " HTTP/1.1\r\nHost: %s\r\nUser-Agent: pktpath\r\nAccept: */*\r\nX-Pktpath-Flow: %s\r\n\r\n",
		config->server_name, config->flow);

	if (!rest)
		return NULL;
	size_t bare_bytes = strlen("GET /") + strlen(config->flow) + strlen(rest);
	size_t more = config->send_bytes > bare_bytes ? config->send_bytes - bare_bytes : 0;
	char *query = arena_alloc(arena, more + 1);
	if (!query)
		return NULL;
	for (size_t i = 0; i < more; i++)
		query[i] = i == 0 ? '?' : filler[(i - 1) % (sizeof filler - 1)];
	const char *head = arena_printf(arena, "GET /%s%s%s", config->flow, query, rest);
	return !head ? NULL : payload_new(arena, head, strlen(head), NULL, 0, 0, NULL, 0);
}

static const struct payload *make_request(struct arena *arena, const struct dialogue_config *config)
{
	const char *before = arena_printf(arena,
					  "POST /%s HTTP/1.1\r\nHost: %s\r\nUser-Agent: pktpath\r\nAccept: */*\r\n"
					  "Content-Type: text/plain\r\nContent-Length:",
					  config->flow, config->server_name);

	if (!before)
		return NULL;
	size_t head_bytes = strlen(before) + strlen(config->flow) + strlen(" 64\r\nX-Pktpath-Flow: \r\n\r\n");
	if (config->send_bytes < head_bytes + LEAST_POST_BODY_BYTES)
		return make_get(arena, config);
	return message(arena, config, before, "request", config->send_bytes);
}

static const struct payload *make_reply(struct arena *arena, const struct dialogue_config *config)
{
	if (config->reply_bytes == 0) {
		/* RFC 9110 8.6: no Content-Length in a 204. */
		const char *head =
			arena_printf(arena, "HTTP/1.1 204 No Content\r\nServer: pktpath\r\nX-Pktpath-Flow: %s\r\n\r\n",
				     config->flow);
		return !head ? NULL : payload_new(arena, head, strlen(head), NULL, 0, 0, NULL, 0);
	}
	return message(arena, config,
		       "HTTP/1.1 200 OK\r\nServer: pktpath\r\nContent-Type: text/plain\r\nContent-Length:", "reply",
		       config->reply_bytes);
}

static const struct payload *make_bad_gateway(struct arena *arena, const struct dialogue_config *config)
{
	const char *body =
		arena_printf(arena, "pktpath flow=%s: the front end could not reach a worker\n", config->flow);

	if (!body)
		return NULL;
	const char *all = arena_printf(
		arena,
		"HTTP/1.1 502 Bad Gateway\r\nServer: pktpath\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n"
		"X-Pktpath-Flow: %s\r\n\r\n%s",
		strlen(body), config->flow, body);
	return !all ? NULL : payload_new(arena, all, strlen(all), NULL, 0, 0, NULL, 0);
}

int http_fill(struct arena *arena, const struct dialogue_config *config, struct dialogue *d)
{
	d->request = make_request(arena, config);
	d->first_request = d->request;
	d->reply = make_reply(arena, config);
	d->bad_gateway = make_bad_gateway(arena, config);
	return !d->request || !d->reply || !d->bad_gateway ? -ENOMEM : 0;
}
