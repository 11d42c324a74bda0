// Preloaded into a program, it counts what the program does to files below one folder, and lets one of these calls go wrong.
//   FAULTS_BELOW   the folder; calls on other files pass untouched
//   FAULTS_LOG     a file outside of it: a line for each call, "number <tab> call <tab> path <tab> new path"; the last call of a
//                  process that is killed has a second one, with "killed" for the call
//   FAULTS_KILL    number of the call at which the process is killed by SIGKILL ...
//   FAULTS_INSIDE  ... set: within it, half of the bytes are written; else before it
//   FAULTS_ERRNO   number of the error that calls give ...
//   FAULTS_FROM    ... from this call on, ...
//   FAULTS_UNTIL   ... up to this one (default: for good), ...
//   FAULTS_BYTES   ... or once so many bytes were written; as on a full disk, what fits is written first
// It takes the calls of the C library that libuv makes, so it is for Linux. Numbers count from 1, in each process.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define FILES 65536

static const char *below;
static size_t below_length;
static long kill_at, from, until, bytes_left = -1;
static int inside, error_number, log_file = -1;
static long count;
static char *paths[FILES]; // of open files below the folder
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static long number(const char *name, long otherwise) {
  const char *text = getenv(name);
  return text && *text ? atol(text) : otherwise;
}

__attribute__((constructor)) static void begin(void) {
  below = getenv("FAULTS_BELOW");
  if (!below) return;
  below_length = strlen(below);
  kill_at = number("FAULTS_KILL", 0);
  inside = getenv("FAULTS_INSIDE") != NULL;
  error_number = (int)number("FAULTS_ERRNO", 0);
  bytes_left = number("FAULTS_BYTES", -1);
  from = number("FAULTS_FROM", bytes_left < 0 ? 1 : LONG_MAX);
  until = number("FAULTS_UNTIL", LONG_MAX);
  const char *log = getenv("FAULTS_LOG");
  if (log) log_file = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
}

/** The real one behind a name. */
#define REAL(name) ((__typeof__(&name))real(#name))
static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

/** A path from the root, if it is below the folder; else NULL. */
static const char *watched(int folder, const char *path, char *room) {
  if (!below || !path) return NULL;
  if (path[0] != '/') {
    char around[PATH_MAX];
    if (folder == AT_FDCWD) {
      if (!getcwd(around, sizeof around)) return NULL;
    } else {
      if (folder < 0 || folder >= FILES || !paths[folder]) return NULL;
      snprintf(around, sizeof around, "%s", paths[folder]);
    }
    if (snprintf(room, PATH_MAX, "%s/%s", around, path) >= PATH_MAX) return NULL;
    path = room;
  }
  if (strncmp(path, below, below_length) != 0) return NULL;
  return path[below_length] == '/' || path[below_length] == 0 ? path : NULL;
}

static void tell(long number, const char *call, const char *path, const char *to) {
  if (log_file < 0) return;
  char line[2 * PATH_MAX + 64];
  int length = snprintf(line, sizeof line, "%ld\t%s\t%s\t%s\n", number, call, path, to ? to : "");
  syscall(SYS_write, log_file, line, (size_t)length);
}

static void die(const char *path) {
  tell(kill_at, "killed", path, NULL);
  syscall(SYS_kill, getpid(), SIGKILL);
  for (;;) pause();
}

enum { GO, FAIL, HALF };

/** Whether a call can give the error at all. */
static int can_fail(const char *call) {
  int opens = strcmp(call, "open") == 0;
  if (error_number == EMFILE) return opens;
  if (error_number != ENOSPC) return 1;
  return opens || strcmp(call, "write") == 0 || strcmp(call, "mkdir") == 0 || strcmp(call, "link") == 0;
}

