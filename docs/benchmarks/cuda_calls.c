/*
 * Counts how often a process waits for a GPU and copies to and from it, and prints totals once a second:
 *
 *   cc -shared -fPIC -O1 -o cuda_calls.so cuda_calls.c -ldl -lpthread
 *   LD_PRELOAD=./cuda_calls.so CUDA_CALLS=calls java ...
 *
 * Each process writes a file CUDA_CALLS.PID. A line has the seconds since the start, waits (for streams, devices, events), copies to the device, copies to the
 * host, and copies on the device. CUDART names the library, by default libcudart.so.13.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static atomic_long waits, to_device, to_host, on_device;

static void *original(const char *name) {
    static void *library;
    if (library == NULL) {
        const char *file = getenv("CUDART");
        library = dlopen(file ? file : "libcudart.so.13", RTLD_LAZY | RTLD_NOLOAD);
        if (library == NULL) library = dlopen(file ? file : "libcudart.so.12", RTLD_LAZY | RTLD_NOLOAD);
    }
    void *found = library ? dlsym(library, name) : NULL;
    if (found == NULL) {
        fprintf(stderr, "cuda_calls: no %s\n", name);
        abort();
    }
    return found;
}

#define CALL(name, counter, declared, passed, ...)                                                                    \
    int name declared {                                                                                               \
        static int(*function) declared;                                                                               \
        if (function == NULL) function = (int(*) declared)original(#name);                                            \
        counter;                                                                                                      \
        return function passed;                                                                                       \
    }

static void copied(int kind) {
    atomic_fetch_add(kind == 1 ? &to_device : kind == 2 ? &to_host : &on_device, 1);
}

CALL(cudaStreamSynchronize, atomic_fetch_add(&waits, 1), (void *stream), (stream))
CALL(cudaDeviceSynchronize, atomic_fetch_add(&waits, 1), (void), ())
CALL(cudaEventSynchronize, atomic_fetch_add(&waits, 1), (void *event), (event))
CALL(cudaMemcpyAsync, copied(kind), (void *to, const void *from, size_t n, int kind, void *stream),
     (to, from, n, kind, stream))
CALL(cudaMemcpy, (copied(kind), atomic_fetch_add(&waits, 1)), (void *to, const void *from, size_t n, int kind),
     (to, from, n, kind))

static void *print(void *file) {
    struct timespec start, now;
    char name[4096];
    snprintf(name, sizeof name, "%s.%d", (char *)file, (int)getpid());
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (;;) {
        usleep(1000000);
        clock_gettime(CLOCK_MONOTONIC, &now);
        FILE *out = fopen(name, "a");
        if (out == NULL) return NULL;
        fprintf(out, "%.3f %ld %ld %ld %ld\n",
                (now.tv_sec - start.tv_sec) + (now.tv_nsec - start.tv_nsec) / 1e9, waits, to_device, to_host,
                on_device);
        fclose(out);
    }
}

__attribute__((constructor)) static void begin(void) {
    char *file = getenv("CUDA_CALLS");
    pthread_t thread;
    if (file != NULL) pthread_create(&thread, NULL, print, file);
}
