#include "backend/cpu/dnnl_compat.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define V3 (DNNL_VERSION_MAJOR >= 3)

umcl_status um_dnnl_check(dnnl_status_t st, const char *what)
{
    switch (st) {
    case dnnl_success: return UMCL_OK;
    case dnnl_out_of_memory: return um_fail(UMCL_ERR_NOMEM, "%s: oneDNN: out of memory", what);
    case dnnl_unimplemented:
        return um_fail(UMCL_ERR_UNSUPPORTED, "%s: oneDNN has no implementation", what);
    default: return um_fail(UMCL_ERR_INTERNAL, "%s: oneDNN: error %d", what, (int)st);
    }
}

static dnnl_engine_t engine;
static pthread_key_t stream_key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void free_stream(void *stream)
{
    dnnl_stream_destroy(stream);
}

static void make_engine(void)
{
    if (dnnl_engine_create(&engine, dnnl_cpu, 0) != dnnl_success) engine = NULL;
    pthread_key_create(&stream_key, free_stream);
}

dnnl_engine_t um_dnnl_engine(void)
{
    pthread_once(&once, make_engine);
    return engine;
}

dnnl_stream_t um_dnnl_stream(void)
{
    dnnl_engine_t e = um_dnnl_engine();
    dnnl_stream_t stream = pthread_getspecific(stream_key);

    if (stream) return stream;
    if (dnnl_stream_create(&stream, e, dnnl_stream_default_flags) != dnnl_success) return NULL;
    pthread_setspecific(stream_key, stream);
    return stream;
}

umcl_status um_dnnl_md_new(um_dnnl_md *out, int rank, const int64_t *dim, dnnl_format_tag_t tag)
{
#if V3
    return um_dnnl_check(dnnl_memory_desc_create_with_tag(out, rank, dim, dnnl_f32, tag), "layout");
#else
    UM_TRY(um_calloc(out, 1, sizeof **out));
    return um_dnnl_check(dnnl_memory_desc_init_by_tag(*out, rank, dim, dnnl_f32, tag), "layout");
#endif
}

void um_dnnl_md_free(um_dnnl_md md)
{
#if V3
    if (md) dnnl_memory_desc_destroy(md);
#else
    free(md);
#endif
}

size_t um_dnnl_md_bytes(um_dnnl_md md)
{
    return dnnl_memory_desc_get_size(md);
}

bool um_dnnl_md_equal(um_dnnl_md a, um_dnnl_md b)
{
    return dnnl_memory_desc_equal(a, b) != 0;
}

/* The caller hands scratch memory in; ReLU where asked. */
static umcl_status make_attr(dnnl_primitive_attr_t *out, bool relu)
{
    dnnl_post_ops_t ops = NULL;
    umcl_status st;

    *out = NULL;
    UM_CHECK(um_dnnl_check(dnnl_primitive_attr_create(out), "attributes"));
    UM_CHECK(um_dnnl_check(dnnl_primitive_attr_set_scratchpad_mode(*out, dnnl_scratchpad_mode_user),
                           "attributes"));
    if (!relu) goto done;
    UM_CHECK(um_dnnl_check(dnnl_post_ops_create(&ops), "post-op"));
#if V3
    UM_CHECK(um_dnnl_check(dnnl_post_ops_append_eltwise(ops, dnnl_eltwise_relu, 0, 0), "post-op"));
#else
    UM_CHECK(
        um_dnnl_check(dnnl_post_ops_append_eltwise(ops, 1, dnnl_eltwise_relu, 0, 0), "post-op"));
#endif
    UM_CHECK(um_dnnl_check(dnnl_primitive_attr_set_post_ops(*out, ops), "post-op"));
done:
    if (ops) dnnl_post_ops_destroy(ops);
    return st;
}

static umcl_status finish(um_dnnl_prim *out, dnnl_status_t st, const char *what)
{
    UM_TRY(um_dnnl_check(st, what));
    return um_dnnl_check(dnnl_primitive_create(&out->primitive, out->desc), what);
}

umcl_status um_dnnl_conv_forward(um_dnnl_prim *out, const um_dnnl_conv *c)
{
    dnnl_primitive_attr_t attr;
    dnnl_status_t ds;
    umcl_status st;

    UM_CHECK(make_attr(&attr, c->relu));
#if V3
    const dnnl_dims_t none = {0};
    ds = dnnl_convolution_forward_primitive_desc_create(
        &out->desc, um_dnnl_engine(), c->kind, dnnl_convolution_direct, c->src, c->weights, c->bias,
        c->dst, c->stride, none, c->pad, c->pad, attr);
#else
    dnnl_convolution_desc_t d;
    ds = dnnl_convolution_forward_desc_init(&d, c->kind, dnnl_convolution_direct, c->src,
                                            c->weights, c->bias, c->dst, c->stride, c->pad, c->pad);
    if (ds == dnnl_success)
        ds = dnnl_primitive_desc_create(&out->desc, &d, attr, um_dnnl_engine(), NULL);
#endif
    st = finish(out, ds, "convolution");
done:
    if (attr) dnnl_primitive_attr_destroy(attr);
    return st;
}

