/* TLS messages taken apart as RFC 8446 lays them out: every length is that of what follows, every extension what a
 * client and a server of 1.3 say. */
#include "base/arena.h"
#include "host/dialogue.h"
#include "suite.h"
#include <stdlib.h>
#include <string.h>

static struct arena *arena;
static uint8_t bytes[70000];

static void setup(void)
{
	arena = arena_new();
}

static void teardown(void)
{
	arena_free(arena);
}

/* What is left to read; reading beyond it fails. */
struct view {
	const uint8_t *at;
	size_t n;
};

static struct view take(struct view *v, size_t n)
{
	ck_assert_uint_le(n, v->n);
	struct view piece = {v->at, n};
	v->at += n;
	v->n -= n;
	return piece;
}

static unsigned number(struct view *v, size_t width)
{
	struct view piece = take(v, width);
	unsigned x = 0;
	for (size_t i = 0; i < width; i++)
		x = x << 8 | piece.at[i];
	return x;
}

/* A vector (3.4): its length in `width` bytes, then that much. */
static struct view vector(struct view *v, size_t width)
{
	return take(v, number(v, width));
}

static struct view message(const struct payload *p)
{
	ck_assert_ptr_nonnull(p);
	ck_assert_uint_le(p->size_bytes, sizeof bytes);
	payload_copy(p, 0, p->size_bytes, bytes);
	return (struct view){bytes, p->size_bytes};
}

static struct view record(struct view *v, unsigned type, unsigned version)
{
	ck_assert_uint_eq(number(v, 1), type);
	ck_assert_uint_eq(number(v, 2), version);
	struct view body = vector(v, 2);
	ck_assert_uint_gt(body.n, 0);
	ck_assert_uint_le(body.n, (1u << 14) + 256); /* 5.2 */
	return body;
}

/* One handshake message, alone in its record. */
static struct view handshake(struct view body, unsigned type)
{
	ck_assert_uint_eq(number(&body, 1), type);
	struct view inner = vector(&body, 3);
	ck_assert_uint_eq(body.n, 0);
	return inner;
}

static struct view extension(struct view all, unsigned wanted)
{
	struct view found = {NULL, 0};
	unsigned n = 0;
	while (all.n > 0) {
		unsigned type = number(&all, 2);
		struct view body = vector(&all, 2);
		if (type == wanted) {
			found = body;
			n++;
		}
	}
	ck_assert_uint_le(n, 1); /* 4.2: none twice */
	return found;
}

static bool list_has(struct view list, unsigned wanted)
{
	bool has = false;
	ck_assert_uint_eq(list.n % 2, 0);
	while (list.n > 0)
		has |= number(&list, 2) == wanted;
	return has;
}

static const struct dialogue *make(const char *server_name, uint32_t send_bytes, uint32_t reply_bytes)
{
	struct dialogue_config config = {"call-internet", server_name, 443, send_bytes, reply_bytes, 2, 99};
	const struct dialogue *d = dialogue_new(arena, &config);
	ck_assert_ptr_nonnull(d);
	return d;
}

static void assert_key(struct view share)
{
	ck_assert_uint_eq(number(&share, 2), 0x001d); /* x25519: 32 bytes (RFC 7748 6.1) */
	ck_assert_uint_eq(vector(&share, 2).n, 32);
	ck_assert_uint_eq(share.n, 0);
}

/* 4.1.2. */
START_TEST(test_client_hello)
{
	const struct dialogue *d = make("api.example.net", 300, 1000);
	struct view all = message(d->opening[0]), hello = handshake(record(&all, 22, 0x0301), 1);
	ck_assert_uint_eq(all.n, 0);
	ck_assert_uint_eq(number(&hello, 2), 0x0303);
	(void)take(&hello, 32);
	struct view id = vector(&hello, 1);
	ck_assert_uint_eq(id.n, 32);                    /* D.4: compatibility mode */
	ck_assert(list_has(vector(&hello, 2), 0x1301)); /* 9.1: MUST be implemented */
	struct view compression = vector(&hello, 1);
	ck_assert(compression.n == 1 && compression.at[0] == 0);
	struct view extensions = vector(&hello, 2);
	ck_assert_uint_eq(hello.n, 0);

	struct view name = extension(extensions, 0), names = vector(&name, 2); /* RFC 6066 3 */
	ck_assert_uint_eq(name.n, 0);
	ck_assert_uint_eq(number(&names, 1), 0);
	struct view host = vector(&names, 2);
	ck_assert_uint_eq(names.n, 0);
	ck_assert_uint_eq(host.n, strlen("api.example.net"));
	ck_assert_mem_eq(host.at, "api.example.net", host.n);

	struct view versions = extension(extensions, 43);
	ck_assert(list_has(vector(&versions, 1), 0x0304));
	ck_assert_uint_eq(versions.n, 0);
	struct view groups = extension(extensions, 10);
	ck_assert(list_has(vector(&groups, 2), 0x001d));
	struct view signatures = extension(extensions, 13);
	struct view schemes = vector(&signatures, 2);
	ck_assert(list_has(schemes, 0x0403) && list_has(schemes, 0x0804) && list_has(schemes, 0x0401)); /* 9.1 */
	struct view shares = extension(extensions, 51);
	assert_key(vector(&shares, 2));
	ck_assert_uint_eq(shares.n, 0);
	struct view modes = extension(extensions, 45);
	ck_assert_uint_eq(vector(&modes, 1).n, 1);
	struct view alpn = extension(extensions, 16), protocols = vector(&alpn, 2),
		    protocol = vector(&protocols, 1); /* RFC 7301 3.1 */
	ck_assert_uint_eq(protocols.n, 0);
	ck_assert_uint_eq(protocol.n, 8);
	ck_assert_mem_eq(protocol.at, "http/1.1", 8);
}
END_TEST

