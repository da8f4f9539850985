#include "face/assign.h"

#include <float.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"

typedef struct problem {
    const float *cost;
    size_t rows, columns;
    float limit;
    /* Numbered from 1; column 0 stands for the row being placed. */
    size_t *row_at; /* row in each column, 0: free */
    size_t *from;   /* the column before, on the shortest path */
    double *row_price, *column_price, *slack;
    bool *done;
} problem;

/* One column a row is added at price `limit`, so that staying apart is always possible. */
static double price(const problem *p, size_t row, size_t column)
{
    double c;

    if (column > p->columns) return column - p->columns == row ? p->limit : 1e9;
    c = p->cost[(row - 1) * p->columns + column - 1];
    return c < p->limit ? c : 1e9;
}

static void place(problem *p, size_t row)
{
    size_t n = p->columns + p->rows, at = 0, next = 0;

    p->row_at[0] = row;
    for (size_t j = 0; j <= n; j++) {
        p->slack[j] = DBL_MAX;
        p->done[j] = false;
    }
    do {
        size_t i = p->row_at[at];
        double delta = DBL_MAX;

        p->done[at] = true;
        for (size_t j = 1; j <= n; j++) {
            double reduced;

            if (p->done[j]) continue;
            reduced = price(p, i, j) - p->row_price[i] - p->column_price[j];
            if (reduced < p->slack[j]) {
                p->slack[j] = reduced;
                p->from[j] = at;
            }
            if (p->slack[j] < delta) {
                delta = p->slack[j];
                next = j;
            }
        }
        for (size_t j = 0; j <= n; j++) {
            if (p->done[j]) {
                p->row_price[p->row_at[j]] += delta;
                p->column_price[j] -= delta;
            } else {
                p->slack[j] -= delta;
            }
        }
        at = next;
    } while (p->row_at[at] != 0);
    for (; at; at = p->from[at]) p->row_at[at] = p->row_at[p->from[at]];
}

umcl_status um_assign(int *column_of, const float *cost, size_t rows, size_t columns, float limit)
{
    umcl_status st;
    size_t n = rows + columns + 1;
    problem p = {.cost = cost, .rows = rows, .columns = columns, .limit = limit};

    for (size_t i = 0; i < rows; i++) column_of[i] = -1;
    if (rows == 0 || columns == 0) return UMCL_OK;
    UM_CHECK(um_calloc(&p.row_at, n, sizeof *p.row_at));
    UM_CHECK(um_calloc(&p.from, n, sizeof *p.from));
    UM_CHECK(um_calloc(&p.row_price, rows + 1, sizeof *p.row_price));
    UM_CHECK(um_calloc(&p.column_price, n, sizeof *p.column_price));
    UM_CHECK(um_calloc(&p.slack, n, sizeof *p.slack));
    UM_CHECK(um_calloc(&p.done, n, sizeof *p.done));
    for (size_t i = 1; i <= rows; i++) place(&p, i);
    for (size_t j = 1; j <= columns; j++)
        if (p.row_at[j]) column_of[p.row_at[j] - 1] = (int)j - 1;
done:
    free(p.row_at);
    free(p.from);
    free(p.row_price);
    free(p.column_price);
    free(p.slack);
    free(p.done);
    return st;
}
