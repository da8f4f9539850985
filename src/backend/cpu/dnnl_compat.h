/*
 * The few oneDNN calls that this backend makes, the same for oneDNN 2.6 and 3.x: version 3 drops
 * operation descriptors and makes memory descriptors opaque, which only dnnl_compat.c has to know.
 */
#ifndef UM_BACKEND_CPU_DNNL_COMPAT_H
#define UM_BACKEND_CPU_DNNL_COMPAT_H

#include <oneapi/dnnl/dnnl.h>

#include "tensor/tensor.h"

/* A memory descriptor, owned. */
#if DNNL_VERSION_MAJOR >= 3
typedef dnnl_memory_desc_t um_dnnl_md;
#else
typedef dnnl_memory_desc_t *um_dnnl_md;
#endif

/** A primitive with the descriptors of what it reads and writes. */
typedef struct um_dnnl_prim {
    dnnl_primitive_t primitive;
    dnnl_primitive_desc_t desc;
} um_dnnl_prim;

/** An owned memory object whose data pointer is set for each call. */
typedef dnnl_memory_t um_dnnl_mem;

/** UMCL_OK, or the sentence "what: oneDNN: out of memory". */
umcl_status um_dnnl_check(dnnl_status_t st, const char *what);

dnnl_engine_t um_dnnl_engine(void);
dnnl_stream_t um_dnnl_stream(void); /* of the calling thread */

/** Dense float32 layout; `tag` as in oneDNN ("ndhwc"), dnnl_format_tag_any: oneDNN's choice. */
umcl_status um_dnnl_md_new(um_dnnl_md *out, int rank, const int64_t *dim, dnnl_format_tag_t tag);

void um_dnnl_md_free(um_dnnl_md md);
size_t um_dnnl_md_bytes(um_dnnl_md md);
bool um_dnnl_md_equal(um_dnnl_md a, um_dnnl_md b);

typedef struct um_dnnl_conv {
    dnnl_prop_kind_t kind; /* forward_inference / forward_training; ignored for gradients */
    um_dnnl_md src, weights, bias, dst; /* bias NULL: none; these are borrowed */
    dnnl_dims_t stride, pad;            /* of the spatial dimensions */
    bool relu;
} um_dnnl_conv;

umcl_status um_dnnl_conv_forward(um_dnnl_prim *out, const um_dnnl_conv *c);
umcl_status um_dnnl_conv_backward_data(um_dnnl_prim *out, const um_dnnl_conv *c,
                                       dnnl_primitive_desc_t forward);
umcl_status um_dnnl_conv_backward_weights(um_dnnl_prim *out, const um_dnnl_conv *c,
                                          dnnl_primitive_desc_t forward);
void um_dnnl_prim_free(um_dnnl_prim *p);

/** The descriptor that a primitive wants for an argument; borrowed from the primitive. */
um_dnnl_md um_dnnl_wants(const um_dnnl_prim *p, dnnl_query_t what, int index);
size_t um_dnnl_scratch_bytes(const um_dnnl_prim *p);

umcl_status um_dnnl_reorder(um_dnnl_prim *out, um_dnnl_md from, um_dnnl_md to);

umcl_status um_dnnl_mem_new(um_dnnl_mem *out, um_dnnl_md md);
void um_dnnl_mem_free(um_dnnl_mem mem);

typedef struct um_dnnl_arg {
    int index; /* DNNL_ARG_SRC ... */
    um_dnnl_mem mem;
    void *data;
} um_dnnl_arg;

#define UM_DNNL_MAX_ARGS 8

/** Sets the data pointers and runs to the end. */
umcl_status um_dnnl_run(const um_dnnl_prim *p, const char *what, const um_dnnl_arg *args, int n);

#endif
