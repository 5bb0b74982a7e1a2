/* Signals that ask the program to end: noted here, obeyed between two steps of a run. */
#include "cli/cli.h"
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* The one thing a signal handler may touch; a program has one set of signals. */
static volatile sig_atomic_t caught;

static void on_signal(int signal)
{
	caught = signal;
}

/* A process that was started with a signal ignored (nohup, a job in the background of a script) goes on ignoring it. */
static void catch (int signal, const struct sigaction *action)
{
	struct sigaction before;
	if (sigaction(signal, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
		(void)sigaction(signal, action, NULL);
}

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define SANITIZED
#endif

#if defined(SANITIZED) /* a sanitizer has more to say of a fault */
static void catch_faults(void)
{
}
#else
/* A library that does not look whether it got memory (libfyaml 0.7.12) ends here, and so does an error of pktpath: with a
 * message and the status of a failed system, not with a signal. */
static void on_fault(int signal)
{
	static const char text[] =
		"pktpath: a fault inside the program or a library: memory is short in a library, or pktpath has "
		"an error; nothing more was written\n";
	(void)signal;
	if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
		_exit(STATUS_SYSTEM);
	_exit(STATUS_SYSTEM);
}

static void catch_faults(void)
{
	struct sigaction action;
	memset(&action, 0, sizeof action);
	action.sa_handler = on_fault;
	action.sa_flags = (int)SA_RESETHAND;
	(void)sigaction(SIGSEGV, &action, NULL);
	(void)sigaction(SIGABRT, &action, NULL); /* an assertion of jansson's */
}
#endif

void signals_catch(void)
{
	catch_faults();
	struct sigaction action;
	memset(&action, 0, sizeof action);
	action.sa_handler = on_signal;
	action.sa_flags = (int)SA_RESETHAND; /* the second one ends the program at once */
	catch (SIGINT, &action);
	catch (SIGTERM, &action);
	catch (SIGHUP, &action);
	/* A closed pipe and a file that may not grow come back as errors of the write. */
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);
}

int signals_caught(void)
{
	return caught;
}
