/* FTP's lines: their words, who answers what, and a whole session walked line by line as two ends would. */
#include "base/arena.h"
#include "host/ftp.h"
#include <check.h>
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
	for (enum ftp_line line = FTP_USER; line < FTP_LINE_COUNT; line++) {
		if (line == FTP_PASSIVE)
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

START_TEST(test_passive)
{
	ck_assert_str_eq(text_of(ftp_passive_line(arena, be32_from(0xc0170102), 10001)),
			 "227 Entering Passive Mode (192,23,1,2,39,17).\r\n");
	ck_assert_str_eq(text_of(ftp_passive_line(arena, be32_from(0xffffffff), 65535)),
			 "227 Entering Passive Mode (255,255,255,255,255,255).\r\n");
	ck_assert_str_eq(text_of(ftp_passive_line(arena, be32_from(0x0a000001), 256)),
			 "227 Entering Passive Mode (10,0,0,1,1,0).\r\n");
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
	tcase_add_test(c, test_passive);
	tcase_add_test(c, test_transfers);
	tcase_add_test(c, test_session);
	suite_add_tcase(s, c);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int n_failed = srunner_ntests_failed(r);
	srunner_free(r);
	return n_failed > 0;
}
