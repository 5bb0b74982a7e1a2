/* What an earlier run wrote, so that a file which the present run does not write does not stay behind and mislead.
 *
 * DOC: the list counts only where the file says that it is a report of pktpath; any program may write a report.json. A
 * report begins with the marker and the list, so that of 50 MB the first block is enough. Reports of 0.1.0 have no
 * marker and the list at their end: these are read whole, value by value and without a tree, and count where they have
 * each member that such a report has and no other. Nothing here is an error but short memory. */
#include "out/manifest.h"
#include "base/buf.h"
#include "out/report.h"
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK_BYTES 65536u
#define MAX_DEPTH 64u

/* The members of a report of 0.1.0. */
static const char *const members[] = {"report",   "program",      "scenario", "simulated_ns", "result",
				      "counts",   "expectations", "flows",    "nats",         "environments",
				      "timeline", "warnings",     "files"};
#define N_MEMBERS (sizeof members / sizeof *members)
#define ALL_MEMBERS ((1u << N_MEMBERS) - 1)

struct scan {
	int fd;
	int error;     /* of reading, or -ENOMEM */
	size_t at, n;  /* in the block */
	uint32_t seen; /* bits of members[] */
	bool marked, is_stranger, is_listed, version_fits, program_fits;
	char **names;
	size_t n_names, capacity;
	struct buf text; /* of the last string */
	unsigned char block[BLOCK_BYTES];
};

/* ---- bytes ---- */

/* The next byte, which stays; -1 at the end and after a failure. */
static int peek(struct scan *scan)
{
	if (scan->at < scan->n)
		return scan->block[scan->at];
	ssize_t n;
	do
		n = scan->error ? 0 : read(scan->fd, scan->block, sizeof scan->block);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		scan->error = -errno;
	scan->at = 0;
	scan->n = n > 0 ? (size_t)n : 0;
	return n > 0 ? scan->block[0] : -1;
}

static int take(struct scan *scan)
{
	int c = peek(scan);
	scan->at += c >= 0;
	return c;
}

static int peek_after_space(struct scan *scan)
{
	int c = peek(scan);
	while (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
		scan->at++;
		c = peek(scan);
	}
	return c;
}

static bool take_if(struct scan *scan, int wanted)
{
	bool found = peek_after_space(scan) == wanted;
	scan->at += found;
	return found;
}

/* ---- values; false where it is no JSON ---- */

static bool take_hex(struct scan *scan, uint32_t *ret)
{
	*ret = 0;
	for (int i = 0; i < 4; i++) {
		int c = take(scan);
		int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c - 'A' + 10;
		if (c < '0' || digit < 0 || digit > 15)
			return false;
		*ret = *ret << 4 | (uint32_t)digit;
	}
	return true;
}

