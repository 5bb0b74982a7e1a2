/* Records in the shape of TLS 1.3 (RFC 8446): a handshake that is well-formed where it is in the clear, and noise where
 * it would be encrypted.
 *
 * DOC: nothing is encrypted, there are no keys. A turn is a message:
 *   0  ClientHello                                   (handshake record, version 3.1 as RFC 8446 5.1 has it for this
 *   one) 1  ServerHello, ChangeCipherSpec, and the server's flight: EncryptedExtensions, Certificate,
 *   CertificateVerify, Finished,
 *      a record each, as application data of their usual sizes
 *   2  ChangeCipherSpec (compatibility mode, D.4), the client's Finished, then the first request
 *   3  the reply, and so on
 * An application data record is at least 22 bytes long: header, a content type, a tag of 16. Messages above 16 kB are
 * full records (16384 bytes of content), which the payload repeats. "Ciphertext" begins with the flow's name for
 * the one that looks at it, and is random from there. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/random.h"
#include "host/dialogue_internal.h"
#include <errno.h>
#include <string.h>

#define RECORD_HEADER_BYTES 5u
#define OVERHEAD_BYTES 17u /* inner content type and AEAD tag */
#define LEAST_RECORD_BYTES (RECORD_HEADER_BYTES + OVERHEAD_BYTES)
#define FULL_RECORD_BYTES (RECORD_HEADER_BYTES + 16384u + OVERHEAD_BYTES)
#define SECRET_BYTES 32u /* random, session id, x25519 key */
#define FINISHED_BYTES (RECORD_HEADER_BYTES + 36 + OVERHEAD_BYTES)
#define BAD_GATEWAY_BYTES 256

enum content_type { CONTENT_CHANGE_CIPHER_SPEC = 20, CONTENT_HANDSHAKE = 22, CONTENT_APPLICATION_DATA = 23 };
enum handshake_type { HANDSHAKE_CLIENT_HELLO = 1, HANDSHAKE_SERVER_HELLO = 2 };
enum extension {
	EXTENSION_SERVER_NAME = 0,
	EXTENSION_SUPPORTED_GROUPS = 10,
	EXTENSION_SIGNATURE_ALGORITHMS = 13,
	EXTENSION_ALPN = 16,
	EXTENSION_SUPPORTED_VERSIONS = 43,
	EXTENSION_PSK_MODES = 45,
	EXTENSION_KEY_SHARE = 51,
};
/* What a random string is for; each is another stream of the flow's seed. */
enum purpose {
	FOR_CLIENT_RANDOM,
	FOR_SERVER_RANDOM,
	FOR_SESSION,
	FOR_CLIENT_KEY,
	FOR_SERVER_KEY,
	FOR_SERVER_FLIGHT,
	FOR_CLIENT_FINISHED,
	FOR_REQUEST,
	FOR_REPLY,
	FOR_BAD_GATEWAY
};
#define TLS_1_0 0x0301
#define TLS_1_2 0x0303
#define TLS_1_3 0x0304
#define X25519 0x001d
#define SECP256R1 0x0017
#define TLS_AES_128_GCM_SHA256 0x1301

static void put8(struct buf *b, unsigned x)
{
	buf_putc(b, (char)(uint8_t)x);
}

static void put16(struct buf *b, unsigned x)
{
	put8(b, x >> 8);
	put8(b, x);
}

/* Leaves room for a length of `width` bytes; patch() fills in how much has followed. */
static size_t open_length(struct buf *b, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		put8(b, 0);
	return b->size_bytes;
}

static void close_length(struct buf *b, size_t start, unsigned width)
{
	size_t length = b->size_bytes - start;

	if (buf_failed(b))
		return;
	for (unsigned i = 1; i <= width; i++, length >>= 8)
		b->data[start - i] = (uint8_t)length;
}

static void put_random(struct buf *b, uint64_t seed, enum purpose purpose, uint64_t nonce, size_t size_bytes)
{
	uint64_t stream = random_join(random_join(seed, (uint64_t)purpose), nonce);
	uint8_t block[8];

	for (size_t i = 0; i < size_bytes; i += sizeof block) {
		uint64_t x = random_mix(stream + i);
		for (size_t k = 0; k < sizeof block; k++)
			block[k] = (uint8_t)(x >> (8 * k));
		buf_append(b, block, size_bytes - i < sizeof block ? size_bytes - i : sizeof block);
	}
}

