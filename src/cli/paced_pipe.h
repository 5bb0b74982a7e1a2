/* Where pktpath-extcap puts the capture: a FIFO with a reader who may go away, at the pace of a clock. */
#ifndef PKTPATH_CLI_PACED_PIPE_H
#define PKTPATH_CLI_PACED_PIPE_H
#include <signal.h>
#include <stddef.h>
#include <stdint.h>

#define PACED_PIPE_BYTES 65536
#define PACED_PIPE_NO_PACE 0
struct paced_pipe {
	const char *path;
	int fd;              /* -1: nothing was due yet, or no program reads */
	int stopped;         /* 0; -ECANCELED: by a signal; -EPIPE: the reader went away; another negative errno */
	sigset_t let_in;     /* signals while it is idle */
	uint64_t pace_milli; /* virtual time a thousandth of real time; PACED_PIPE_NO_PACE */
	int64_t real_ns, virtual_ns; /* of the first packet; real_ns is 0 before that */
	int64_t give_up_ns;          /* real; 0: never */
	size_t n_bytes;
	uint8_t bytes[PACED_PIPE_BYTES];
};

/* Blocks the signals of signals.c but while it is idle. */
void paced_pipe_begin(struct paced_pipe *pipe, const char *path);
/* Takes bytes that are due at this virtual time; waits for it where there is a pace. 0 or `stopped`, like all of
 * these. */
int paced_pipe_put(struct paced_pipe *pipe, int64_t time_ns, const uint8_t *data, size_t bytes);
/* Writes what it holds. */
int paced_pipe_flush(struct paced_pipe *pipe);
/* Looks at signals and the reader without waiting. */
int paced_pipe_look(struct paced_pipe *pipe);
/* After a signal: what is still to be written gets a second for it, and no pace. */
void paced_pipe_hurry(struct paced_pipe *pipe);
void paced_pipe_end(struct paced_pipe *pipe);
/* Nothing will come: who reads the FIFO already sees its end, for which tshark would wait otherwise. */
void paced_pipe_refuse(const char *path);

/* "asap", "1", "0.5", "60": at most three digits behind the point, to a million. 0 where it is none of these. */
int paced_pipe_parse_pace(const char *text, uint64_t *ret_milli);
#endif
