/* Readable text: "pktpath flow=call-sql dir=request", line after line. What ports without a protocol of their own
 * carry, and the bodies of HTTP.
 *
 * DOC: the line is the payload's cycle, so that a gigabyte of text costs a line of memory; every segment of it names
 * the flow. */
#include "base/arena.h"
#include "host/dialogue_internal.h"
#include <errno.h>
#include <string.h>

const struct payload *text_after(struct arena *arena, const char *head, const char *flow, const char *direction,
				 uint32_t body_bytes)
{
	const char *line = arena_printf(arena, "pktpath flow=%s dir=%s\n", flow, direction);

	if (!line)
		return NULL;
	uint32_t line_bytes = (uint32_t)strlen(line);
	uint32_t repeat = body_bytes / line_bytes;
	return payload_new(arena, head, strlen(head), line, repeat > 0 ? line_bytes : 0, repeat, line,
			   body_bytes % line_bytes);
}

const struct payload *text_payload(struct arena *arena, const char *flow, const char *direction, uint32_t size_bytes)
{
	return text_after(arena, "", flow, direction, size_bytes);
}

int text_fill(struct arena *arena, const struct dialogue_config *config, struct dialogue *d)
{
	/* A request of nothing could not be sent, nor answered: it has a byte at least. */
	d->request = text_payload(arena, config->flow, "request", config->send_bytes > 0 ? config->send_bytes : 1);
	if (!d->request)
		return -ENOMEM;
	d->first_request = d->request;
	if (config->reply_bytes == 0)
		return 0;
	d->reply = text_payload(arena, config->flow, "reply", config->reply_bytes);
	return !d->reply ? -ENOMEM : 0;
}