/* One application data record, `record_bytes` with its header. */
static void put_record(struct buf *b, const struct dialogue_config *config, const char *direction, enum purpose purpose,
		       uint64_t nonce, size_t record_bytes)
{
	put8(b, CONTENT_APPLICATION_DATA);
	put16(b, TLS_1_2);
	put16(b, (unsigned)(record_bytes - RECORD_HEADER_BYTES));
	size_t end = b->size_bytes + record_bytes - RECORD_HEADER_BYTES;
	buf_printf(b, "pktpath flow=%s dir=%s ", config->flow, direction);
	if (buf_failed(b))
		return;
	if (b->size_bytes < end)
		put_random(b, config->seed, purpose, nonce, end - b->size_bytes);
	else
		b->size_bytes = end; /* a short record: as much of the name as it holds */
}

static void put_change_cipher_spec(struct buf *b)
{
	put8(b, CONTENT_CHANGE_CIPHER_SPEC);
	put16(b, TLS_1_2);
	put16(b, 1);
	put8(b, 1);
}

static void put_server_name(struct buf *b, const char *name)
{
	put16(b, EXTENSION_SERVER_NAME);
	size_t extension = open_length(b, 2);
	size_t list = open_length(b, 2);
	put8(b, 0); /* host_name */
	size_t text = open_length(b, 2);
	buf_append(b, name, strlen(name));
	close_length(b, text, 2);
	close_length(b, list, 2);
	close_length(b, extension, 2);
}

static void put_alpn(struct buf *b, const char *protocol)
{
	put16(b, EXTENSION_ALPN);
	size_t extension = open_length(b, 2);
	size_t list = open_length(b, 2);
	size_t text = open_length(b, 1);
	buf_append(b, protocol, strlen(protocol));
	close_length(b, text, 1);
	close_length(b, list, 2);
	close_length(b, extension, 2);
}

/* An extension that is a list of numbers of two bytes; `width`: of the list's own length. */
static void put_list(struct buf *b, enum extension type, unsigned width, const uint16_t *items, size_t n)
{
	put16(b, (unsigned)type);
	size_t extension = open_length(b, 2);
	size_t list = open_length(b, width);
	for (size_t i = 0; i < n; i++)
		put16(b, items[i]);
	close_length(b, list, width);
	close_length(b, extension, 2);
}

static void put_key_share(struct buf *b, const struct dialogue_config *config, bool client)
{
	put16(b, EXTENSION_KEY_SHARE);
	size_t extension = open_length(b, 2);
	size_t list = client ? open_length(b, 2) : 0;
	put16(b, X25519);
	put16(b, SECRET_BYTES);
	put_random(b, config->seed, client ? FOR_CLIENT_KEY : FOR_SERVER_KEY, 0, SECRET_BYTES);
	if (client)
		close_length(b, list, 2);
	close_length(b, extension, 2);
}

static void put_client_extensions(struct buf *b, const struct dialogue_config *config)
{
	static const uint16_t groups[] = {X25519, SECP256R1};
	static const uint16_t signatures[] = {0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601};
	static const uint16_t versions[] = {TLS_1_3, TLS_1_2};
	be32 addr;

	if (!addr_parse(config->server_name, &addr)) /* RFC 6066 3: addresses are not permitted */
		put_server_name(b, config->server_name);
	put_list(b, EXTENSION_SUPPORTED_GROUPS, 2, groups, sizeof groups / sizeof *groups);
	put_list(b, EXTENSION_SIGNATURE_ALGORITHMS, 2, signatures, sizeof signatures / sizeof *signatures);
	put_alpn(b, "http/1.1");
	put_list(b, EXTENSION_SUPPORTED_VERSIONS, 1, versions, sizeof versions / sizeof *versions);
	put16(b, EXTENSION_PSK_MODES);
	put16(b, 2);
	put8(b, 1); /* one mode: */
	put8(b, 1); /* PSK with (EC)DHE */
	put_key_share(b, config, true);
}

static void put_client_hello(struct buf *b, const struct dialogue_config *config)
{
	put8(b, CONTENT_HANDSHAKE);
	put16(b, TLS_1_0);
	size_t record = open_length(b, 2);
	put8(b, HANDSHAKE_CLIENT_HELLO);
	size_t hello = open_length(b, 3);
	put16(b, TLS_1_2);
	put_random(b, config->seed, FOR_CLIENT_RANDOM, 0, SECRET_BYTES);
	put8(b, SECRET_BYTES);
	put_random(b, config->seed, FOR_SESSION, 0, SECRET_BYTES);
	put16(b, 3 * 2);
	put16(b, TLS_AES_128_GCM_SHA256);
	put16(b, 0x1302); /* AES 256 GCM SHA384 */
	put16(b, 0x1303); /* CHACHA20 POLY1305 SHA256 */
	put8(b, 1);       /* compression methods: */
	put8(b, 0);       /* none */
	size_t extensions = open_length(b, 2);
	put_client_extensions(b, config);
	close_length(b, extensions, 2);
	close_length(b, hello, 3);
	close_length(b, record, 2);
}

