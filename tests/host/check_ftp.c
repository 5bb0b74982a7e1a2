/* FTP's lines: their words, who answers what, and a whole session walked line by line as two ends would. */
#include "base/arena.h"
#include "host/ftp.h"
#include "suite.h"
#include <stdlib.h>
#include <string.h>

static struct arena *arena;

static void setup(void)
{
	arena = arena_new();
}

static void teardown(void)
{
	arena_free(arena);
}

static const char *text_of(const struct payload *payload)
{
	ck_assert_ptr_nonnull(payload);
	char *text = arena_alloc(arena, (size_t)payload->size_bytes + 1);
	ck_assert_ptr_nonnull(text);
	payload_copy(payload, 0, payload->size_bytes, (uint8_t *)text);
	return text;
}

static const struct ftp_script *make(uint32_t send_bytes, uint32_t reply_bytes, uint32_t rounds)
{
	const struct ftp_script *script = ftp_script_new(arena, &(struct dialogue_config){.flow = "deploy",
											  .send_bytes = send_bytes,
											  .reply_bytes = reply_bytes,
											  .rounds = rounds});
	ck_assert_ptr_nonnull(script);
	return script;
}

START_TEST(test_lines)
{
	const struct ftp_script *script = make(100, 200, 1);

	ck_assert_str_eq(text_of(script->line[FTP_READY]), "220 pktpath FTP, flow=deploy\r\n");
	ck_assert_str_eq(text_of(script->line[FTP_STOR]), "STOR deploy.txt\r\n");
	ck_assert_str_eq(text_of(script->line[FTP_PASV]), "PASV\r\n");
	ck_assert_str_eq(text_of(script->line[FTP_NO_DATA]), "425 Can't open data connection.\r\n");
	ck_assert_ptr_null(script->line[FTP_SILENCE]);
	ck_assert_ptr_null(script->line[FTP_PASSIVE]);
	ck_assert_ptr_null(script->line[FTP_ACTIVE]);
	for (enum ftp_line line = FTP_USER; line < FTP_LINE_COUNT; line++) {
		if (line == FTP_PASSIVE || line == FTP_ACTIVE)
			continue;
		/* RFC 959 4: a word, then a line's rest, then CRLF; a reply's word has three digits and a blank behind
		 * it. */
		const char *text = text_of(script->line[line]), *word = ftp_line_word(line);
		ck_assert_uint_eq(strcspn(text, "\r"), strlen(text) - 2);
		ck_assert_str_eq(text + strlen(text) - 2, "\r\n");
		ck_assert_int_eq(strncmp(text, word, strlen(word)), 0);
		ck_assert_uint_eq(strspn(word, "0123456789"), line >= FTP_READY ? 3 : 0);
		if (line >= FTP_READY)
			ck_assert_int_eq(text[3], ' ');
	}
	ck_assert_str_eq(ftp_line_word(FTP_SILENCE), "");
}
END_TEST

/* ---- lines that name an address and a port ---- */

START_TEST(test_named)
{
	struct ftp_lines *lines = NULL;
	const struct {
		enum ftp_line line;
		uint32_t addr;
		uint16_t port;
		const char *text;
	} named[] = {
		{FTP_PASSIVE, 0xc0170102, 10001, "227 Entering Passive Mode (192,23,1,2,39,17).\r\n"},
		{FTP_PASSIVE, 0xffffffff, 65535, "227 Entering Passive Mode (255,255,255,255,255,255).\r\n"},
		{FTP_PASSIVE, 0x0a000001, 256, "227 Entering Passive Mode (10,0,0,1,1,0).\r\n"},
		{FTP_ACTIVE, 0xc0a80102, 49153, "PORT 192,168,1,2,192,1\r\n"},
		{FTP_ACTIVE, 0x01020304, 7, "PORT 1,2,3,4,0,7\r\n"},
	};
	for (size_t i = 0; i < sizeof named / sizeof *named; i++) {
		const struct payload *payload =
			ftp_lines_get(&lines, arena, named[i].line, be32_from(named[i].addr), named[i].port);
		const char *text = text_of(payload);
		struct ftp_named read;
		ck_assert_str_eq(text, named[i].text);
		ck_assert(ftp_read_named((const uint8_t *)text, strlen(text), &read));
		ck_assert_int_eq(read.line, named[i].line);
		ck_assert_uint_eq(be32_to(read.addr), named[i].addr);
		ck_assert_uint_eq(read.port, named[i].port);
		/* Made once. */
		ck_assert_ptr_eq(payload,
				 ftp_lines_get(&lines, arena, named[i].line, be32_from(named[i].addr), named[i].port));
	}
}
END_TEST

START_TEST(test_named_many)
{
	struct ftp_lines *lines = NULL;
	static const struct payload *payloads[5000];
	for (int pass = 0; pass < 2; pass++)
		for (uint16_t i = 0; i < 5000; i++) {
			const struct payload *payload =
				ftp_lines_get(&lines, arena, FTP_ACTIVE, be32_from(0xc0a80102), (uint16_t)(40000 + i));
			ck_assert_ptr_nonnull(payload);
			ck_assert(pass == 0 || payload == payloads[i]);
			payloads[i] = payload;
		}
}
END_TEST

