/* A camera for machines without one: preloaded, it answers the system calls that a V4L2 program makes for /dev/video0.
 *
 * Pictures come from a file of concatenated JPEGs, round and round, 30 a second, and are lent in mapped buffers as a
 * driver does. The environment says how the camera behaves (numbers are decimal):
 *
 *   FAKECAM_MJPEG          the JPEGs; they must be 640x480
 *   FAKECAM_DEV            a folder that stands for /dev, with an empty file `video0`
 *   FAKECAM_EMPTY          a folder that stands for /dev while the camera is unplugged
 *   FAKECAM_FAIL_AFTER     pictures until it is unplugged, once
 *   FAKECAM_RETURN_AFTER   milliseconds until it is plugged in again; without it, never
 *   FAKECAM_STALL_AFTER    pictures until it falls silent, once
 *   FAKECAM_STALL_FOR      milliseconds for which it stays silent
 *   FAKECAM_CORRUPT_EVERY  every so many pictures one loses its second half
 *   FAKECAM_BUSY           set: another program streams from it
 *   FAKECAM_DENIED         set: the user may not open it
 *
 * Build: cc -shared -fPIC -O2 -o libfakev4l2.so fakev4l2.c -ldl -lpthread
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define DEVICE "/dev/video0"
#define BUFFERS 4
#define BUFFER_SIZE (1280 * 720 * 2)
#define FRAME_NS 33333333L

struct mode { unsigned format, width, height, fps; };

/* The first cannot be decoded by the program under test, the last is too slow: it has to choose. */
static const struct mode MODES[] = {
    {V4L2_PIX_FMT_H264, 1920, 1080, 30},
    {V4L2_PIX_FMT_MJPEG, 640, 480, 30},
    {V4L2_PIX_FMT_MJPEG, 640, 480, 15},
    {V4L2_PIX_FMT_MJPEG, 1280, 720, 30},
    {V4L2_PIX_FMT_YUYV, 320, 240, 30},
    {V4L2_PIX_FMT_YUYV, 640, 480, 5},
};
#define MODE_COUNT (sizeof MODES / sizeof *MODES)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int device_fd = -1;
static unsigned char *memory;
static struct mode current = {V4L2_PIX_FMT_YUYV, 320, 240, 30};
static unsigned queue[BUFFERS], queued;
static int streaming;
static unsigned sequence, delivered;
static struct timespec next_frame, unplugged_at;
static int unplugged, was_unplugged, has_stalled;

static unsigned char *pictures;
static size_t pictures_size, position;

static long number(const char *name) {
    const char *text = getenv(name);
    return text ? atol(text) : -1;
}

static int fail(int code) {
    errno = code;
    return -1;
}

static struct timespec now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t;
}

static long milliseconds_since(struct timespec then) {
    struct timespec t = now();
    return (t.tv_sec - then.tv_sec) * 1000 + (t.tv_nsec - then.tv_nsec) / 1000000;
}

static void add(struct timespec *t, long ns) {
    t->tv_nsec += ns;
    t->tv_sec += t->tv_nsec / 1000000000L;
    t->tv_nsec %= 1000000000L;
}

/* Whether the camera is unplugged at this moment. */
static int is_gone(void) {
    long fail_after = number("FAKECAM_FAIL_AFTER"), return_after = number("FAKECAM_RETURN_AFTER");
    if (!was_unplugged && fail_after >= 0 && delivered >= (unsigned long)fail_after) {
        unplugged = was_unplugged = 1;
        unplugged_at = now();
    }
    if (unplugged && return_after >= 0 && milliseconds_since(unplugged_at) >= return_after)
        unplugged = 0;
    return unplugged;
}

static int load_pictures(void) {
    if (pictures) return 0;
    const char *path = getenv("FAKECAM_MJPEG");
    FILE *file = path ? fopen(path, "rb") : NULL;
    struct stat info;
    if (!file || fstat(fileno(file), &info)) return fail(EIO);
    pictures_size = (size_t)info.st_size;
    pictures = malloc(pictures_size);
    size_t got = pictures ? fread(pictures, 1, pictures_size, file) : 0;
    fclose(file);
    return got == pictures_size && got > 4 ? 0 : fail(EIO);
}

/* Copies the next JPEG, from one start of image to the next. What an earlier, longer one left behind it stays there, as
 * in a real driver's buffer. */
static size_t next_picture(unsigned char *target) {
    size_t end = position + 2;
    while (end + 1 < pictures_size && !(pictures[end] == 0xFF && pictures[end + 1] == 0xD8)) end++;
    if (end + 1 >= pictures_size) end = pictures_size;
    size_t size = end - position;
    if (size > BUFFER_SIZE) size = BUFFER_SIZE;
    memcpy(target, pictures + position, size);
    position = end >= pictures_size ? 0 : end;
    return size;
}