static void put_server_hello(struct buf *b, const struct dialogue_config *config)
{
	put8(b, CONTENT_HANDSHAKE);
	put16(b, TLS_1_2);
	size_t record = open_length(b, 2);
	put8(b, HANDSHAKE_SERVER_HELLO);
	size_t hello = open_length(b, 3);
	put16(b, TLS_1_2);
	put_random(b, config->seed, FOR_SERVER_RANDOM, 0, SECRET_BYTES);
	put8(b, SECRET_BYTES);
	put_random(b, config->seed, FOR_SESSION, 0, SECRET_BYTES); /* echoes the client's (4.1.3) */
	put16(b, TLS_AES_128_GCM_SHA256);
	put8(b, 0);
	size_t extensions = open_length(b, 2);
	put16(b, EXTENSION_SUPPORTED_VERSIONS);
	put16(b, 2);
	put16(b, TLS_1_3);
	put_key_share(b, config, false);
	close_length(b, extensions, 2);
	close_length(b, hello, 3);
	close_length(b, record, 2);
}

static void put_server_flight(struct buf *b, const struct dialogue_config *config)
{
	/* EncryptedExtensions with ALPN, a chain of two certificates, an RSA-2048 signature, an HMAC-SHA256. */
	static const struct {
		const char *direction;
		uint16_t content_bytes;
	} flight[] = {
		{"encrypted-extensions", 23}, {"certificate", 2350}, {"certificate-verify", 264}, {"finished", 36}};

	put_server_hello(b, config);
	put_change_cipher_spec(b);
	for (size_t i = 0; i < sizeof flight / sizeof *flight; i++)
		put_record(b, config, flight[i].direction, FOR_SERVER_FLIGHT, i,
			   LEAST_RECORD_BYTES + (size_t)flight[i].content_bytes);
}

/* What `b` holds, as a payload; empties `b`. */
static const struct payload *take(struct arena *arena, struct buf *b)
{
	const struct payload *p =
		buf_failed(b) ? NULL : payload_new(arena, b->data, b->size_bytes, NULL, 0, 0, NULL, 0);

	buf_clear(b);
	return p;
}

/* `head`, then records of `total_bytes` together. */
static const struct payload *records(struct arena *arena, const struct dialogue_config *config, const struct buf *head,
				     const char *direction, enum purpose purpose, uint32_t total_bytes)
{
	struct buf cycle = {0}, tail = {0};
	const struct payload *p = NULL;

	if (total_bytes < LEAST_RECORD_BYTES)
		total_bytes = LEAST_RECORD_BYTES;
	uint32_t repeat = total_bytes / FULL_RECORD_BYTES, rest = total_bytes % FULL_RECORD_BYTES;
	if (rest > 0 && rest < LEAST_RECORD_BYTES) {
		/* Too short for a record: the last full one shares with it. */
		repeat--;
		rest += FULL_RECORD_BYTES;
		put_record(&tail, config, direction, purpose, 2, rest / 2);
		rest -= rest / 2;
	}
	if (rest > 0)
		put_record(&tail, config, direction, purpose, 1, rest);
	if (repeat > 0)
		put_record(&cycle, config, direction, purpose, 0, FULL_RECORD_BYTES);
	if (!buf_failed(&cycle) && !buf_failed(&tail) && (!head || !buf_failed(head)))
		p = payload_new(arena, !head ? NULL : head->data, !head ? 0 : head->size_bytes, cycle.data,
				cycle.size_bytes, repeat, tail.data, tail.size_bytes);
	buf_free(&cycle);
	buf_free(&tail);
	return p;
}

int tls_fill(struct arena *arena, const struct dialogue_config *config, struct dialogue *d)
{
	struct buf b = {0};

	put_client_hello(&b, config);
	d->opening[0] = take(arena, &b);
	put_server_flight(&b, config);
	d->opening[1] = take(arena, &b);
	put_change_cipher_spec(&b);
	put_record(&b, config, "finished", FOR_CLIENT_FINISHED, 0, FINISHED_BYTES);
	d->first_request = records(arena, config, &b, "request", FOR_REQUEST, config->send_bytes);
	buf_free(&b);
	d->request = records(arena, config, NULL, "request", FOR_REQUEST, config->send_bytes);
	d->reply = records(arena, config, NULL, "reply", FOR_REPLY, config->reply_bytes);
	d->bad_gateway = records(arena, config, NULL, "bad-gateway", FOR_BAD_GATEWAY, BAD_GATEWAY_BYTES);
	return !d->opening[0] || !d->opening[1] || !d->first_request || !d->request || !d->reply || !d->bad_gateway
		       ? -ENOMEM
		       : 0;
}
