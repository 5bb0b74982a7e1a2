/* Where pktpath-extcap puts the capture: a FIFO with a reader who may go away, at the pace of a clock. */
#ifndef PKTPATH_CLI_OUTLET_H
#define PKTPATH_CLI_OUTLET_H
#include <signal.h>
#include <stddef.h>
#include <stdint.h>

#define OUTLET_BYTES 65536
#define OUTLET_NO_PACE 0
struct outlet {
	const char *path;
	int fd;              /* -1: nothing was due yet, or nobody reads */
	int stopped;         /* 0; -ECANCELED: by a signal; -EPIPE: the reader went away; another negative errno */
	sigset_t let_in;     /* signals while it waits */
	uint64_t pace_milli; /* virtual time a thousandth of real time; OUTLET_NO_PACE */
	int64_t real_ns, virtual_ns; /* of the first packet; real_ns is 0 before that */
	int64_t give_up_ns;          /* real; 0: never */
	size_t n_bytes;
	uint8_t bytes[OUTLET_BYTES];
};

/* Blocks the signals of signals.c but while it waits. */
void outlet_begin(struct outlet *outlet, const char *path);
/* Takes bytes that are due at this virtual time; waits for it where there is a pace. 0 or `stopped`, like all of
 * these. */
int outlet_put(struct outlet *outlet, int64_t time_ns, const uint8_t *data, size_t bytes);
/* Writes what it holds. */
int outlet_flush(struct outlet *outlet);
/* Looks at signals and the reader without waiting. */
int outlet_look(struct outlet *outlet);
/* After a signal: what is still to be written gets a second for it, and no pace. */
void outlet_hurry(struct outlet *outlet);
void outlet_end(struct outlet *outlet);
/* Nothing will come: who reads the FIFO already is told its end, for which tshark would wait otherwise. */
void outlet_refuse(const char *path);

/* "asap", "1", "0.5", "60": at most three digits behind the point, to a million. 0 where it is none of these. */
int outlet_parse_pace(const char *text, uint64_t *ret_milli);
#endif