static int open_device(void) {
    if (is_gone()) return fail(ENOENT);
    if (getenv("FAKECAM_DENIED")) return fail(EACCES);
    if (device_fd >= 0) return fail(EBUSY);
    if (load_pictures()) return -1;
    device_fd = memfd_create("fakecam", 0);
    if (device_fd < 0 || ftruncate(device_fd, BUFFERS * BUFFER_SIZE)) return fail(EIO);
    memory = mmap(NULL, BUFFERS * BUFFER_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, device_fd, 0);
    streaming = 0;
    queued = 0;
    return device_fd;
}

static int enumerate_formats(struct v4l2_fmtdesc *f) {
    unsigned index = f->index, seen = 0;
    for (size_t i = 0; i < MODE_COUNT; i++) {
        if (i > 0 && MODES[i].format == MODES[i - 1].format) continue;
        if (seen++ == index) {
            f->pixelformat = MODES[i].format;
            return 0;
        }
    }
    return fail(EINVAL);
}

static int enumerate_sizes(struct v4l2_frmsizeenum *f) {
    unsigned seen = 0;
    for (size_t i = 0; i < MODE_COUNT; i++) {
        int repeated = i > 0 && MODES[i].format == MODES[i - 1].format && MODES[i].width == MODES[i - 1].width;
        if (MODES[i].format != f->pixel_format || repeated) continue;
        if (seen++ == f->index) {
            f->type = V4L2_FRMSIZE_TYPE_DISCRETE;
            f->discrete.width = MODES[i].width;
            f->discrete.height = MODES[i].height;
            return 0;
        }
    }
    return fail(EINVAL);
}

static int enumerate_intervals(struct v4l2_frmivalenum *f) {
    unsigned seen = 0;
    for (size_t i = 0; i < MODE_COUNT; i++) {
        const struct mode *m = &MODES[i];
        if (m->format != f->pixel_format || m->width != f->width || m->height != f->height) continue;
        if (seen++ == f->index) {
            f->type = V4L2_FRMIVAL_TYPE_DISCRETE;
            f->discrete.numerator = 1;
            f->discrete.denominator = m->fps;
            return 0;
        }
    }
    return fail(EINVAL);
}

static int get_format(struct v4l2_format *f) {
    f->fmt.pix.width = current.width;
    f->fmt.pix.height = current.height;
    f->fmt.pix.pixelformat = current.format;
    f->fmt.pix.field = V4L2_FIELD_NONE;
    f->fmt.pix.sizeimage = BUFFER_SIZE;
    f->fmt.pix.bytesperline = current.format == V4L2_PIX_FMT_YUYV ? current.width * 2 : 0;
    return 0;
}

static int set_format(struct v4l2_format *f) {
    if (getenv("FAKECAM_BUSY") || streaming) return fail(EBUSY);
    for (size_t i = 0; i < MODE_COUNT; i++) {
        const struct mode *m = &MODES[i];
        int same_size = m->width == f->fmt.pix.width && m->height == f->fmt.pix.height;
        if (m->format == f->fmt.pix.pixelformat && same_size) {
            current = *m;
            break;
        }
    }
    return get_format(f);
}

static int parameters(struct v4l2_streamparm *p, int set) {
    if (set && p->parm.capture.timeperframe.numerator)
        current.fps = p->parm.capture.timeperframe.denominator / p->parm.capture.timeperframe.numerator;
    p->parm.capture.capability = V4L2_CAP_TIMEPERFRAME;
    p->parm.capture.timeperframe.numerator = 1;
    p->parm.capture.timeperframe.denominator = current.fps;
    p->parm.capture.readbuffers = BUFFERS;
    return 0;
}

static void sleep_until(struct timespec t) {
    pthread_mutex_unlock(&lock);
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR) {}
    pthread_mutex_lock(&lock);
}

static int dequeue(struct v4l2_buffer *b) {
    if (!streaming) return fail(EINVAL);
    if (!queued) return fail(EAGAIN);
    long stall_after = number("FAKECAM_STALL_AFTER");
    if (!has_stalled && stall_after >= 0 && delivered >= (unsigned long)stall_after) {
        has_stalled = 1;
        struct timespec end = now();
        long ms = number("FAKECAM_STALL_FOR");
        end.tv_sec += ms / 1000;
        add(&end, ms % 1000 * 1000000L);
        sleep_until(end);
        next_frame = now();
    }
    add(&next_frame, FRAME_NS);
    sleep_until(next_frame);
    if (is_gone()) return fail(ENODEV);
    unsigned index = queue[0];
    memmove(queue, queue + 1, --queued * sizeof *queue);
    unsigned char *target = memory + (size_t)index * BUFFER_SIZE;
    size_t size = next_picture(target);
    long every = number("FAKECAM_CORRUPT_EVERY");
    if (every > 0 && delivered % (unsigned long)every == (unsigned long)every - 1)
        memset(target + size / 2, 0, BUFFER_SIZE - size / 2);
    delivered++;
    b->index = index;
    b->bytesused = (unsigned)size;
    b->length = BUFFER_SIZE;
    b->sequence = sequence++;
    b->flags = V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
    b->field = V4L2_FIELD_NONE;
    struct timespec t = now();
    b->timestamp.tv_sec = t.tv_sec;
    b->timestamp.tv_usec = t.tv_nsec / 1000;
    return 0;
}