/** Counts a call; whether it goes on, fails (errno is set), or is to die halfway. */
static int meet(const char *call, const char *path, const char *to) {
  pthread_mutex_lock(&lock);
  long mine = ++count;
  tell(mine, call, path, to);
  if (mine == kill_at && !inside) die(path);
  int failing = error_number && mine >= from && mine <= until && can_fail(call);
  pthread_mutex_unlock(&lock);
  if (failing) {
    errno = error_number;
    return FAIL;
  }
  return mine == kill_at ? HALF : GO;
}

/** How much of a write fits, where room is limited. */
static ssize_t fitting(size_t wanted) {
  if (bytes_left < 0 || !error_number) return (ssize_t)wanted;
  pthread_mutex_lock(&lock);
  ssize_t fits = (ssize_t)wanted < bytes_left ? (ssize_t)wanted : bytes_left;
  bytes_left -= fits;
  pthread_mutex_unlock(&lock);
  return fits;
}

static void note(int file, const char *path) {
  if (file < 0 || file >= FILES) return;
  free(paths[file]);
  paths[file] = path ? strdup(path) : NULL;
}

static const char *pathOf(int file) { return below && file >= 0 && file < FILES ? paths[file] : NULL; }

#define OPENING(name, at, flags)                                                                                       \
  mode_t mode = 0;                                                                                                     \
  if ((flags) & (O_CREAT | O_TMPFILE)) {                                                                               \
    va_list more;                                                                                                      \
    va_start(more, flags);                                                                                             \
    mode = va_arg(more, mode_t);                                                                                       \
    va_end(more);                                                                                                      \
  }                                                                                                                    \
  char room[PATH_MAX];                                                                                                 \
  const char *found = watched(at, path, room);                                                                         \
  /* Reading changes nothing. */                                                                                       \
  if (found && ((flags) & (O_WRONLY | O_RDWR | O_CREAT)) && meet("open", found, NULL) == FAIL) return -1;

int open(const char *path, int flags, ...) {
  OPENING(open, AT_FDCWD, flags)
  int file = REAL(open)(path, flags, mode);
  note(file, found);
  return file;
}
int open64(const char *path, int flags, ...) {
  OPENING(open64, AT_FDCWD, flags)
  int file = REAL(open64)(path, flags, mode);
  note(file, found);
  return file;
}
int openat(int at, const char *path, int flags, ...) {
  OPENING(openat, at, flags)
  int file = REAL(openat)(at, path, flags, mode);
  note(file, found);
  return file;
}
int openat64(int at, const char *path, int flags, ...) {
  OPENING(openat64, at, flags)
  int file = REAL(openat64)(at, path, flags, mode);
  note(file, found);
  return file;
}
int close(int file) {
  if (below) note(file, NULL);
  return REAL(close)(file);
}

/** A write of `size` bytes, by `put` of the first so many. */
#define WRITING(call, file, size, put)                                                                                 \
  const char *path = pathOf(file);                                                                                     \
  size_t part = (size);                                                                                                \
  if (path) {                                                                                                          \
    int met = meet(call, path, NULL);                                                                                  \
    if (met == FAIL) return -1;                                                                                        \
    ssize_t fits = fitting(part);                                                                                      \
    if (fits == 0 && part > 0) {                                                                                       \
      errno = error_number;                                                                                            \
      return -1;                                                                                                       \
    }                                                                                                                  \
    part = (size_t)fits;                                                                                               \
    if (met == HALF) {                                                                                                 \
      part /= 2;                                                                                                       \
      put;                                                                                                             \
      die(path);                                                                                                       \
    }                                                                                                                  \
  }                                                                                                                    \
  return put;

