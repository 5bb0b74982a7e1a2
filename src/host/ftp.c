/* DOC: the lines of FTP. Those that do not name an address are made once a flow and shared by its connections. The file
 * that is stored and retrieved has the flow's name, and so has the greeting; the data are readable text that names the
 * flow in every segment, as everywhere.
 */
#include "host/ftp.h"
#include "base/arena.h"
#include "host/dialogue_internal.h"
#include <string.h>

/* %s stands for the flow's name. */
static const struct {
	const char *word, *rest;
	enum ftp_line then; /* what the other end says to it */
} lines[] = {
	[FTP_SILENCE] = {"", NULL, FTP_SILENCE},
	[FTP_USER] = {"USER", " pktpath", FTP_NEED_PASSWORD},
	[FTP_PASS] = {"PASS", " pktpath", FTP_LOGGED_IN},
	[FTP_TYPE] = {"TYPE", " I", FTP_BINARY},
	[FTP_PASV] = {"PASV", "", FTP_PASSIVE},
	[FTP_ACTIVE] = {"PORT", NULL, FTP_PORT_TAKEN},
	[FTP_STOR] = {"STOR", " %s.txt", FTP_OPENING},
	[FTP_RETR] = {"RETR", " %s.txt", FTP_OPENING},
	[FTP_QUIT] = {"QUIT", "", FTP_GOODBYE},
	[FTP_READY] = {"220", " pktpath FTP, flow=%s", FTP_USER},
	[FTP_NEED_PASSWORD] = {"331", " Password required for pktpath.", FTP_PASS},
	[FTP_LOGGED_IN] = {"230", " User pktpath logged in.", FTP_TYPE},
	[FTP_BINARY] = {"200", " Type set to I.",
			FTP_SILENCE},               /* PASV or PORT, or QUIT where there is nothing to transfer */
	[FTP_PASSIVE] = {"227", NULL, FTP_SILENCE}, /* STOR or RETR, once the data connection is open */
	[FTP_PORT_TAKEN] = {"200", " PORT command successful.", FTP_SILENCE}, /* STOR or RETR */
	[FTP_OPENING] = {"150", " Opening BINARY mode data connection for %s.txt.", FTP_SILENCE},
	[FTP_COMPLETE] = {"226", " Transfer complete.", FTP_SILENCE}, /* the next PASV or PORT, or the end */
	[FTP_NO_DATA] = {"425", " Can't open data connection.", FTP_QUIT},
	[FTP_ABORTED] = {"426", " Connection closed; transfer aborted.", FTP_QUIT},
	[FTP_GOODBYE] = {"221", " Goodbye.", FTP_SILENCE},
};
_Static_assert(sizeof lines / sizeof *lines == FTP_LINE_COUNT, "a text for each line");

const char *ftp_line_word(enum ftp_line line)
{
	return lines[line].word;
}

enum ftp_line ftp_after(enum ftp_line line)
{
	return lines[line].then;
}

static const struct payload *line_payload(struct arena *arena, const char *text)
{
	return !text ? NULL : payload_new(arena, text, strlen(text), NULL, 0, 0, NULL, 0);
}

static const struct payload *line_of_flow(struct arena *arena, enum ftp_line line, const char *flow)
{
	const char *rest = lines[line].rest, *name = strstr(rest, "%s");

	if (!name)
		return line_payload(arena, arena_printf(arena, "%s%s\r\n", lines[line].word, rest));
	return line_payload(arena, arena_printf(arena, "%s%.*s%s%s\r\n", lines[line].word, (int)(name - rest), rest,
						flow, name + strlen("%s")));
}

const struct ftp_script *ftp_script_new(struct arena *arena, const struct dialogue_config *config)
{
	struct ftp_script *script = arena_alloc(arena, sizeof *script);

	if (!script)
		return NULL;
	for (enum ftp_line line = FTP_SILENCE; line < FTP_LINE_COUNT; line++) {
		if (!lines[line].rest)
			continue;
		script->line[line] = line_of_flow(arena, line, config->flow);
		if (!script->line[line])
			return NULL;
	}
	if (config->send_bytes > 0)
		script->upload = text_payload(arena, config->flow, "upload", config->send_bytes);
	if (config->reply_bytes > 0)
		script->download = text_payload(arena, config->flow, "download", config->reply_bytes);
	if ((config->send_bytes > 0 && !script->upload) || (config->reply_bytes > 0 && !script->download))
		return NULL;
	script->per_round = (script->upload ? 1u : 0u) + (script->download ? 1u : 0u);
	script->n_transfers = script->per_round * config->rounds;
	return script;
}

enum ftp_line ftp_transfer(const struct ftp_script *script, uint32_t n)
{
	if (!script->upload)
		return FTP_RETR;
	return script->download && n % 2 == 1 ? FTP_RETR : FTP_STOR;
}
