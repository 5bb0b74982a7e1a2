/* Dialogues: sizes to the byte, HTTP heads, TLS records walked one by one, turns; and all of them through two ends of
 * TCP. */
#include "pair.h"
#include "suite.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct arena *arena;
static char *bytes; /* of the message looked at last */

static void setup(void)
{
	arena = arena_new();
	bytes = NULL;
}

static void teardown(void)
{
	free(bytes);
	arena_free(arena);
}

static const char *look(const struct payload *p)
{
	ck_assert_ptr_nonnull(p);
	free(bytes);
	bytes = calloc(1, (size_t)p->size_bytes + 1);
	ck_assert_ptr_nonnull(bytes);
	payload_copy(p, 0, p->size_bytes, (uint8_t *)bytes);
	return bytes;
}

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

static const struct dialogue *make(uint16_t port, uint32_t send_bytes, uint32_t reply_bytes, uint32_t rounds)
{
	const struct dialogue *d = dialogue_new(arena, &(struct dialogue_config){.flow = "call-internet",
										 .server_name = "api.example.net",
										 .port = port,
										 .send_bytes = send_bytes,
										 .reply_bytes = reply_bytes,
										 .rounds = rounds,
										 .seed = 99});
	ck_assert_ptr_nonnull(d);
	return d;
}

START_TEST(test_text)
{
	const struct dialogue *d = make(1433, 200, 1000, 3);

	ck_assert_int_eq(d->kind, DIALOGUE_TEXT);
	ck_assert_uint_eq(d->n_turns, 6);
	ck_assert_uint_eq(d->n_opening, 0);
	ck_assert_ptr_null(d->bad_gateway);
	ck_assert_uint_eq(d->request->size_bytes, 200);
	ck_assert_uint_eq(d->reply->size_bytes, 1000);
	ck_assert(begins(look(d->request), "pktpath flow=call-internet dir=request\npktpath "));
	ck_assert(begins(look(d->reply), "pktpath flow=call-internet dir=reply\n"));
	ck_assert_ptr_eq(dialogue_message(d, 0), d->request);
	ck_assert_ptr_eq(dialogue_message(d, 5), d->reply);
	ck_assert_uint_eq(strlen(look(text_payload(arena, "f", "late", 64))), 64);
	ck_assert_uint_eq(text_payload(arena, "f", "late", 3)->size_bytes, 3);
	ck_assert_uint_eq(make(7, 0, 1, 1)->request->size_bytes, 1);
}
END_TEST

START_TEST(test_one_way)
{
	const struct dialogue *d = make(7, 100, 0, 4);

	ck_assert_ptr_null(d->reply);
	ck_assert_uint_eq(d->n_turns, 4);
	for (uint32_t i = 0; i < 4; i++) {
		ck_assert(dialogue_is_callers(d, i));
		ck_assert_ptr_eq(dialogue_message(d, i), d->request);
	}
	d = make(7, 100, 1, 4);
	ck_assert(dialogue_is_callers(d, 2));
	ck_assert(!dialogue_is_callers(d, 3));
}
END_TEST

/* Content-Length says how long the body is; returns that. */
static uint32_t assert_body(const struct payload *p)
{
	const char *text = look(p), *length = strstr(text, "Content-Length:"), *body = strstr(text, "\r\n\r\n");

	ck_assert_ptr_nonnull(length);
	ck_assert_ptr_nonnull(body);
	ck_assert_ptr_nonnull(strstr(text, "X-Pktpath-Flow: call-internet\r\n"));
	ck_assert_ptr_nonnull(strstr(text, "Content-Type: text/plain\r\n"));
	uint32_t announced = (uint32_t)strtoul(length + strlen("Content-Length:"), NULL, 10);
	ck_assert_uint_eq(announced, p->size_bytes - (uint32_t)(body + 4 - text));
	return announced;
}

START_TEST(test_http_get)
{
	const char *text = look(make(80, 0, 1000, 1)->request);
	uint32_t bare = (uint32_t)strlen(text);

	ck_assert(begins(text, "GET /call-internet HTTP/1.1\r\nHost: api.example.net\r\nUser-Agent: pktpath\r\n"));
	ck_assert_ptr_nonnull(strstr(text, "\r\nX-Pktpath-Flow: call-internet\r\n\r\n"));
	ck_assert_str_eq(text + bare - 4, "\r\n\r\n");
	for (uint32_t send = bare; send < 220; send++) {
		const struct payload *p = make(80, send, 1000, 1)->request;
		ck_assert_uint_eq(p->size_bytes, send);
		text = look(p);
		ck_assert(begins(text, send > bare ? "GET /call-internet?" : "GET /call-internet "));
		ck_assert_uint_eq(strlen(text), send);
	}
}
END_TEST