static int answer(unsigned request, void *argument) {
    if (is_gone()) return fail(ENODEV);
    switch (request) {
    case VIDIOC_QUERYCAP: {
        struct v4l2_capability *c = argument;
        memset(c, 0, sizeof *c);
        strcpy((char *)c->driver, "fakecam");
        strcpy((char *)c->card, "Fake Camera");
        strcpy((char *)c->bus_info, "preload");
        c->version = 0x060100;
        c->device_caps = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
        c->capabilities = c->device_caps | V4L2_CAP_DEVICE_CAPS;
        return 0;
    }
    case VIDIOC_ENUM_FMT: return enumerate_formats(argument);
    case VIDIOC_ENUM_FRAMESIZES: return enumerate_sizes(argument);
    case VIDIOC_ENUM_FRAMEINTERVALS: return enumerate_intervals(argument);
    case VIDIOC_G_FMT: return get_format(argument);
    case VIDIOC_S_FMT: return set_format(argument);
    case VIDIOC_G_PARM: return parameters(argument, 0);
    case VIDIOC_S_PARM: return parameters(argument, 1);
    case VIDIOC_REQBUFS: {
        struct v4l2_requestbuffers *r = argument;
        if (getenv("FAKECAM_BUSY") && r->count) return fail(EBUSY);
        if (r->count > BUFFERS) r->count = BUFFERS;
        queued = 0;
        return 0;
    }
    case VIDIOC_QUERYBUF: {
        struct v4l2_buffer *b = argument;
        if (b->index >= BUFFERS) return fail(EINVAL);
        b->length = BUFFER_SIZE;
        b->m.offset = b->index * BUFFER_SIZE;
        return 0;
    }
    case VIDIOC_QBUF: {
        struct v4l2_buffer *b = argument;
        if (queued >= BUFFERS || b->index >= BUFFERS) return fail(EINVAL);
        queue[queued++] = b->index;
        return 0;
    }
    case VIDIOC_STREAMON:
        streaming = 1;
        next_frame = now();
        return 0;
    case VIDIOC_STREAMOFF:
        streaming = 0;
        queued = 0;
        return 0;
    case VIDIOC_DQBUF: return dequeue(argument);
    default: return fail(ENOTTY);
    }
}

static int locked_answer(unsigned request, void *argument) {
    pthread_mutex_lock(&lock);
    int result = answer(request, argument);
    pthread_mutex_unlock(&lock);
    return result;
}

/* The calls that are caught. Everything about other files goes on to the real ones. */

#define REAL(type, name, ...)                                      \
    static type (*real)(__VA_ARGS__);                              \
    if (!real) real = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

#define OPEN(name)                                                 \
    int name(const char *path, int flags, ...) {                   \
        REAL(int, #name, const char *, int, ...);                  \
        va_list list;                                              \
        va_start(list, flags);                                     \
        int mode = va_arg(list, int);                              \
        va_end(list);                                              \
        if (strcmp(path, DEVICE)) return real(path, flags, mode);  \
        pthread_mutex_lock(&lock);                                 \
        int fd = open_device();                                    \
        pthread_mutex_unlock(&lock);                               \
        return fd;                                                 \
    }
OPEN(open)
OPEN(open64)

DIR *opendir(const char *path) {
    REAL(DIR *, "opendir", const char *);
    const char *plugged = getenv("FAKECAM_DEV"), *empty = getenv("FAKECAM_EMPTY");
    if (strcmp(path, "/dev") || !plugged || !empty) return real(path);
    pthread_mutex_lock(&lock);
    int gone = is_gone();
    pthread_mutex_unlock(&lock);
    return real(gone ? empty : plugged);
}

int close(int fd) {
    REAL(int, "close", int);
    pthread_mutex_lock(&lock);
    if (fd >= 0 && fd == device_fd) {
        munmap(memory, BUFFERS * BUFFER_SIZE);
        device_fd = -1;
        streaming = 0;
    }
    pthread_mutex_unlock(&lock);
    return real(fd);
}

int ioctl(int fd, unsigned long request, ...) {
    REAL(int, "ioctl", int, unsigned long, ...);
    va_list list;
    va_start(list, request);
    void *argument = va_arg(list, void *);
    va_end(list);
    return fd >= 0 && fd == device_fd ? locked_answer((unsigned)request, argument) : real(fd, request, argument);
}

/* The v4l crate makes its ioctl through syscall(). */
long syscall(long call, ...) {
    REAL(long, "syscall", long, ...);
    va_list list;
    va_start(list, call);
    long a = va_arg(list, long), b = va_arg(list, long), c = va_arg(list, long);
    long d = va_arg(list, long), e = va_arg(list, long), f = va_arg(list, long);
    va_end(list);
    if (call == SYS_ioctl && (int)a >= 0 && (int)a == device_fd) return locked_answer((unsigned)b, (void *)c);
    return real(call, a, b, c, d, e, f);
}
