/* HTTP messages read as RFC 9112 says: a start line, fields, an empty line, and as much body as the fields say, to the
 * last byte. */
#include "base/arena.h"
#include "host/dialogue.h"
#include "suite.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static struct arena *arena;

static void setup(void)
{
	arena = arena_new();
}

static void teardown(void)
{
	arena_free(arena);
}

struct read_message {
	char start[4096];
	unsigned n_fields;
	char host[256], length[64], flow[256];
	uint32_t body_bytes;
};

static void keep(const char *line, const char *field, char *ret, size_t ret_bytes)
{
	size_t n = strlen(field);
	if (strncasecmp(line, field, n) != 0 || line[n] != ':')
		return;
	ck_assert_str_eq(ret, ""); /* none twice */
	line += n + 1;
	line += strspn(line, " \t");
	ck_assert_uint_lt(strlen(line), ret_bytes);
	strcpy(ret, line);
}

/* RFC 9112 2.1, 5: a field is a token, a colon, and a value without control characters. */
static void read_message(const struct payload *p, struct read_message *m)
{
	static const char token[] = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	ck_assert_ptr_nonnull(p);
	char *text = calloc(1, (size_t)p->size_bytes + 1), *at = text;
	payload_copy(p, 0, p->size_bytes, (uint8_t *)text);
	memset(m, 0, sizeof *m);
	for (unsigned i = 0;; i++) {
		char *end = strstr(at, "\r\n");
		ck_assert_ptr_nonnull(end);
		*end = '\0';
		ck_assert_uint_eq(strcspn(at, "\r\n\t"), strlen(at));
		if (i == 0) {
			ck_assert_uint_lt(strlen(at), sizeof m->start);
			strcpy(m->start, at);
		} else if (*at != '\0') {
			size_t n = strspn(at, token);
			ck_assert(n > 0 && at[n] == ':' && at[n + 1] == ' ');
			keep(at, "Host", m->host, sizeof m->host);
			keep(at, "Content-Length", m->length, sizeof m->length);
			keep(at, "X-Pktpath-Flow", m->flow, sizeof m->flow);
			m->n_fields++;
		}
		bool empty = *at == '\0';
		at = end + 2;
		if (empty)
			break;
	}
	m->body_bytes = p->size_bytes - (uint32_t)(at - text);
	if (*m->length != '\0') {
		ck_assert_uint_eq(strspn(m->length, "0123456789"), strlen(m->length));
		ck_assert_uint_eq(strtoul(m->length, NULL, 10), m->body_bytes);
	} else {
		ck_assert_uint_eq(m->body_bytes, 0); /* 6.3: a request or 204 without a length has no body */
	}
	free(text);
}

static const struct dialogue *make(const char *flow, uint32_t send_bytes, uint32_t reply_bytes)
{
	struct dialogue_config config = {flow, "api.example.net", 80, send_bytes, reply_bytes, 1, 1};
	const struct dialogue *d = dialogue_new(arena, &config);
	ck_assert_ptr_nonnull(d);
	return d;
}

START_TEST(test_requests)
{
	static const uint32_t more[] = {9999, 10000, 10001, 99999, 100000, 1000000, 1000001, 10000000};
	struct read_message m;
	for (uint32_t i = 0; i < 1500 + N(more); i++) {
		uint32_t size = i < 1500 ? i : more[i - 1500];
		const struct payload *p = make("call", size, 100)->request;
		read_message(p, &m);
		bool post = strncmp(m.start, "POST ", 5) == 0;
		ck_assert_int_eq(strncmp(m.start, post ? "POST /call" : "GET /call", post ? 10 : 9), 0);
		ck_assert_str_eq(m.start + strlen(m.start) - 9, " HTTP/1.1");
		ck_assert_uint_eq(strcspn(m.start + 5, " "), strlen(m.start) - 5 - 9); /* a target without spaces */
		ck_assert_str_eq(m.host, "api.example.net");                           /* RFC 9110 7.2: MUST */
		ck_assert_str_eq(m.flow, "call");
		if (size >= 150)
			ck_assert_uint_eq(p->size_bytes, size);
	}
	ck_assert_int_eq(strncmp(m.start, "POST ", 5), 0);
}
END_TEST

START_TEST(test_replies)
{
	struct read_message m;
	for (uint32_t size = 0; size < 11000; size += size < 1300 || size > 9900 ? 1 : 57) {
		const struct payload *p = make("call", 100, size)->reply;
		read_message(p, &m);
		ck_assert_str_eq(m.start, size == 0 ? "HTTP/1.1 204 No Content" : "HTTP/1.1 200 OK");
		ck_assert_str_eq(m.flow, "call");
		ck_assert_int_eq(*m.length == '\0', size == 0); /* RFC 9110 8.6: none in a 204 */
		if (size >= 150)
			ck_assert_uint_eq(p->size_bytes, size);
	}
	read_message(make("call", 100, 100)->bad_gateway, &m);
	ck_assert_str_eq(m.start, "HTTP/1.1 502 Bad Gateway");
	ck_assert_uint_gt(m.body_bytes, 0);
}
END_TEST

START_TEST(test_large_ones)
{
	const struct dialogue *d = make("call", 1000000000, 1073741824);
	ck_assert_uint_eq(d->request->size_bytes, 1000000000);
	ck_assert_uint_eq(d->reply->size_bytes, 1073741824);
	char head[400] = "";
	payload_copy(d->reply, 0, 399, (uint8_t *)head);
	const char *length = strstr(head, "Content-Length: "), *body = strstr(head, "\r\n\r\n");
	ck_assert_uint_eq(strtoul(length + 16, NULL, 10), 1073741824 - (uint32_t)(body + 4 - head));
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("host/http", &tc);
	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_requests);
	tcase_add_test(tc, test_replies);
	tcase_add_test(tc, test_large_ones);
	return suite_run(suite);
}
