/* libpcap writes to a FILE; here the FILE is a door into whatever buffer is being filled.
 *
 * DOC: the stream (fopencookie) has no buffer of its own, so that each fwrite() of libpcap arrives as it was made.
 * Before pcap_dump() the frame is written straight to where it will stand, behind the place of the record's header;
 * libpcap then hands over the header, which is copied, and the frame, which is recognised by its address and is there
 * already. So a frame is copied once, from the packet into the file's buffer.
 *
 * libpcap writes in the order of the machine; a run gives the same bytes everywhere, so on a big-endian machine headers
 * are turned round where they stand. */
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
	uint8_t *end = out->data + out->size_bytes;
	if ((const uint8_t *)data != end)
		memcpy(end, data, size_bytes);
	out->size_bytes += size_bytes;
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

static void make_little_endian(uint8_t *header, size_t bytes)
{
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
	for (size_t i = 0; i < bytes; i += 4) {
		if (bytes == FILE_HEADER_BYTES && i == 4) { /* the version is two short numbers */
			turn(header + 4, 2);
			turn(header + 6, 2);
		} else {
			turn(header + i, 4);
		}
	}
#else
	(void)header;
	(void)bytes;
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
	make_little_endian(out->data + before_bytes, FILE_HEADER_BYTES);
	return 0;
}

void pcap_writer_packet(struct pcap_writer *writer, struct buf *out, int64_t unix_ns, const struct packet *packet,
			uint32_t snaplen)
{
	size_t frame_bytes = packet_frame_bytes(packet), needed_bytes = RECORD_HEADER_BYTES + frame_bytes;
	if (out->failed || (out->capacity_bytes - out->size_bytes < needed_bytes && !buf_reserve(out, needed_bytes)))
		return;
	uint8_t *header = out->data + out->size_bytes, *frame = header + RECORD_HEADER_BYTES;
	packet_copy(packet, frame);
	int64_t s = unix_ns / 1000000000, ns = unix_ns % 1000000000;
	if (ns < 0) {
		s--;
		ns += 1000000000;
	}
	struct pcap_pkthdr record = {.ts = {.tv_sec = (time_t)s, .tv_usec = (suseconds_t)ns},
				     .len = (bpf_u_int32)frame_bytes};
	record.caplen = frame_bytes <= snaplen ? record.len : snaplen;
	writer->out = out;
	pcap_dump((u_char *)writer->stream, &record, frame);
	writer->out = NULL;
	make_little_endian(header, RECORD_HEADER_BYTES);
}
