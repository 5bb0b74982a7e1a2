/* Counts the system calls of a program, kills it at one of them, or makes one fail.
 *
 * DOC: ptrace stops each thread at the entry and the exit of each call. Calls count from the first fcntl(0, F_GETFD),
 * with which pktpath's main() begins, so that the dynamic loader is left out, up to the end. To kill means SIGKILL at
 * the entry, before the call does anything; the state after a call is the state before the next. To make it fail means
 * to have the kernel look up call -1, and to put the error in place of its result. Calls that cannot fail in the way
 * asked for (exit, memory that the C library maps, futex) are counted but never made to fail.
 *
 * Usage: syscalls count|kill N|fail N ERRNO PROGRAM ARGUMENT...
 * count prints the number. kill and fail exit as the program does, 128 + N for a signal; 99 where call N never came. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#if !defined(__x86_64__)
int main(void)
{
	puts("skipped - written for x86-64");
	return 77;
}
#else

enum { THREADS_MAX = 300, EXIT_NEVER_CAME = 99, EXIT_TOOL = 98 };

struct thread {
	pid_t pid;
	bool inside; /* a system call */
	bool fails;  /* this one */
};

struct tracer {
	const char *mode;
	long at, error;
	long n; /* calls counted so far */
	bool begun, done;
	pid_t first;
	struct thread threads[THREADS_MAX];
	size_t n_threads;
};

static struct thread *thread_of(struct tracer *t, pid_t pid)
{
	for (size_t i = 0; i < t->n_threads; i++)
		if (t->threads[i].pid == pid)
			return &t->threads[i];
	if (t->n_threads == THREADS_MAX)
		exit(EXIT_TOOL);
	t->threads[t->n_threads] = (struct thread){.pid = pid};
	return &t->threads[t->n_threads++];
}

static void forget(struct tracer *t, pid_t pid)
{
	for (size_t i = 0; i < t->n_threads; i++)
		if (t->threads[i].pid == pid)
			t->threads[i] = t->threads[--t->n_threads];
}

/* What no caller is written to survive, or what cannot fail. */
static bool is_left_out(unsigned long long call)
{
	static const unsigned long long calls[] = {
		SYS_exit,     SYS_exit_group, SYS_rt_sigreturn,    SYS_futex,        SYS_munmap,         SYS_brk,
		SYS_mprotect, SYS_rseq,       SYS_set_robust_list, SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_getpid,
		SYS_gettid,   SYS_geteuid,    SYS_umask,           SYS_madvise,      SYS_restart_syscall};
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
		if (calls[i] == call)
			return true;
	return false;
}

/* "1 2" for a write to standard error, into the file that PKTPATH_FAIL_CALL names. */
static void log_call(const struct user_regs_struct *regs)
{
	const char *path = getenv("PKTPATH_FAIL_CALL");
	FILE *out = path ? fopen(path, "we") : NULL;
	if (!out)
		return;
	fprintf(out, "%llu %llu\n", regs->orig_rax, regs->rdi);
	(void)fclose(out);
}

static void on_entry(struct tracer *t, struct thread *thread, struct user_regs_struct *regs)
{
	if (!t->begun)
		t->begun = regs->orig_rax == SYS_fcntl && regs->rdi == 0 && regs->rsi == F_GETFD;
	if (!t->begun || ++t->n != t->at || strcmp(t->mode, "count") == 0)
		return;
	t->done = true;
	if (strcmp(t->mode, "kill") == 0) {
		(void)kill(t->first, SIGKILL);
	} else if (!is_left_out(regs->orig_rax)) {
		log_call(regs);
		thread->fails = true;
		regs->orig_rax = (unsigned long long)-1;
		(void)ptrace(PTRACE_SETREGS, thread->pid, NULL, regs);
	}
}

static void on_stop(struct tracer *t, struct thread *thread)
{
	struct user_regs_struct regs;
	if (ptrace(PTRACE_GETREGS, thread->pid, NULL, &regs) < 0)
		return;
	thread->inside = !thread->inside;
	if (thread->inside) {
		on_entry(t, thread, &regs);
	} else if (thread->fails) {
		thread->fails = false;
		regs.rax = (unsigned long long)-t->error;
		(void)ptrace(PTRACE_SETREGS, thread->pid, NULL, &regs);
	}
}

/* Follows all threads until the last is gone. The exit status of the first. */
static int follow(struct tracer *t)
{
	int status, result = EXIT_TOOL;
	for (pid_t pid; (pid = waitpid(-1, &status, __WALL)) > 0;) {
		if (WIFEXITED(status) || WIFSIGNALED(status)) {
			forget(t, pid);
			if (pid == t->first)
				result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
			continue;
		}
		int signal = WSTOPSIG(status);
		if (signal == (SIGTRAP | 0x80))
			on_stop(t, thread_of(t, pid));
		if (signal == (SIGTRAP | 0x80) || signal == SIGTRAP || signal == SIGSTOP)
			signal = 0;
		(void)ptrace(PTRACE_SYSCALL, pid, NULL, (long)signal);
	}
	return result;
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return EXIT_TOOL;
	struct tracer t = {.mode = argv[1]};
	int n_options = strcmp(t.mode, "count") == 0 ? 2 : strcmp(t.mode, "kill") == 0 ? 3 : 4;
	t.at = n_options > 2 ? atol(argv[2]) : 0;
	t.error = n_options > 3 ? atol(argv[3]) : 0;
	if (argc <= n_options)
		return EXIT_TOOL;
	t.first = fork();
	if (t.first == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
			_exit(77);
		(void)raise(SIGSTOP);
		(void)execv(argv[n_options], argv + n_options);
		_exit(EXIT_TOOL);
	}
	int status;
	if (t.first < 0 || waitpid(t.first, &status, 0) < 0)
		return EXIT_TOOL;
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
		       PTRACE_O_EXITKILL;
	if (ptrace(PTRACE_SETOPTIONS, t.first, NULL, options) < 0 || ptrace(PTRACE_SYSCALL, t.first, NULL, 0) < 0)
		return 77;
	int result = follow(&t);
	if (n_options == 2)
		printf("%ld\n", t.n);
	else if (!t.done)
		return EXIT_NEVER_CAME;
	return result;
}
#endif
