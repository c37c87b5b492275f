/*
 * One network link between two namespaces, made of a TUN device in each and this process, which carries IP packets between
 * them both ways. Kernels without netem need it.
 *
 *   link NAMESPACE_A DEVICE_A NAMESPACE_B DEVICE_B SEED
 *
 * prints "event ready" once the devices exist. It then obeys lines on its standard input, each of which begins with a
 * number, answers with one line that begins with the same number, and ends with its input:
 *
 *   N set NAME VALUE ...   delay_us     one way
 *                          loss_ppm     packets lost, per million, each by itself
 *                          rate_bps     bits a second; 0: no limit
 *                          queue_us     how long a packet may wait for its turn; what would wait longer is dropped
 *                          reorder_ppm  packets held back by reorder_us, so that later ones overtake them
 *                          reorder_us
 *                          dup_ppm      packets that arrive twice
 *                          mtu          bytes of the largest packet that passes; nobody is told of others; 0: no limit
 *                          block        1: a black hole, also for what is under way; 0: not
 *   N count                what it did so far, in each direction
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define MAX_PACKET 2048
#define MAX_WAITING 65536u
#define READS_A_TURN 64
#define MILLION 1000000u

struct packet {
	uint64_t due, number; /* Leaves when due; of those due at the same time the first to come. */
	size_t length;
	unsigned char bytes[];
};

struct direction {
	const char *name;
	int in, out;
	struct packet *waiting[MAX_WAITING]; /* A binary heap, the next to leave at 0. */
	unsigned count;
	uint64_t free_at; /* When the last bit of what was accepted so far has been sent. */
	uint64_t carried, lost, overflowed, blocked, reordered, duplicated;
};

static struct setting {
	const char *name;
	uint64_t value;
} settings[] = {
	{ "delay_us", 0 }, { "loss_ppm", 0 },    { "rate_bps", 0 }, { "queue_us", 200000 }, { "reorder_ppm", 0 },
	{ "reorder_us", 0 }, { "dup_ppm", 0 }, { "mtu", 0 },      { "block", 0 },
};
enum { DELAY_US, LOSS_PPM, RATE_BPS, QUEUE_US, REORDER_PPM, REORDER_US, DUP_PPM, MTU, BLOCK, SETTINGS };

static struct direction directions[2] = { { .name = "forth" }, { .name = "back" } };
static uint64_t packets, random_state;

static void fail(const char *what)
{
	fprintf(stderr, "link: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t) t.tv_sec * 1000000000u + (uint64_t) t.tv_nsec;
}

/* Whether something of this probability happens to this packet: splitmix64, so that any seed will do. */
static int happens(int setting)
{
	uint64_t x = random_state += 0x9e3779b97f4a7c15u;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return (x ^ x >> 31) % MILLION < settings[setting].value;
}

static int tun(const char *namespace, const char *device)
{
	char path[512];
	struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	int ns, fd;
	if ((size_t) snprintf(path, sizeof path, "/run/netns/%s", namespace) >= sizeof path
		|| (size_t) snprintf(request.ifr_name, IFNAMSIZ, "%s", device) >= IFNAMSIZ) {
		errno = ENAMETOOLONG;
		fail(device);
	}
	ns = open(path, O_RDONLY | O_CLOEXEC);
	if (ns < 0 || setns(ns, CLONE_NEWNET) != 0) fail(path);
	close(ns);
	fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) fail("/dev/net/tun");
	if (ioctl(fd, TUNSETIFF, &request) != 0) fail(device);
	return fd;
}

static int before(const struct packet *a, const struct packet *b)
{
	return a->due != b->due ? a->due < b->due : a->number < b->number;
}

static void push(struct direction *d, const unsigned char *bytes, size_t length, uint64_t due)
{
	struct packet *p;
	unsigned i = d->count;
	if (i == MAX_WAITING) {
		d->overflowed++;
		return;
	}
	p = malloc(sizeof *p + length);
	if (!p) fail("malloc");
	p->due = due;
	p->number = packets++;
	p->length = length;
	memcpy(p->bytes, bytes, length);
	d->count++;
	for (; i > 0 && before(p, d->waiting[(i - 1) / 2]); i = (i - 1) / 2) d->waiting[i] = d->waiting[(i - 1) / 2];
	d->waiting[i] = p;
}

static struct packet *pop(struct direction *d)
{
	struct packet *first = d->waiting[0], *last = d->waiting[--d->count];
	unsigned i = 0, child;
	while ((child = 2 * i + 1) < d->count) {
		if (child + 1 < d->count && before(d->waiting[child + 1], d->waiting[child])) child++;
		if (!before(d->waiting[child], last)) break;
		d->waiting[i] = d->waiting[child];
		i = child;
	}
	d->waiting[i] = last;
	return first;
}

