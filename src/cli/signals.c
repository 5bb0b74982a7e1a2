#include "cli.h"
#include <signal.h>
#include <string.h>

/* The one thing a signal handler may touch; a program has one set of signals. */
static volatile sig_atomic_t caught;

static void on_signal(int signal)
{
	caught = signal;
}

void signals_catch(void)
{
	struct sigaction action;
	memset(&action, 0, sizeof action);
	action.sa_handler = on_signal;
	action.sa_flags = (int)SA_RESETHAND; /* the second one ends the program at once */
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
	(void)sigaction(SIGHUP, &action, NULL);
	/* A closed pipe and a file that may not grow come back as errors of the write. */
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);
}

int signals_caught(void)
{
	return caught;
}
