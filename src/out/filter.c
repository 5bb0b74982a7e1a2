/* pcap-filter expressions on packets that were never on a wire.
 *
 * DOC: libpcap compiles an expression for a dead Ethernet handle into a BPF program, and its interpreter runs the program on the bytes that
 * a capture would have held. libpcap would look up host and network names in the real world's DNS; a simulation has no business there, and
 * the answer would differ from machine to machine, so such names are refused before libpcap sees them. */
#include "out/filter.h"
#include <ctype.h>
#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SNAPLEN 262144
#define FRAME_MAX_BYTES (14 + 65535) /* Ethernet and the longest IPv4 packet */
_Static_assert(PCAP_ERRBUF_SIZE == 256, "as filter.h promises");

struct filter {
	struct bpf_program program;
};

/* ---- names ---- */

struct word {
	const char *text;
	size_t bytes;
};

static bool is_word_char(char c)
{
	return isalnum((unsigned char)c) || strchr("._-:\\/", c) != NULL;
}

/* The next word, or a single other character; no bytes at the end. */
static struct word next_word(const char **at)
{
	while (isspace((unsigned char)**at))
		(*at)++;
	struct word word = {*at, 0};
	while (word.text[word.bytes] != '\0' && is_word_char(word.text[word.bytes]))
		word.bytes++;
	if (word.bytes == 0 && *word.text != '\0')
		word.bytes = 1;
	*at += word.bytes;
	return word;
}

static bool word_is_one_of(struct word word, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strlen(list[i]) == word.bytes && strncmp(list[i], word.text, word.bytes) == 0)
			return true;
	}
	return false;
}
#define IS_ONE_OF(word, list) word_is_one_of(word, list, sizeof(list) / sizeof((list)[0]))

/* What follows `host`, `net` and `gateway`, and `src` and `dst` where they stand for "src host", would be looked up unless it is a number.
 */
static bool find_name(const char *expression, struct word *ret)
{
	static const char *const takes_name[] = {"host", "net", "gateway", "src", "dst"};
	static const char *const keywords[] = {"host", "net", "gateway", "port", "portrange", "src", "dst", "and", "or", "not"};
	struct word before = {"", 0};
	for (struct word word = next_word(&expression); word.bytes > 0; word = next_word(&expression)) {
		bool opens = word.bytes == 1 && strchr("(!", *word.text) != NULL;
		if (opens)
			continue;
		if (IS_ONE_OF(before, takes_name) && (isalpha((unsigned char)*word.text) || *word.text == '\\') &&
		    !IS_ONE_OF(word, keywords) && memchr(word.text, ':', word.bytes) == NULL) {
			*ret = word;
			return true;
		}
		before = word;
	}
	return false;
}

/* ---- programs ---- */

int filter_new(const char *expression, struct filter **ret, char *errbuf)
{
	*ret = NULL;
	struct word name;
	if (find_name(expression, &name)) {
		(void)snprintf(errbuf, PCAP_ERRBUF_SIZE, "'%.*s' is a name: names are not looked up, write the address",
			       (int)(name.bytes < 128 ? name.bytes : 128), name.text);
		return 1;
	}
	struct filter *filter = calloc(1, sizeof(*filter));
	pcap_t *dead = filter == NULL ? NULL : pcap_open_dead(DLT_EN10MB, SNAPLEN);
	if (dead == NULL) {
		free(filter);
		return -ENOMEM;
	}
	int r = 0;
	if (pcap_compile(dead, &filter->program, expression, 1, PCAP_NETMASK_UNKNOWN) != 0) {
		(void)snprintf(errbuf, PCAP_ERRBUF_SIZE, "%s", pcap_geterr(dead));
		free(filter);
		filter = NULL;
		r = 1;
	}
	pcap_close(dead);
	*ret = filter;
	return r;
}

struct filter *filter_free(struct filter *filter)
{
	if (filter != NULL) {
		pcap_freecode(&filter->program);
		free(filter);
	}
	return NULL;
}

bool filter_matches(const struct filter *filter, const struct packet *packet)
{
	uint8_t frame[FRAME_MAX_BYTES];
	uint32_t bytes = packet_frame_bytes(packet);
	if (bytes > sizeof(frame))
		return false;
	packet_copy(packet, frame);
	struct pcap_pkthdr header = {.caplen = bytes, .len = bytes};
	return pcap_offline_filter(&filter->program, &header, frame) != 0;
}
