/*
 * To be loaded before a program (LD_PRELOAD): has the system refuse packets with segments (UDP_SEGMENT), as Linux does for traffic under an IPsec policy. The laboratory's
 * kernel has no IPsec. Netty makes the system call by itself, in which there may be packets without segments before the first one that has them: these are sent.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

static int has_segments(struct msghdr *message)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c))
		if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_SEGMENT) return 1;
	return 0;
}

long syscall(long number, ...)
{
	static long (*next)(long, ...);
	long a[6];
	va_list arguments;
	va_start(arguments, number);
	for (int i = 0; i < 6; i++) a[i] = va_arg(arguments, long);
	va_end(arguments);
	if (!next) next = (long (*)(long, ...)) dlsym(RTLD_NEXT, "syscall");
	if (number == SYS_sendmmsg) {
		struct mmsghdr *messages = (struct mmsghdr *) a[1];
		long count = 0;
		while (count < a[2] && !has_segments(&messages[count].msg_hdr)) count++;
		if (a[2] > 0 && count == 0) {
			errno = EIO;
			return -1;
		}
		a[2] = count;
	}
	return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
