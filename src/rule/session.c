/* DOC: sessions stand in an array, in the order in which they were opened; two hash tables of indices find them by the
 * tuple that arrives from either side. Dead ones stay until the tables are made again, which happens when they fill up;
 * live ones are then kept in their order. */
#include "rule/session.h"
#include "base/random.h"
#include "net/header.h"
#include <errno.h>
#include <stdlib.h>

#define MIN_SESSIONS 64u
#define CLOSING_NS (120 * NS_PER_S) /* what is left to a session after both sides have ended, or one was reset */

struct sessions {
	struct session **items;
	uint32_t *slots[2]; /* index + 1, 0: free; by the tuple from the opener, and by that from the other side */
	size_t n, capacity;
};

static uint32_t hash(const struct tuple *t)
{
	uint64_t ends = (uint64_t)t->src.raw << 32 | t->dst.raw;
	return (uint32_t)(random_join(ends,
				      (uint64_t)t->src_port.raw << 24 | (uint64_t)t->dst_port.raw << 8 | t->proto) >>
			  32);
}

static size_t n_slots(const struct sessions *sessions)
{
	return sessions->capacity * 2;
}

static struct tuple key_of(const struct session *session, int back)
{
	return back ? tuple_reverse(session->to) : session->from;
}

static void put(struct sessions *sessions, int back, size_t index)
{
	const struct tuple key = key_of(sessions->items[index], back);
	size_t at = hash(&key) & (n_slots(sessions) - 1);
	while (sessions->slots[back][at] != 0)
		at = (at + 1) & (n_slots(sessions) - 1);
	sessions->slots[back][at] = (uint32_t)index + 1;
}

/* Newer ones first: an old one of the same tuple may still be there. */
static struct session *look(const struct sessions *sessions, int back, const struct tuple *tuple, struct instant now)
{
	struct session *found = NULL;
	for (size_t at = hash(tuple) & (n_slots(sessions) - 1); sessions->slots[back][at] != 0;
	     at = (at + 1) & (n_slots(sessions) - 1)) {
		struct session *session = sessions->items[sessions->slots[back][at] - 1];
		const struct tuple key = key_of(session, back);
		if (tuple_equal(&key, tuple) && session_is_live(session, now))
			found = session;
	}
	return found;
}

int sessions_new(struct sessions **ret)
{
	struct sessions *sessions = malloc(sizeof *sessions);
	if (!sessions)
		return -ENOMEM;
	*sessions = (struct sessions){.capacity = MIN_SESSIONS};
	sessions->items = calloc(MIN_SESSIONS, sizeof *sessions->items);
	for (int i = 0; i < 2; i++)
		sessions->slots[i] = calloc(n_slots(sessions), sizeof *sessions->slots[i]);
	if (!sessions->items || !sessions->slots[0] || !sessions->slots[1]) {
		sessions_free(sessions);
		return -ENOMEM;
	}
	*ret = sessions;
	return 0;
}

struct sessions *sessions_free(struct sessions *sessions)
{
	if (!sessions)
		return NULL;
	for (size_t i = 0; i < sessions->n; i++)
		free(sessions->items[i]);
	free(sessions->items);
	free(sessions->slots[0]);
	free(sessions->slots[1]);
	free(sessions);
	return NULL;
}

/* Leaves out the dead; grows where most are alive. */
static bool make_anew(struct sessions *sessions, struct instant now)
{
	size_t n_live = 0;
	for (size_t i = 0; i < sessions->n; i++)
		n_live += session_is_live(sessions->items[i], now) || sessions->items[i]->more;
	size_t capacity = n_live * 2 > sessions->capacity ? sessions->capacity * 2 : sessions->capacity;
	struct session **items = calloc(capacity, sizeof *items);
	uint32_t *forth = calloc(capacity * 2, sizeof *forth), *back = calloc(capacity * 2, sizeof *back);
	if (!items || !forth || !back) {
		free(items);
		free(forth);
		free(back);
		return false;
	}
	size_t n = 0;
	for (size_t i = 0; i < sessions->n; i++) {
		if (session_is_live(sessions->items[i], now) || sessions->items[i]->more)
			items[n++] = sessions->items[i];
		else
			free(sessions->items[i]);
	}
	free(sessions->items);
	free(sessions->slots[0]);
	free(sessions->slots[1]);
	*sessions = (struct sessions){.items = items, .slots = {forth, back}, .n = n, .capacity = capacity};
	for (size_t i = 0; i < n; i++) {
		put(sessions, 0, i);
		put(sessions, 1, i);
	}
	return true;
}

