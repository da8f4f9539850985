/*
 * A warm step allocates nothing: counted by standing in for malloc and its kin. The stand-ins are
 * hidden, so this program's own code alone is counted: oneDNN makes a few small lists of arguments
 * for each primitive that it runs, which its interface does not let us avoid.
 */
#include "../test.h"

#include <stdlib.h>

#include "base/parallel.h"
#include "model/lrnet.h"
#include "model/texture.h"
#include "nn/init.h"

#if !defined(__SANITIZE_ADDRESS__) && defined(__GLIBC__)
#define COUNTING 1
#else
#define COUNTING 0
#endif

static long count;

#if COUNTING
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void *__libc_memalign(size_t align, size_t n);

void *malloc(size_t n)
{
    count++;
    return __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
    count++;
    return __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
    count++;
    return __libc_realloc(p, n);
}

int posix_memalign(void **out, size_t align, size_t n)
{
    count++;
    *out = __libc_memalign(align, n);
    return *out ? 0 : 12;
}

void *aligned_alloc(size_t align, size_t n)
{
    count++;
    return __libc_memalign(align, n);
}
#endif

/* Allocations of one step, forward and, in training, backward, after two others. */
static long step(um_graph *g, um_params *set, um_node *in, um_node *out)
{
    size_t n = (size_t)um_shape_count(um_node_shape(in));
    float *seed = calloc((size_t)um_shape_count(um_node_shape(out)), sizeof *seed);
    long before = 0;

    um_init_input(um_data(in), "alloc", "x", 0, n);
    for (int i = 0; i < 3; i++) {
        before = count;
        assert_ok(um_graph_forward(g));
        if (um_graph_mode(g) != UM_TRAIN) continue;
        assert_ok(um_params_zero_grad(set));
        assert_ok(um_write_grad(g, out, seed));
        assert_ok(um_graph_backward(g));
    }
    before = count - before;
    free(seed);
    return before;
}

static long convolutions(um_mode mode)
{
    um_params *set;
    um_graph *g;
    um_node *in, *out;
    long n;

    assert_ok(um_params_new(&set, um_backend_cpu()));
    assert_ok(um_graph_new(&g, um_backend_cpu(), mode));
    um_nn nn = {.g = g, .set = set, .prefix = "", .seed = 1};
    in = um_input(g, "frames", UM_F32, UM_SHAPE(2, 1, UM_TEXTURE_SIDE, UM_TEXTURE_SIDE, 3));
    out = um_texture_head(&nn, um_texture(&nn, in, NULL), 0.2f);
    um_output(g, out);
    assert_ok(um_graph_compile(g));
    n = step(g, set, in, out);
    um_graph_free(g);
    um_params_free(set);
    return n;
}

static long recurrent(um_mode mode)
{
    um_params *set;
    um_graph *g;
    um_node *in;
    um_lrnet_out out;
    long n;

    assert_ok(um_params_new(&set, um_backend_cpu()));
    assert_ok(um_graph_new(&g, um_backend_cpu(), mode));
    um_nn nn = {.g = g, .set = set, .prefix = "", .seed = 1};
    in = um_input(g, "landmarks", UM_F32, UM_SHAPE(4, 60, UM_LRNET_INPUTS));
    um_lrnet(&out, &nn, in, UM_LRNET_OPTIONS_TRAIN);
    um_output(g, out.prob);
    assert_ok(um_graph_compile(g));
    n = step(g, set, in, out.prob);
    um_graph_free(g);
    um_params_free(set);
    return n;
}

static void warm_steps_allocate_nothing(void **state)
{
    (void)state;
    if (!COUNTING) skip();
    um_threads_set(1);
    assert_int_equal(convolutions(UM_INFER), 0);
    assert_int_equal(convolutions(UM_TRAIN), 0);
    assert_int_equal(recurrent(UM_INFER), 0);
    assert_int_equal(recurrent(UM_TRAIN), 0);
    assert_true(count > 100); /* recording and compiling were counted */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(warm_steps_allocate_nothing)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
