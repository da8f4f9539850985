/* Products over the last two dimensions; leading dimensions are a batch. */
#include "backend/cpu/cpu.h"
#include "backend/cpu/gemm.h"
#include "base/parallel.h"

/* One side of a product: batches of [rows, cols] in memory. */
typedef struct side {
    const float *data;
    int64_t cols, size;
    bool transposed;
} side;

typedef struct product {
    side a, b;
    float *c;
    int64_t m, n, k;
    float alpha;
    umcl_status st; /* every failing batch stores the same kind of code: the last one stays */
} product;

static umcl_status product_of(const product *p, int64_t i)
{
    return um_cpu_gemm(p->a.transposed, p->b.transposed, p->m, p->n, p->k, p->alpha,
                       p->a.data + i * p->a.size, p->a.cols, p->b.data + i * p->b.size, p->b.cols,
                       0, p->c + i * p->m * p->n, p->n);
}

static void product_range(void *ctx, size_t begin, size_t end)
{
    product *p = ctx;

    for (size_t i = begin; i < end; i++) {
        umcl_status st = product_of(p, (int64_t)i);

        if (st != UMCL_OK) p->st = st;
    }
}

/* Whole products side by side where there are enough of them, else threads within each. */
static umcl_status run_product(product *p, int64_t batch)
{
    int threads = um_threads();

    if (p->m * p->n == 0) return UMCL_OK;
    if (batch > 1 && (batch >= 2 * threads || batch % threads == 0)) {
        int64_t work = p->m * p->n * p->k, grain = 1 + 20000 / (work + 1);

        um_parallel_for((size_t)batch, (size_t)grain, product_range, p);
        return p->st == UMCL_OK ? UMCL_OK : um_fail(p->st, "matmul: oneDNN refused a product");
    }
    for (int64_t i = 0; i < batch; i++) UM_TRY(product_of(p, i));
    return UMCL_OK;
}

static side side_of(const um_tensor *t, bool transposed)
{
    int rank = t->shape.rank;
    int64_t rows = t->shape.dim[rank - 2], cols = t->shape.dim[rank - 1];

    return (side){um_f32(t), cols, rows * cols, transposed};
}

static side flipped(side s)
{
    s.transposed = !s.transposed;
    return s;
}

typedef struct sizes {
    int64_t m, n, k, batch;
} sizes;

static sizes sizes_of(const um_call *c)
{
    int rank = c->out.shape.rank;
    sizes s = {.m = c->out.shape.dim[rank - 2], .n = c->out.shape.dim[rank - 1], .batch = 1};

    s.k = c->in[0].shape.dim[c->attr.matmul.ta ? rank - 2 : rank - 1];
    for (int i = 0; i < rank - 2; i++) s.batch *= c->out.shape.dim[i];
    return s;
}

static umcl_status matmul_forward(um_call *c)
{
    sizes s = sizes_of(c);
    product p = {.a = side_of(&c->in[0], c->attr.matmul.ta),
                 .b = side_of(&c->in[1], c->attr.matmul.tb),
                 .c = um_f32(&c->out),
                 .m = s.m,
                 .n = s.n,
                 .k = s.k,
                 .alpha = c->attr.matmul.alpha};

    return run_product(&p, s.batch);
}

/* d op(A) = alpha dC op(B)^T and d op(B) = alpha op(A)^T dC, transposed back where op does. */
static umcl_status matmul_backward(um_call *c)
{
    sizes s = sizes_of(c);
    side a = side_of(&c->in[0], c->attr.matmul.ta), b = side_of(&c->in[1], c->attr.matmul.tb);
    side d = side_of(&c->dout, false);
    product p = {.alpha = c->attr.matmul.alpha};

    if (c->din[0].data) {
        bool t = c->attr.matmul.ta;

        p.a = t ? b : d;
        p.b = t ? flipped(d) : flipped(b);
        p.m = t ? s.k : s.m;
        p.n = t ? s.m : s.k;
        p.k = s.n;
        p.c = um_f32(&c->din[0]);
        UM_TRY(run_product(&p, s.batch));
    }
    if (c->din[1].data) {
        bool t = c->attr.matmul.tb;

        p.a = t ? flipped(d) : flipped(a);
        p.b = t ? a : d;
        p.m = t ? s.n : s.k;
        p.n = t ? s.k : s.n;
        p.k = s.m;
        p.c = um_f32(&c->din[1]);
        UM_TRY(run_product(&p, s.batch));
    }
    return UMCL_OK;
}

const um_kernel um_cpu_matmul = {NULL, matmul_forward, matmul_backward, NULL};