ssize_t write(int file, const void *bytes, size_t size) {
  WRITING("write", file, size, REAL(write)(file, bytes, part))
}
ssize_t pwrite(int file, const void *bytes, size_t size, off_t at) {
  WRITING("write", file, size, REAL(pwrite)(file, bytes, part, at))
}
ssize_t pwrite64(int file, const void *bytes, size_t size, off64_t at) {
  WRITING("write", file, size, REAL(pwrite64)(file, bytes, part, at))
}
ssize_t writev(int file, const struct iovec *pieces, int number) {
  const char *path = pathOf(file);
  if (path) {
    // One after the other, each by the rules of a write.
    ssize_t done = 0;
    for (int i = 0; i < number; i++) {
      ssize_t put = write(file, pieces[i].iov_base, pieces[i].iov_len);
      if (put < 0) return done > 0 ? done : -1;
      done += put;
      if ((size_t)put < pieces[i].iov_len) break;
    }
    return done;
  }
  return REAL(writev)(file, pieces, number);
}
ssize_t sendfile64(int out, int in, off64_t *offset, size_t size);
ssize_t sendfile(int out, int in, off_t *offset, size_t size) {
  WRITING("write", out, size, REAL(sendfile)(out, in, offset, part))
}
ssize_t sendfile64(int out, int in, off64_t *offset, size_t size) {
  WRITING("write", out, size, REAL(sendfile64)(out, in, offset, part))
}
ssize_t copy_file_range(int in, off64_t *from_offset, int out, off64_t *to_offset, size_t size, unsigned flags) {
  WRITING("write", out, size, REAL(copy_file_range)(in, from_offset, out, to_offset, part, flags))
}

/** A call on what a path names. */
#define NAMED(call, at, path)                                                                                          \
  char room[PATH_MAX];                                                                                                 \
  const char *found = watched(at, path, room);                                                                         \
  if (found && meet(call, found, NULL) == FAIL) return -1;

int mkdir(const char *path, mode_t mode) {
  NAMED("mkdir", AT_FDCWD, path)
  return REAL(mkdir)(path, mode);
}
int mkdirat(int at, const char *path, mode_t mode) {
  NAMED("mkdir", at, path)
  return REAL(mkdirat)(at, path, mode);
}
int rmdir(const char *path) {
  NAMED("rmdir", AT_FDCWD, path)
  return REAL(rmdir)(path);
}
int unlink(const char *path) {
  NAMED("unlink", AT_FDCWD, path)
  return REAL(unlink)(path);
}
int unlinkat(int at, const char *path, int flags) {
  NAMED("unlink", at, path)
  return REAL(unlinkat)(at, path, flags);
}
int truncate(const char *path, off_t size) {
  NAMED("truncate", AT_FDCWD, path)
  return REAL(truncate)(path, size);
}

/** A call on two names. */
#define MOVING(call, at, path, to_at, to)                                                                              \
  char room[PATH_MAX], to_room[PATH_MAX];                                                                              \
  const char *found = watched(at, path, room), *target = watched(to_at, to, to_room);                                  \
  if ((found || target) && meet(call, found ? found : path, target ? target : to) == FAIL) return -1;

int rename(const char *path, const char *to) {
  MOVING("rename", AT_FDCWD, path, AT_FDCWD, to)
  return REAL(rename)(path, to);
}
int renameat(int at, const char *path, int to_at, const char *to) {
  MOVING("rename", at, path, to_at, to)
  return REAL(renameat)(at, path, to_at, to);
}
int link(const char *path, const char *to) {
  MOVING("link", AT_FDCWD, path, AT_FDCWD, to)
  return REAL(link)(path, to);
}
int symlink(const char *path, const char *to) {
  MOVING("symlink", AT_FDCWD, path, AT_FDCWD, to)
  return REAL(symlink)(path, to);
}

/** A call on an open file. */
#define ON_FILE(call, file)                                                                                            \
  const char *path = pathOf(file);                                                                                     \
  if (path && meet(call, path, NULL) == FAIL) return -1;

int fsync(int file) {
  ON_FILE("fsync", file)
  return REAL(fsync)(file);
}
int fdatasync(int file) {
  ON_FILE("fsync", file)
  return REAL(fdatasync)(file);
}
int ftruncate(int file, off_t size) {
  ON_FILE("truncate", file)
  return REAL(ftruncate)(file, size);
}
int ftruncate64(int file, off64_t size) {
  ON_FILE("truncate", file)
  return REAL(ftruncate64)(file, size);
}