START_TEST(test_http_sizes)
{
	/* Around every step of the number of digits, and where one space more is needed. */
	for (uint32_t size = 150; size < 1400; size++) {
		const struct dialogue *d = make(80, size, size, 1);
		ck_assert_uint_eq(d->request->size_bytes, size);
		ck_assert_uint_eq(d->reply->size_bytes, size);
		ck_assert_uint_gt(assert_body(d->reply), 0);
		if (begins(look(d->request), "POST "))
			ck_assert_uint_ge(assert_body(d->request), 63);
		else
			ck_assert_uint_lt(size, 750); /* a surplus of up to 512 bytes goes into the query */
	}
	for (uint32_t size = 10080; size < 10320; size++) {
		ck_assert_uint_eq(make(80, size, size, 1)->reply->size_bytes, size);
		ck_assert_uint_eq(make(80, size, size, 1)->request->size_bytes, size);
	}
	const struct dialogue *d = make(80, 5000000, 50000000, 2);
	ck_assert_uint_eq(d->request->size_bytes, 5000000);
	ck_assert_uint_eq(d->reply->size_bytes, 50000000);
	ck_assert_uint_eq(d->n_turns, 4);
}
END_TEST

START_TEST(test_http_replies)
{
	const struct dialogue *d = make(80, 200, 1000, 1);

	ck_assert(begins(look(d->reply), "HTTP/1.1 200 OK\r\n"));
	ck_assert_ptr_nonnull(strstr(strstr(bytes, "\r\n\r\n"), "flow=call-internet dir=reply"));
	ck_assert(begins(look(d->bad_gateway), "HTTP/1.1 502 Bad Gateway\r\n"));
	assert_body(d->bad_gateway);
	ck_assert_uint_eq(assert_body(make(80, 200, 5, 1)->reply), 0); /* shorter than its head */
	d = make(80, 200, 0, 1);
	ck_assert(begins(look(d->reply), "HTTP/1.1 204 No Content\r\n"));
	ck_assert_ptr_null(strstr(bytes, "Content-Length"));
	ck_assert_uint_eq(d->n_turns, 2);
}
END_TEST

/* Walks the records; returns how many are application data. Each says which flow it belongs to, as far as it is long
 * enough. */
static uint32_t walk_records(const struct payload *p, const char *direction)
{
	const uint8_t *at = (const uint8_t *)look(p), *end = at + p->size_bytes;
	char expected[100];
	uint32_t n = 0;

	snprintf(expected, sizeof expected, "pktpath flow=call-internet dir=%s ", !direction ? "" : direction);
	while (at < end) {
		ck_assert_int_ge(end - at, 5);
		uint32_t length = (uint32_t)(at[3] << 8 | at[4]);
		ck_assert_uint_eq(at[1], 3);
		ck_assert_uint_ge(at[0], 20);
		ck_assert_uint_le(at[0], 23);
		ck_assert_uint_gt(length, 0);
		ck_assert_uint_le(length, 16384 + 256);
		ck_assert_int_ge(end - at, 5 + (int)length);
		if (at[0] == 23) {
			size_t most = !direction ? 31 : strlen(expected);
			ck_assert_uint_ge(length, 17);
			ck_assert_mem_eq(at + 5, expected, length < most ? length : most);
			n++;
		}
		at += 5 + length;
	}
	return n;
}