/* What is no whole line of an end that names an address, as RFC 959 4.1.2 has it. */
START_TEST(test_named_not)
{
	static const char *const texts[] = {
		"PORT 192,168,1,2,192,1",        /* no end */
		"PORT 192,168,1,2,192\r\n",      /* five numbers */
		"PORT 192,168,1,2,192,1,7\r\n",  /* seven */
		"PORT 192,168,1,256,192,1\r\n",  /* no byte */
		"PORT 192,168,1,2,1000,1\r\n",   /* four digits */
		"PORT 192,168,1,,192,1\r\n",     /* none */
		"PORT\r\n",                      /* nothing */
		"PORTS 192,168,1,2,192,1\r\n",   /* another word */
		"STOR 192,168,1,2,192,1\r\n",    /* a file of that name */
		"227 Entering Passive Mode\r\n", /* no numbers */
		"227 (192,168,1,2,192,1\r\n",    /* not closed */
		"226 (192,168,1,2,192,1)\r\n",   /* another reply */
		"",
	};
	struct ftp_named read;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		ck_assert_msg(!ftp_read_named((const uint8_t *)texts[i], strlen(texts[i]), &read), "%s", texts[i]);
	ck_assert(ftp_read_named((const uint8_t *)"port 1,2,3,4,5,6\r\n", 18, &read)); /* in small letters, too */
}
END_TEST

/* A NAT puts other numbers into the line and leaves the rest of it. */
START_TEST(test_renamed)
{
	static const struct {
		const char *before, *after;
	} lines[] = {
		{"PORT 10,0,0,2,4,1\r\n", "PORT 203,0,113,100,195,80\r\n"},
		{"port 192,168,100,200,200,200\r\n", "port 203,0,113,100,195,80\r\n"},
		{"227 Entering Passive Mode (10,0,0,2,4,1).\r\n",
		 "227 Entering Passive Mode (203,0,113,100,195,80).\r\n"},
		{"227 ok (10,0,0,2,4,1)\r\n", "227 ok (203,0,113,100,195,80)\r\n"},
	};
	struct ftp_lines *kept = NULL;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct ftp_named read;
		const uint8_t *text = (const uint8_t *)lines[i].before;
		ck_assert(ftp_read_named(text, strlen(lines[i].before), &read));
		const struct payload *payload = ftp_lines_renamed(&kept, arena, text, strlen(lines[i].before), &read,
								  be32_from(0xcb007164), 50000);
		ck_assert_str_eq(text_of(payload), lines[i].after);
	}
}
END_TEST

START_TEST(test_transfers)
{
	const struct ftp_script *both = make(100, 200, 3), *up = make(100, 0, 3), *down = make(0, 200, 3),
				*none = make(0, 0, 3);

	ck_assert_uint_eq(both->n_transfers, 6);
	for (uint32_t i = 0; i < 6; i++)
		ck_assert_int_eq(ftp_transfer(both, i), i % 2 == 0 ? FTP_STOR : FTP_RETR);
	ck_assert_uint_eq(up->n_transfers, 3);
	ck_assert_int_eq(ftp_transfer(up, 1), FTP_STOR);
	ck_assert_ptr_null(up->download);
	ck_assert_uint_eq(down->n_transfers, 3);
	ck_assert_int_eq(ftp_transfer(down, 0), FTP_RETR);
	ck_assert_ptr_null(down->upload);
	ck_assert_uint_eq(none->n_transfers, 0);
	ck_assert_uint_eq(both->upload->size_bytes, 100);
	ck_assert_uint_eq(both->download->size_bytes, 200);
	ck_assert_ptr_nonnull(strstr(text_of(both->upload), "flow=deploy dir=upload\n"));
	ck_assert_ptr_nonnull(strstr(text_of(both->download), "flow=deploy dir=download\n"));
}
END_TEST

/* From the greeting on, each line calls for the next; where it does not, the test decides as an end would. */
START_TEST(test_session)
{
	static const enum ftp_line said[] = {FTP_READY,   FTP_USER,     FTP_NEED_PASSWORD, FTP_PASS,    FTP_LOGGED_IN,
					     FTP_TYPE,    FTP_BINARY,   FTP_PASV,          FTP_PASSIVE, FTP_STOR,
					     FTP_OPENING, FTP_COMPLETE, FTP_PASV,          FTP_PASSIVE, FTP_RETR,
					     FTP_OPENING, FTP_COMPLETE, FTP_QUIT,          FTP_GOODBYE};
	const struct ftp_script *script = make(100, 200, 1);
	uint32_t n_done = 0;
	enum ftp_line line = FTP_READY;

	for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
		ck_assert_str_eq(ftp_line_word(line), ftp_line_word(said[i]));
		enum ftp_line next = ftp_after(line);
		if (line == FTP_BINARY)
			next = FTP_PASV;
		else if (line == FTP_PASSIVE)
			next = ftp_transfer(script, n_done);
		else if (line == FTP_OPENING)
			next = FTP_COMPLETE;
		else if (line == FTP_COMPLETE)
			next = ++n_done == script->n_transfers ? FTP_QUIT : FTP_PASV;
		else if (line != FTP_GOODBYE)
			ck_assert_int_ne(next, FTP_SILENCE);
		line = next;
	}
	ck_assert_int_eq(line, FTP_SILENCE);
	ck_assert_int_eq(ftp_after(FTP_NO_DATA), FTP_QUIT);
	ck_assert_int_eq(ftp_after(FTP_ABORTED), FTP_QUIT);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("host/ftp");
	TCase *c = tcase_create("ftp");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, test_lines);
	tcase_add_test(c, test_named);
	tcase_add_test(c, test_named_many);
	tcase_add_test(c, test_named_not);
	tcase_add_test(c, test_renamed);
	tcase_add_test(c, test_transfers);
	tcase_add_test(c, test_session);
	suite_add_tcase(s, c);
	return suite_run(s);
}
