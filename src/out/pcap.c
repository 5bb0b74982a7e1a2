/* libpcap writes the header of a file to a FILE; here the FILE is a door into whatever buffer is being filled.
 *
 * DOC: the stream (fopencookie) has no buffer of its own, so that what libpcap writes arrives as it was made. Records are
 * sixteen bytes each before the frame: they are stored where they will stand, and the frame is copied once, from the packet
 * into the file's buffer. pcap_dump() copies the header of a record through the stack as wider words than it was stored in,
 * which makes the processor wait until the whole frame before it has reached the cache.
 *
 * libpcap writes in the order of the machine; a run gives the same bytes everywhere: little-endian, so on a big-endian
 * machine the header is turned round where it stands. */
#include "out/pcap.h"
#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>

#define FILE_HEADER_BYTES 24
#define RECORD_HEADER_BYTES 16

struct pcap_writer {
	FILE *stream;
	struct buf *out; /* during a call only */
};

static ssize_t take(void *cookie, const char *data, size_t size_bytes)
{
	const struct pcap_writer *writer = cookie;
	struct buf *out = writer->out;
	/* Room was reserved before libpcap was called; 0 reports a failure to stdio. */
	if (!out || out->capacity_bytes - out->size_bytes < size_bytes)
		return 0;
	buf_append(out, data, size_bytes);
	return (ssize_t)size_bytes;
}

int pcap_writer_new(struct pcap_writer **ret)
{
	*ret = NULL;
	struct pcap_writer *writer = calloc(1, sizeof *writer);
	if (!writer)
		return -ENOMEM;
	writer->stream = fopencookie(writer, "w", (cookie_io_functions_t){.write = take});
	if (!writer->stream || setvbuf(writer->stream, NULL, _IONBF, 0) != 0) {
		pcap_writer_free(writer);
		return -ENOMEM;
	}
	(void)__fsetlocking(writer->stream, FSETLOCKING_BYCALLER);
	*ret = writer;
	return 0;
}

struct pcap_writer *pcap_writer_free(struct pcap_writer *writer)
{
	if (writer) {
		writer->out = NULL;
		if (writer->stream)
			fclose(writer->stream);
		free(writer);
	}
	return NULL;
}

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
static void turn(uint8_t *at, size_t bytes)
{
	for (size_t i = 0; i < bytes / 2; i++) {
		uint8_t kept = at[i];
		at[i] = at[bytes - 1 - i];
		at[bytes - 1 - i] = kept;
	}
}
#endif

static void make_little_endian(uint8_t *header)
{
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
	turn(header, 4);
	turn(header + 4, 2); /* the version is two short numbers */
	turn(header + 6, 2);
	for (size_t i = 8; i < FILE_HEADER_BYTES; i += 4)
		turn(header + i, 4);
#else
	(void)header;
#endif
}

int pcap_writer_header(struct pcap_writer *writer, struct buf *out, uint32_t snaplen)
{
	if (!buf_reserve(out, FILE_HEADER_BYTES))
		return -ENOMEM;
	pcap_t *dead = pcap_open_dead_with_tstamp_precision(DLT_EN10MB, (int)snaplen, PCAP_TSTAMP_PRECISION_NANO);
	if (!dead)
		return -ENOMEM;
	size_t before_bytes = out->size_bytes;
	writer->out = out;
	clearerr(writer->stream);
	bool written = pcap_dump_fopen(dead, writer->stream) && out->size_bytes == before_bytes + FILE_HEADER_BYTES;
	writer->out = NULL;
	pcap_close(dead);
	if (!written)
		return -EIO;
	make_little_endian(out->data + before_bytes);
	return 0;
}

static uint8_t *put32(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)value;
	at[1] = (uint8_t)(value >> 8);
	at[2] = (uint8_t)(value >> 16);
	at[3] = (uint8_t)(value >> 24);
	return at + 4;
}

void pcap_packet(struct buf *out, int64_t unix_ns, const struct packet *packet, uint32_t snaplen)
{
	size_t frame_bytes = packet_frame_bytes(packet),
	       captured_bytes = frame_bytes <= snaplen ? frame_bytes : snaplen,
	       needed_bytes = RECORD_HEADER_BYTES + frame_bytes;
	/* The frame is copied as a whole, and what follows stands over its end where it is to be cut. */
	if (out->failed || (out->capacity_bytes - out->size_bytes < needed_bytes && !buf_reserve(out, needed_bytes)))
		return;
	int64_t s = unix_ns / 1000000000, ns = unix_ns % 1000000000;
	if (ns < 0) {
		s--;
		ns += 1000000000;
	}
	uint8_t *at = out->data + out->size_bytes;
	at = put32(put32(at, (uint32_t)s), (uint32_t)ns);
	at = put32(put32(at, (uint32_t)captured_bytes), (uint32_t)frame_bytes);
	packet_copy(packet, at);
	out->size_bytes += RECORD_HEADER_BYTES + captured_bytes;
}