struct session *session_find(const struct sessions *sessions, const struct tuple *tuple, struct instant now,
			     bool *ret_back)
{
	struct session *session = look(sessions, 0, tuple, now);
	*ret_back = !session;
	return session ? session : look(sessions, 1, tuple, now);
}

const struct session *session_last(const struct sessions *sessions, const struct tuple *tuple)
{
	const struct session *found = NULL;
	for (int back = 0; back < 2; back++)
		for (size_t at = hash(tuple) & (n_slots(sessions) - 1); sessions->slots[back][at] != 0;
		     at = (at + 1) & (n_slots(sessions) - 1)) {
			const struct session *session = sessions->items[sessions->slots[back][at] - 1];
			const struct tuple key = key_of(session, back);
			if (tuple_equal(&key, tuple) && (!found || !instant_before(session->last, found->last)))
				found = session;
		}
	return found;
}

bool session_is_free(const struct sessions *sessions, const struct tuple *arriving, struct instant now)
{
	return !look(sessions, 0, arriving, now) && !look(sessions, 1, arriving, now);
}

struct session *session_open(struct sessions *sessions, const struct tuple *from, const struct tuple *to,
			     struct instant now)
{
	struct session *old = look(sessions, 0, from, now);
	if (old)
		session_end(old);
	/* A session may stand twice in the second table, see session_leaves_as(): room for that, too. */
	if (sessions->n * 2 >= sessions->capacity && !make_anew(sessions, now))
		return NULL;
	struct session *session = calloc(1, sizeof *session);
	if (!session)
		return NULL;
	session->from = *from;
	session->to = *to;
	session->last = now;
	sessions->items[sessions->n++] = session;
	put(sessions, 0, sessions->n - 1);
	put(sessions, 1, sessions->n - 1);
	return session;
}

bool session_leaves_as(struct sessions *sessions, struct session *session, const struct tuple *to)
{
	size_t index = sessions->n;
	if (tuple_equal(&session->to, to))
		return true;
	while (index > 0 && sessions->items[index - 1] != session)
		index--;
	if (index == 0)
		return false;
	session->to = *to;
	put(sessions, 1, index - 1);
	return true;
}

struct instant session_due(const struct session *session)
{
	bool closing = (session->flags & (SESSION_FIN | SESSION_FIN_BACK)) == (SESSION_FIN | SESSION_FIN_BACK);
	return instant_add(session->last, closing && CLOSING_NS < session->idle_ns ? CLOSING_NS : session->idle_ns);
}

void session_note(struct session *session, bool back, uint8_t tcp_flags, uint32_t tcp_ack, struct instant now)
{
	session->last = now;
	if (back)
		session->flags |= SESSION_ANSWERED;
	if (tcp_flags & TCP_FIN)
		session->flags |= back ? SESSION_FIN_BACK : SESSION_FIN;
	if (tcp_flags & TCP_RST)
		session->flags |= SESSION_FIN | SESSION_FIN_BACK;
	if (tcp_flags & TCP_ACK)
		*(back ? &session->to_acked : &session->from_acked) = tcp_ack;
}

void session_end(struct session *session)
{
	session->flags |= SESSION_ENDED;
}

struct session *session_next(const struct sessions *sessions, size_t *at)
{
	return *at < sessions->n ? sessions->items[(*at)++] : NULL;
}
