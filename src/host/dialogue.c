/* The dialogue of a flow: which protocol, how many turns, what is said in each.
 *
 * DOC: a dialogue is made once a flow and read by all its connections, so that a million connections share a handful of
 * payloads. The messages do not depend on the round, but for the first request of TLS, which brings the end of the
 * handshake. */
#include "base/arena.h"
#include "host/dialogue_internal.h"

#define HTTP_PORT 80
#define HTTPS_PORT 443

const struct dialogue *dialogue_new(struct arena *arena, const struct dialogue_config *config)
{
	struct dialogue *d = arena_alloc(arena, sizeof *d);
	int r = 0;

	if (!d)
		return NULL;
	d->kind = config->port == HTTP_PORT ? DIALOGUE_HTTP : config->port == HTTPS_PORT ? DIALOGUE_TLS : DIALOGUE_TEXT;
	switch (d->kind) {
	case DIALOGUE_TEXT:
		r = text_fill(arena, config, d);
		break;
	case DIALOGUE_HTTP:
		r = http_fill(arena, config, d);
		break;
	case DIALOGUE_TLS:
		r = tls_fill(arena, config, d);
		break;
	}
	if (r < 0)
		return NULL;
	d->n_opening = d->opening[0] ? 2 : 0;
	d->n_turns = d->n_opening + (d->reply ? 2 : 1) * config->rounds;
	return d;
}

const struct payload *dialogue_message(const struct dialogue *dialogue, uint32_t turn)
{
	if (turn < dialogue->n_opening)
		return dialogue->opening[turn];
	if (!dialogue_is_callers(dialogue, turn))
		return dialogue->reply;
	return turn == dialogue->n_opening ? dialogue->first_request : dialogue->request;
}