umcl_status um_dnnl_conv_backward_data(um_dnnl_prim *out, const um_dnnl_conv *c,
                                       dnnl_primitive_desc_t forward)
{
    dnnl_primitive_attr_t attr;
    dnnl_status_t ds;
    umcl_status st;

    UM_CHECK(make_attr(&attr, false));
#if V3
    const dnnl_dims_t none = {0};
    ds = dnnl_convolution_backward_data_primitive_desc_create(
        &out->desc, um_dnnl_engine(), dnnl_convolution_direct, c->src, c->weights, c->dst,
        c->stride, none, c->pad, c->pad, forward, attr);
#else
    dnnl_convolution_desc_t d;
    ds = dnnl_convolution_backward_data_desc_init(&d, dnnl_convolution_direct, c->src, c->weights,
                                                  c->dst, c->stride, c->pad, c->pad);
    if (ds == dnnl_success)
        ds = dnnl_primitive_desc_create(&out->desc, &d, attr, um_dnnl_engine(), forward);
#endif
    st = finish(out, ds, "convolution, input gradient");
done:
    if (attr) dnnl_primitive_attr_destroy(attr);
    return st;
}

umcl_status um_dnnl_conv_backward_weights(um_dnnl_prim *out, const um_dnnl_conv *c,
                                          dnnl_primitive_desc_t forward)
{
    dnnl_primitive_attr_t attr;
    dnnl_status_t ds;
    umcl_status st;

    UM_CHECK(make_attr(&attr, false));
#if V3
    const dnnl_dims_t none = {0};
    ds = dnnl_convolution_backward_weights_primitive_desc_create(
        &out->desc, um_dnnl_engine(), dnnl_convolution_direct, c->src, c->weights, c->bias, c->dst,
        c->stride, none, c->pad, c->pad, forward, attr);
#else
    dnnl_convolution_desc_t d;
    ds =
        dnnl_convolution_backward_weights_desc_init(&d, dnnl_convolution_direct, c->src, c->weights,
                                                    c->bias, c->dst, c->stride, c->pad, c->pad);
    if (ds == dnnl_success)
        ds = dnnl_primitive_desc_create(&out->desc, &d, attr, um_dnnl_engine(), forward);
#endif
    st = finish(out, ds, "convolution, weight gradient");
done:
    if (attr) dnnl_primitive_attr_destroy(attr);
    return st;
}

void um_dnnl_prim_free(um_dnnl_prim *p)
{
    if (p->primitive) dnnl_primitive_destroy(p->primitive);
    if (p->desc) dnnl_primitive_desc_destroy(p->desc);
    *p = (um_dnnl_prim){0};
}

um_dnnl_md um_dnnl_wants(const um_dnnl_prim *p, dnnl_query_t what, int index)
{
    /* Borrowed and only read, but 2.x and 3.x disagree on where const goes. */
    return (um_dnnl_md)(uintptr_t)dnnl_primitive_desc_query_md(p->desc, what, index);
}

size_t um_dnnl_scratch_bytes(const um_dnnl_prim *p)
{
    return um_dnnl_md_bytes(um_dnnl_wants(p, dnnl_query_scratchpad_md, 0));
}

umcl_status um_dnnl_reorder(um_dnnl_prim *out, um_dnnl_md from, um_dnnl_md to)
{
    dnnl_engine_t e = um_dnnl_engine();

    return finish(out, dnnl_reorder_primitive_desc_create(&out->desc, from, e, to, e, NULL),
                  "reorder");
}

umcl_status um_dnnl_mem_new(um_dnnl_mem *out, um_dnnl_md md)
{
    return um_dnnl_check(dnnl_memory_create(out, md, um_dnnl_engine(), DNNL_MEMORY_NONE), "memory");
}

void um_dnnl_mem_free(um_dnnl_mem mem)
{
    if (mem) dnnl_memory_destroy(mem);
}

umcl_status um_dnnl_run(const um_dnnl_prim *p, const char *what, const um_dnnl_arg *args, int n)
{
    dnnl_exec_arg_t list[UM_DNNL_MAX_ARGS];
    dnnl_stream_t stream = um_dnnl_stream();

    for (int i = 0; i < n; i++) {
        UM_TRY(um_dnnl_check(dnnl_memory_set_data_handle(args[i].mem, args[i].data), what));
        list[i] = (dnnl_exec_arg_t){args[i].index, args[i].mem};
    }
    UM_TRY(um_dnnl_check(dnnl_primitive_execute(p->primitive, stream, n, list), what));
    return um_dnnl_check(dnnl_stream_wait(stream), what);
}