START_TEST(test_tls_turns)
{
	const struct dialogue *d = make(443, 300, 1000, 3);

	ck_assert_int_eq(d->kind, DIALOGUE_TLS);
	ck_assert_uint_eq(d->n_opening, 2);
	ck_assert_uint_eq(d->n_turns, 8);
	ck_assert_ptr_eq(dialogue_message(d, 1), d->opening[1]);
	ck_assert_ptr_eq(dialogue_message(d, 2), d->first_request);
	ck_assert_ptr_eq(dialogue_message(d, 3), d->reply);
	ck_assert_ptr_eq(dialogue_message(d, 4), d->request);
	ck_assert_ptr_eq(dialogue_message(d, 7), d->reply);
	ck_assert_uint_eq(d->request->size_bytes, 300);
	ck_assert_uint_eq(d->first_request->size_bytes, 300 + 6 + 58);
	ck_assert_uint_eq(walk_records(d->opening[0], NULL), 0);
	ck_assert_uint_eq(walk_records(d->opening[1], NULL), 4);
	ck_assert_uint_eq(walk_records(d->first_request, NULL), 2);
	ck_assert_uint_eq(walk_records(d->request, "request"), 1);
	ck_assert_uint_eq(walk_records(d->bad_gateway, "bad-gateway"), 1);
	ck_assert_uint_eq(walk_records(make(443, 0, 0, 1)->reply, "reply"), 1);
	ck_assert_uint_eq(make(443, 0, 0, 1)->reply->size_bytes, 22);
}
END_TEST

START_TEST(test_tls_sizes)
{
	for (uint32_t k = 1; k <= 3; k++) {
		for (uint32_t more = 0; more < 46; more++) {
			uint32_t size = k * 16406 - 23 + more;
			const struct dialogue *d = make(443, 22 + more, size, 1);
			ck_assert_uint_eq(d->reply->size_bytes, size);
			ck_assert_uint_eq(d->request->size_bytes, 22 + more);
			walk_records(d->reply, "reply");
			walk_records(d->request, "request");
		}
	}
	const struct dialogue *d = make(443, 200, 5000000, 1);
	ck_assert_uint_eq(d->reply->size_bytes, 5000000);
	ck_assert_uint_eq(walk_records(d->reply, "reply"), 5000000 / 16406 + 1);
}
END_TEST

static bool contains(const struct payload *p, const char *what)
{
	look(p);
	return memmem(bytes, p->size_bytes, what, strlen(what));
}

START_TEST(test_tls_names_and_seeds)
{
	struct dialogue_config config = {"f", "192.0.2.7", 443, 100, 100, 1, 1};
	const struct dialogue *by_address = dialogue_new(arena, &config);
	config.server_name = "api.example.net";
	const struct dialogue *a = dialogue_new(arena, &config), *same = dialogue_new(arena, &config);
	config.seed = 2;
	const struct dialogue *b = dialogue_new(arena, &config);

	ck_assert(contains(a->opening[0], "api.example.net"));
	ck_assert(!contains(by_address->opening[0], "192.0.2.7")); /* RFC 6066 3 */
	ck_assert_uint_eq(by_address->opening[0]->size_bytes,
			  a->opening[0]->size_bytes - 9 - (uint32_t)strlen("api.example.net"));
	char first[4096];
	memcpy(first, look(a->opening[1]), a->opening[1]->size_bytes);
	ck_assert_mem_eq(first, look(same->opening[1]), a->opening[1]->size_bytes);
	ck_assert_mem_ne(first, look(b->opening[1]), a->opening[1]->size_bytes);
}
END_TEST

START_TEST(test_over_tcp)
{
	static const uint16_t ports[] = {7, 80, 443};

	for (size_t i = 0; i < 3; i++) {
		struct pair *pair = pair_new(1, 2);
		pair->dialogue = pair_dialogue(pair, ports[i], 500, 40000, 3);
		pair_connect(pair);
		pair_run(pair, INSTANT_NEVER);
		pair_assert_done(pair);
		pair_assert_faultless(pair);
		ck_assert_uint_eq(pair->end[0].turn, pair->dialogue->n_turns);
		ck_assert_uint_ge(pair->end[0].received_bytes, 120000);
		pair_free(pair);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("host/dialogue");
	TCase *c = tcase_create("dialogue");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_set_timeout(c, 30);
	tcase_add_test(c, test_text);
	tcase_add_test(c, test_one_way);
	tcase_add_test(c, test_http_get);
	tcase_add_test(c, test_http_sizes);
	tcase_add_test(c, test_http_replies);
	tcase_add_test(c, test_tls_turns);
	tcase_add_test(c, test_tls_sizes);
	tcase_add_test(c, test_tls_names_and_seeds);
	tcase_add_test(c, test_over_tcp);
	suite_add_tcase(s, c);
	return suite_run(s);
}