static void accept_packet(struct direction *d, const unsigned char *bytes, size_t length)
{
	uint64_t now = now_ns(), due = now;
	if (settings[BLOCK].value || (settings[MTU].value && length > settings[MTU].value)) {
		d->blocked++;
		return;
	}
	if (settings[RATE_BPS].value) {
		if (d->free_at < now) d->free_at = now;
		if (d->free_at - now > settings[QUEUE_US].value * 1000) {
			d->overflowed++;
			return;
		}
		due = d->free_at += length * 8u * 1000000000u / settings[RATE_BPS].value;
	}
	due += settings[DELAY_US].value * 1000;
	if (happens(LOSS_PPM)) { /* Lost on the way: it took its share of the rate. */
		d->lost++;
		return;
	}
	if (happens(DUP_PPM)) {
		d->duplicated++;
		push(d, bytes, length, due);
	}
	if (happens(REORDER_PPM)) {
		d->reordered++;
		due += settings[REORDER_US].value * 1000;
	}
	push(d, bytes, length, due);
}

/* Carries what is there and due; returns when the next packet is. */
static uint64_t carry(struct direction *d)
{
	unsigned char bytes[MAX_PACKET];
	for (int i = 0; i < READS_A_TURN; i++) {
		ssize_t length = read(d->in, bytes, sizeof bytes);
		if (length <= 0) break;
		accept_packet(d, bytes, (size_t) length);
	}
	while (d->count > 0 && d->waiting[0]->due <= now_ns()) {
		struct packet *p = pop(d);
		if (settings[BLOCK].value) d->blocked++;
		/* A device that is down takes nothing: that is a network that has gone away. */
		else if (write(d->out, p->bytes, p->length) == (ssize_t) p->length) d->carried++;
		else d->blocked++;
		free(p);
	}
	return d->count > 0 ? d->waiting[0]->due : UINT64_MAX;
}

static void answer(char *line)
{
	char *word = strtok(line, " ");
	printf("%s ", word ? word : "0");
	word = strtok(NULL, " ");
	if (word && strcmp(word, "count") == 0) {
		for (int i = 0; i < 2; i++) {
			struct direction *d = &directions[i];
			printf("%s%s carried=%" PRIu64 " lost=%" PRIu64 " overflowed=%" PRIu64 " blocked=%" PRIu64 " reordered=%" PRIu64
				" duplicated=%" PRIu64, i ? " " : "ok ", d->name, d->carried, d->lost, d->overflowed, d->blocked, d->reordered,
				d->duplicated);
		}
		printf("\n");
		return;
	}
	if (!word || strcmp(word, "set") != 0) {
		printf("failed no such command\n");
		return;
	}
	while ((word = strtok(NULL, " "))) {
		const char *value = strtok(NULL, " ");
		char *end = NULL;
		uint64_t number = value ? strtoull(value, &end, 10) : 0;
		int i = 0;
		while (i < SETTINGS && strcmp(word, settings[i].name) != 0) i++;
		if (i == SETTINGS || !value || *end) {
			printf("failed not a setting or no number: %s\n", word);
			return;
		}
		settings[i].value = number;
	}
	printf("ok\n");
}

/* Obeys whole lines; returns 0 at the end of the input. */
static int obey(void)
{
	static char input[4096];
	static size_t filled;
	char *newline;
	ssize_t length = read(STDIN_FILENO, input + filled, sizeof input - 1 - filled);
	if (length <= 0) return length < 0 && errno == EINTR;
	filled += (size_t) length;
	input[filled] = 0;
	while ((newline = strchr(input, '\n'))) {
		*newline = 0;
		answer(input);
		fflush(stdout);
		filled -= (size_t) (newline + 1 - input);
		memmove(input, newline + 1, filled + 1);
	}
	return filled < sizeof input - 1;
}

int main(int argc, char **argv)
{
	if (argc != 6) {
		fprintf(stderr, "usage: link NAMESPACE_A DEVICE_A NAMESPACE_B DEVICE_B SEED\n");
		return 2;
	}
	directions[0].in = directions[1].out = tun(argv[1], argv[2]);
	directions[1].in = directions[0].out = tun(argv[3], argv[4]);
	random_state = strtoull(argv[5], NULL, 10);
	printf("event ready\n");
	fflush(stdout);
	for (;;) {
		uint64_t next = carry(&directions[0]), back = carry(&directions[1]), now = now_ns();
		struct pollfd readable[3] = {
			{ directions[0].in, POLLIN, 0 }, { directions[1].in, POLLIN, 0 }, { STDIN_FILENO, POLLIN, 0 }
		};
		struct timespec wait;
		if (back < next) next = back;
		if (next < now) next = now;
		wait.tv_sec = (time_t) ((next - now) / 1000000000u);
		wait.tv_nsec = (long) ((next - now) % 1000000000u);
		if (ppoll(readable, 3, next == UINT64_MAX ? NULL : &wait, NULL) < 0 && errno != EINTR) fail("ppoll");
		if ((readable[0].revents | readable[1].revents) & (POLLERR | POLLNVAL)) return 0; /* A namespace is gone. */
		if (readable[2].revents && !obey()) return 0;
	}
}