static void put_utf8(struct buf *out, uint32_t c)
{
	if (c < 0x80) {
		buf_putc(out, (char)c);
	} else if (c < 0x800) {
		buf_putc(out, (char)(0xc0 | c >> 6));
		buf_putc(out, (char)(0x80 | (c & 0x3f)));
	} else {
		if (c < 0x10000) {
			buf_putc(out, (char)(0xe0 | c >> 12));
		} else {
			buf_putc(out, (char)(0xf0 | c >> 18));
			buf_putc(out, (char)(0x80 | (c >> 12 & 0x3f)));
		}
		buf_putc(out, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_putc(out, (char)(0x80 | (c & 0x3f)));
	}
}

static bool take_escape(struct scan *scan)
{
	static const char letters[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
	int c = take(scan);
	const char *letter = c > 0 ? strchr(letters, c) : NULL;
	if (letter) {
		buf_putc(&scan->text, values[letter - letters]);
		return true;
	}
	uint32_t high, low;
	if (c != 'u' || !take_hex(scan, &high) || high == 0)
		return false;
	if (high >= 0xd800 && high < 0xdc00) {
		if (take(scan) != '\\' || take(scan) != 'u' || !take_hex(scan, &low) || low < 0xdc00 || low > 0xdfff)
			return false;
		high = 0x10000 + ((high & 0x3ff) << 10) + (low & 0x3ff);
	}
	put_utf8(&scan->text, high);
	return true;
}

static bool take_string(struct scan *scan)
{
	buf_clear(&scan->text);
	if (!take_if(scan, '"'))
		return false;
	for (int c = take(scan); c != '"'; c = take(scan)) {
		if (c < 0x20 || (c == '\\' && !take_escape(scan)))
			return false;
		if (c != '\\')
			buf_putc(&scan->text, (char)c);
	}
	return true;
}

/* A string whose text does not matter. */
static bool skip_string(struct scan *scan)
{
	scan->at++;
	for (int c = take(scan); c != '"'; c = take(scan))
		if (c < 0x20 || (c == '\\' && take(scan) < 0x20))
			return false;
	return true;
}

/* A number, true, false or null. */
static bool skip_word(struct scan *scan)
{
	size_t n = 0;
	for (int c = peek(scan); c >= 0 && strchr("+-.0123456789abcdefghijklmnopqrstuvwxyzE", c) && c != 0;
	     c = peek(scan), n++)
		scan->at++;
	return n > 0;
}

/* Brackets have to match; what stands between them is looked at as words, strings and separators. */
static bool skip_value(struct scan *scan)
{
	char open[MAX_DEPTH];
	size_t depth = 0;
	do {
		int c = peek_after_space(scan);
		bool sound = true;
		if (c == '{' || c == '[') {
			sound = depth < MAX_DEPTH;
			if (sound)
				open[depth++] = (char)c;
			scan->at++;
		} else if (c == '}' || c == ']') {
			sound = depth > 0 && open[--depth] == (c == '}' ? '{' : '[');
			scan->at++;
		} else if ((c == ',' || c == ':') && depth > 0) {
			scan->at++;
			continue;
		} else {
			sound = c == '"' ? skip_string(scan) : skip_word(scan);
		}
		if (!sound)
			return false;
	} while (depth > 0);
	return true;
}

/* ---- the report ---- */

static bool add_name(struct scan *scan, const char *name)
{
	if (scan->n_names == scan->capacity) {
		size_t capacity = scan->capacity ? 2 * scan->capacity : 64;
		char **grown = realloc(scan->names, capacity * sizeof *grown);
		if (!grown) {
			scan->error = -ENOMEM;
			return false;
		}
		scan->names = grown;
		scan->capacity = capacity;
	}
	scan->names[scan->n_names] = strdup(name);
	if (!scan->names[scan->n_names])
		scan->error = -ENOMEM;
	else
		scan->n_names++;
	return scan->error == 0;
}

static bool take_files(struct scan *scan)
{
	if (!take_if(scan, '['))
		return skip_value(scan);
	if (take_if(scan, ']'))
		return true;
	do {
		if (peek_after_space(scan) != '"') {
			if (!skip_value(scan))
				return false;
			continue;
		}
		if (!take_string(scan))
			return false;
		const char *name = buf_text(&scan->text);
		if (buf_failed(&scan->text)) {
			scan->error = -ENOMEM;
			return false;
		}
		scan->is_listed |= strcmp(name, MANIFEST_FILE) == 0;
		if (!add_name(scan, name))
			return false;
	} while (take_if(scan, ','));
	return take_if(scan, ']');
}

static bool take_text_member(struct scan *scan)
{
	if (peek_after_space(scan) == '"')
		return take_string(scan);
	buf_clear(&scan->text);
	return skip_value(scan);
}

static bool take_member(struct scan *scan, const char *key)
{
	size_t i = 0;
	while (i < N_MEMBERS && strcmp(members[i], key) != 0)
		i++;
	if (i < N_MEMBERS)
		scan->seen |= 1u << i;
	else
		scan->is_stranger = true;
	if (strcmp(key, "files") == 0)
		return take_files(scan);
	if (strcmp(key, REPORT_MARKER_KEY) == 0) {
		if (!take_text_member(scan))
			return false;
		scan->marked = strcmp(buf_text(&scan->text), REPORT_MARKER) == 0;
		return true;
	}
	if (strcmp(key, "program") == 0) {
		if (!take_text_member(scan))
			return false;
		scan->program_fits = strcmp(buf_text(&scan->text), "pktpath 0.1.0") == 0;
		return true;
	}
	if (strcmp(key, "report") == 0)
		scan->version_fits = peek_after_space(scan) == '1';
	return skip_value(scan);
}

/* Up to the end, or to where all is known that counts. */
static bool scan_report(struct scan *scan)
{
	if (!take_if(scan, '{'))
		return false;
	if (take_if(scan, '}'))
		return true;
	do {
		char key[32];
		if (!take_string(scan) || !take_if(scan, ':'))
			return false;
		size_t n = scan->text.size_bytes < sizeof key - 1 ? scan->text.size_bytes : sizeof key - 1;
		if (n > 0)
			memcpy(key, scan->text.data, n);
		key[n] = '\0';
		if (!take_member(scan, key))
			return false;
		if (scan->marked && scan->is_listed)
			return true;
	} while (take_if(scan, ','));
	return take_if(scan, '}') && peek_after_space(scan) < 0;
}

static bool is_ours(const struct scan *scan)
{
	bool of_0_1_0 = scan->seen == ALL_MEMBERS && !scan->is_stranger && scan->version_fits && scan->program_fits;
	return scan->is_listed && (scan->marked || of_0_1_0);
}

/* ---- the page ---- */

/* It says so, or begins as those of 0.1.0 do. */
bool manifest_page_is_ours(int directory_fd)
{
	static const char generator[] = "<meta name=\"generator\" content=\"pktpath",
			  first[] = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta "
				    "http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src ";
	char head[1024];
	struct stat st;
	int fd = openat(directory_fd, MANIFEST_PAGE, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return false;
	ssize_t n = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? read(fd, head, sizeof head) : 0;
	(void)close(fd);
	return n > 0 && (memmem(head, (size_t)n, generator, sizeof generator - 1) ||
			 ((size_t)n >= sizeof first - 1 && memcmp(head, first, sizeof first - 1) == 0));
}

/* ---- all of it ---- */

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void give(struct scan *scan, struct manifest *ret)
{
	qsort(scan->names, scan->n_names, sizeof *scan->names, compare_names);
	ret->names = scan->names;
	for (size_t i = 0; i < scan->n_names; i++) {
		if (ret->n > 0 && strcmp(ret->names[ret->n - 1], scan->names[i]) == 0)
			free(scan->names[i]);
		else
			ret->names[ret->n++] = scan->names[i];
	}
	scan->names = NULL;
	scan->n_names = 0;
}

static int open_report(int directory_fd, const char *file, struct manifest *ret)
{
	struct stat st;
	/* O_NONBLOCK: opening a FIFO of that name must not block. */
	int fd = openat(directory_fd, file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) {
		ret->kind = errno == ENOENT ? MANIFEST_NONE : MANIFEST_UNREADABLE;
		ret->error = errno == ENOENT ? 0 : errno;
		return fd;
	}
	bool is_known = fstat(fd, &st) == 0;
	if (is_known && S_ISREG(st.st_mode))
		return fd;
	ret->kind = is_known ? MANIFEST_FOREIGN : MANIFEST_UNREADABLE;
	ret->error = is_known ? 0 : errno;
	(void)close(fd);
	return -1;
}

static int read_open(int fd, struct manifest *ret)
{
	struct scan *scan = calloc(1, sizeof *scan);
	if (!scan)
		return -ENOMEM;
	scan->fd = fd;
	bool sound = scan_report(scan);
	if (buf_failed(&scan->text))
		scan->error = -ENOMEM;
	int r = scan->error == -ENOMEM ? -ENOMEM : 0;
	if (r == 0) {
		ret->kind = scan->error || !sound ? MANIFEST_UNREADABLE
			    : is_ours(scan)       ? MANIFEST_OURS
						  : MANIFEST_FOREIGN;
		ret->error = -scan->error;
	}
	if (r == 0 && ret->kind == MANIFEST_OURS)
		give(scan, ret);
	for (size_t i = 0; i < scan->n_names; i++)
		free(scan->names[i]);
	free(scan->names);
	buf_free(&scan->text);
	free(scan);
	return r;
}

int manifest_read(int directory_fd, const char *file, struct manifest *ret)
{
	*ret = (struct manifest){.kind = MANIFEST_NONE};
	int fd = open_report(directory_fd, file, ret);
	if (fd < 0)
		return 0;
	int r = read_open(fd, ret);
	(void)close(fd);
	return r;
}

void manifest_free(struct manifest *manifest)
{
	for (size_t i = 0; i < manifest->n; i++)
		free(manifest->names[i]);
	free(manifest->names);
	*manifest = (struct manifest){.kind = MANIFEST_NONE};
}

bool manifest_has(const struct manifest *manifest, const char *name)
{
	return manifest->n > 0 && bsearch(&name, manifest->names, manifest->n, sizeof *manifest->names, compare_names);
}
