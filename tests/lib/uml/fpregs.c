/*
 * For user-mode-linux, loaded by LD_PRELOAD: lets it write back a process's extended registers.
 *
 * It keeps room for those of AVX-512 and no more. Where the processor has others behind them (AMX),
 * it reads what fits, but the host takes back only all of them (ptrace(2), PTRACE_SETREGSET), and
 * each of its processes dies at once. Here what it kept is completed by what the process has.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/uio.h>

typedef long (*ptrace_fn)(enum __ptrace_request request, pid_t pid, void *addr, void *data);

static char all[64 * 1024];

long ptrace(enum __ptrace_request request, ...)
{
	static ptrace_fn next;
	struct iovec whole = {all, sizeof(all)};
	va_list args;
	pid_t pid;
	void *addr, *data;

	va_start(args, request);
	pid = va_arg(args, pid_t);
	addr = va_arg(args, void *);
	data = va_arg(args, void *);
	va_end(args);
	if (!next)
		next = (ptrace_fn)dlsym(RTLD_NEXT, "ptrace");
	if (request == PTRACE_SETREGSET && addr == (void *)NT_X86_XSTATE &&
	    next(PTRACE_GETREGSET, pid, addr, &whole) == 0) {
		const struct iovec *kept = data;

		if (kept->iov_len < whole.iov_len) {
			memcpy(all, kept->iov_base, kept->iov_len);
			data = &whole;
		}
	}
	return next(request, pid, addr, data);
}