/* RFC 6066 3: an address is no host name; without one there is no such extension. */
START_TEST(test_address_has_no_name)
{
	struct view all = message(make("203.0.113.10", 1, 1)->opening[0]),
		    hello = handshake(record(&all, 22, 0x0301), 1);
	(void)take(&hello, 2 + 32);
	(void)vector(&hello, 1);
	(void)vector(&hello, 2);
	(void)vector(&hello, 1);
	struct view extensions = vector(&hello, 2);
	ck_assert_ptr_null(extension(extensions, 0).at);
	ck_assert_ptr_nonnull(extension(extensions, 43).at);
}
END_TEST

/* 4.1.3, and the records behind it. */
START_TEST(test_server_flight)
{
	const struct dialogue *d = make("api.example.net", 300, 1000);
	struct view first = message(d->opening[0]), client = handshake(record(&first, 22, 0x0301), 1);
	(void)take(&client, 2 + 32);
	uint8_t session[32]; /* the next message takes the place of this one */
	memcpy(session, vector(&client, 1).at, 32);
	struct view all = message(d->opening[1]), hello = handshake(record(&all, 22, 0x0303), 2);
	ck_assert_uint_eq(number(&hello, 2), 0x0303);
	(void)take(&hello, 32);
	struct view id = vector(&hello, 1);
	ck_assert_uint_eq(id.n, 32);
	ck_assert_mem_eq(id.at, session, 32); /* echoes the client's */
	ck_assert_uint_eq(number(&hello, 2), 0x1301);
	ck_assert_uint_eq(number(&hello, 1), 0);
	struct view extensions = vector(&hello, 2);
	ck_assert_uint_eq(hello.n, 0);
	struct view version = extension(extensions, 43);
	ck_assert_uint_eq(version.n, 2);
	ck_assert_uint_eq(number(&version, 2), 0x0304);
	assert_key(extension(extensions, 51));
	ck_assert_ptr_null(extension(extensions, 0).at); /* the rest is encrypted */

	struct view change = record(&all, 20, 0x0303);
	ck_assert(change.n == 1 && change.at[0] == 1);
	for (int i = 0; i < 4;
	     i++) /* EncryptedExtensions, Certificate, CertificateVerify, Finished: each with a tag and a type inside */
		ck_assert_uint_gt(record(&all, 23, 0x0303).n, 17 + 4);
	ck_assert_uint_eq(all.n, 0);
}
END_TEST

/* ChangeCipherSpec, Finished of SHA-256 (4 + 32 bytes, a type, a tag), then what was to be said. */
START_TEST(test_first_request)
{
	const struct dialogue *d = make("api.example.net", 300, 1000);
	struct view all = message(d->first_request), change = record(&all, 20, 0x0303);
	ck_assert(change.n == 1 && change.at[0] == 1);
	ck_assert_uint_eq(record(&all, 23, 0x0303).n, 4 + 32 + 1 + 16);
	ck_assert_uint_eq(all.n, 300);
	(void)record(&all, 23, 0x0303);
	ck_assert_uint_eq(all.n, 0);
}
END_TEST

/* Sizes are the records', headers included; none is too short to be one, however the bytes fall. */
START_TEST(test_any_size_is_whole_records)
{
	for (uint32_t size = 0; size < 66000;
	     size += size < 100 || (size > 16300 && size < 16500) || (size > 32700 && size < 32900) ? 1 : 331) {
		struct view all = message(make("a.example", 1, size)->reply);
		ck_assert_uint_eq(all.n, size < 22 ? 22 : size);
		while (all.n > 0)
			ck_assert_uint_ge(record(&all, 23, 0x0303).n, 17); /* a content type and a tag at least */
	}
}
END_TEST

int main(void)
{
	TCase *tc;
	Suite *suite = suite_of("host/tls", &tc);
	tcase_set_timeout(tc, 30);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_client_hello);
	tcase_add_test(tc, test_address_has_no_name);
	tcase_add_test(tc, test_server_flight);
	tcase_add_test(tc, test_first_request);
	tcase_add_test(tc, test_any_size_is_whole_records);
	return suite_run(suite);
}
