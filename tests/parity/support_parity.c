#include "support_parity.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"

void parity_start(parity *p, const char *path, um_mode mode)
{
    memset(p, 0, sizeof *p);
    assert_ok(um_st_read(&p->file, path));
    assert_ok(um_params_new(&p->set, um_backend_cpu()));
    assert_ok(um_graph_new(&p->g, um_backend_cpu(), mode));
    p->nn = (um_nn){p->g, p->set, "", 0};
}

void parity_stop(parity *p)
{
    um_graph_free(p->g);
    um_params_free(p->set);
    um_st_free(p->file);
}

float *parity_values(const parity *p, const char *name, size_t n)
{
    const um_st_tensor *t = um_st_find(p->file, name);
    float *out;

    if (!t || t->count != n) fail_msg("%s: expected %zu values in the reference", name, n);
    assert_ok(um_calloc(&out, n, sizeof *out));
    assert_ok(um_st_to_f32(out, t));
    return out;
}

static double largest(const float *x, size_t n)
{
    double m = 0;

    for (size_t i = 0; i < n; i++) m = fmax(m, fabs(x[i]));
    return m;
}

void parity_compare(const parity *p, const char *name, const float *have, size_t n, double scale,
                    double tol)
{
    float *want = parity_values(p, name, n);
    double worst = 0;

    scale = fmax(scale, largest(want, n));
    for (size_t i = 0; i < n; i++) {
        double d = fabs((double)have[i] - want[i]) / scale;

        if (!(d <= tol))
            fail_msg("%s[%zu]: expected %.9g, found %.9g (largest %.3g)", name, i, want[i], have[i],
                     scale);
        worst = fmax(worst, d);
    }
    if (getenv("UMCL_TEST_VERBOSE")) print_message("%-50s %.2e\n", name, worst);
    free(want);
}

float *parity_read(const parity *p, const um_node *node)
{
    float *out;

    assert_ok(um_calloc(&out, (size_t)um_shape_count(um_node_shape(node)), sizeof *out));
    assert_ok(um_read(p->g, node, out));
    return out;
}

float *parity_read_grad(const parity *p, const um_node *node)
{
    float *out;

    assert_ok(um_calloc(&out, (size_t)um_shape_count(um_node_shape(node)), sizeof *out));
    assert_ok(um_read_grad(p->g, node, out));
    return out;
}

void parity_node(const parity *p, const char *name, const um_node *node)
{
    float *have = parity_read(p, node);

    parity_compare(p, name, have, (size_t)um_shape_count(um_node_shape(node)), 0, FORWARD_TOL);
    free(have);
}

static double length(const float *x, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++) sum += (double)x[i] * x[i];
    return sqrt(sum);
}

void parity_grad(const parity *p, const char *norm, const char *head, const float *grad, size_t n,
                 double tol)
{
    float whole = (float)length(grad, n);

    parity_compare(p, norm, &whole, 1, 0, tol);
    parity_compare(p, head, grad, n < 16 ? n : 16, largest(grad, n), tol);
}

/* A gradient that is zero but for rounding: short against that of the weight beside it. */
static void check_vanishing(const parity *p, const um_param *bias, const float *grad, size_t n)
{
    um_str name = UM_STR_INIT;
    const um_param *weight;
    float *other;
    size_t m;

    um_str_append_n(&name, bias->name, strlen(bias->name) - strlen("bias"));
    um_str_append(&name, "weight");
    weight = um_params_find(p->set, name.text);
    assert_non_null(weight);
    m = (size_t)um_shape_count(&weight->value.shape);
    assert_ok(um_calloc(&other, m, sizeof *other));
    assert_ok(um_param_get_grad(p->set, weight, other));
    if (!(length(grad, n) <= GRAD_TOL * length(other, m)))
        fail_msg("%s: expected no gradient, found length %.3g beside %.3g", bias->name,
                 length(grad, n), length(other, m));
    free(other);
    um_str_clear(&name);
}

void parity_param_grads(const parity *p, const char *prefix, double (*tolerance)(const char *name))
{
    um_str norm = UM_STR_INIT, head = UM_STR_INIT;

    for (size_t i = 0; i < um_params_count(p->set); i++) {
        const um_param *param = um_params_at(p->set, i);
        size_t n = (size_t)um_shape_count(&param->value.shape);
        double tol = tolerance ? tolerance(param->name) : GRAD_TOL;
        float *grad;

        if (param->buffer) continue;
        assert_ok(um_calloc(&grad, n, sizeof *grad));
        assert_ok(um_param_get_grad(p->set, param, grad));
        um_str_clear(&norm);
        um_str_clear(&head);
        um_str_printf(&norm, "%s%s.norm", prefix, param->name);
        um_str_printf(&head, "%s%s.head", prefix, param->name);
        if (tol == 0)
            check_vanishing(p, param, grad, n);
        else
            parity_grad(p, norm.text, head.text, grad, n, tol);
        free(grad);
    }
    um_str_clear(&norm);
    um_str_clear(&head);
}
