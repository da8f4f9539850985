#include "data/synth_mesh.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

#define PI 3.14159265f
#define CAMERA_CM 85.0f /* distance of the head from the camera */

static const um_vec3 neck_pivot = {0.0f, 7.5f, -2.5f};

static float smooth(float lo, float hi, float x)
{
    float t = (x - lo) / (hi - lo);

    t = t < 0 ? 0 : t > 1 ? 1 : t;
    return t * t * (3 - 2 * t);
}

static umcl_status part_alloc(um_synth_part *part, int rows, int cols, int with_jaw)
{
    size_t n = (size_t)rows * (size_t)cols;

    part->rows = rows;
    part->cols = cols;
    UM_TRY(um_calloc(&part->rest, n, sizeof *part->rest));
    UM_TRY(um_calloc(&part->attr, n, sizeof *part->attr));
    UM_TRY(um_calloc(&part->vertex, n, sizeof *part->vertex));
    return with_jaw ? um_calloc(&part->jaw, n, sizeof *part->jaw) : UMCL_OK;
}

/* Signed distance in cm above the hairline's lower edge; positive: hair. */
static float hair_amount(const um_synth_look *look, float theta, float y)
{
    float a = fabsf(theta);
    float front = look->hairline - 0.9f * a * a + 1.3f * smooth(0.35f, 0.75f, a);
    float side = look->hair == UM_HAIR_BALD ? -2.5f : 0.6f;
    float edge = front + (side - front) * smooth(0.72f, 1.12f, a);

    edge += 5.5f * smooth(1.75f, 2.3f, a);
    if (look->hair == UM_HAIR_BALD) edge += (-20.0f - edge) * (1 - smooth(1.2f, 1.9f, a));
    return edge - y;
}

/* Rows are denser where the face has detail. */
static float head_row(int r, int rows)
{
    const float n = UM_SYNTH_HEAD_SLICES - 1, from = 5.0f, to = 13.0f, dense = 2.4f;
    const float face = (to - from) * dense;
    float at = (from + face + n - to) * (float)r / (float)(rows - 1);

    if (at < from) return at;
    return at < from + face ? from + (at - from) / dense : to + (at - from - face);
}

static umcl_status build_head(um_synth_body *body, int rows, int cols)
{
    um_synth_part *part = &body->part[UM_PART_HEAD];
    const um_synth_look *look = &body->look;

    UM_TRY(part_alloc(part, rows, cols, 1));
    for (int r = 0; r < rows; r++) {
        um_synth_slice s = um_synth_slice_at(body->slices, UM_SYNTH_HEAD_SLICES, head_row(r, rows));
        for (int c = 0; c < cols; c++) {
            float f = 2 * (float)c / (float)(cols - 1) - 1;
            float theta = PI * f * (0.42f + 0.58f * f * f), cosine = cosf(theta);
            int i = r * cols + c;
            um_vec3 p = um_synth_slice_point(&s, theta);
            float hair = hair_amount(look, theta, p.y);

            part->attr[i] = (um_synth_attr){p.x, p.y, theta, hair};
            if (cosine > 0) p.z += um_synth_relief(look, p.x, p.y) * cosine;
            part->jaw[i] = um_synth_jaw_shift(look, 1.0f, p).y;
            float thick = look->hair == UM_HAIR_BALD ? 0.25f : 0.9f;
            float puff = thick * smooth(-0.2f, 1.6f, hair);
            p.x += puff * sinf(theta);
            p.z += puff * cosine;
            p.y -= puff * smooth(-5.0f, -11.0f, p.y);
            part->rest[i] = p;
        }
    }
    return UMCL_OK;
}

static umcl_status build_ear(um_synth_body *body, um_synth_part_kind kind, int rows, int cols)
{
    um_synth_part *part = &body->part[kind];
    float side = kind == UM_PART_EAR_LEFT ? -1.0f : 1.0f, flare = 0.45f;

    UM_TRY(part_alloc(part, rows, cols, 0));
    for (int r = 0; r < rows; r++) {
        float phi = PI * (float)r / (float)(rows - 1);
        float wide = sinf(phi) * (1 - 0.22f * (1 - cosf(phi)));
        for (int c = 0; c < cols; c++) {
            float theta = PI * (2 * (float)c / (float)(cols - 1) - 1);
            float out = 0.5f * wide * cosf(theta), along = -side * 1.7f * wide * sinf(theta);
            int i = r * cols + c;
            float x = out * cosf(flare) - along * sinf(flare);
            float z = out * sinf(flare) + along * cosf(flare);
            part->attr[i] = (um_synth_attr){-side * wide * sinf(theta), -cosf(phi), theta, 0};
            part->rest[i] = (um_vec3){side * (7.15f * body->look.width + 0.35f + x),
                                      1.9f - 3.1f * cosf(phi), -1.3f + z};
        }
    }
    return UMCL_OK;
}

static umcl_status build_slices(um_synth_part *part, const um_synth_slice *table, int n, int rows,
                                int cols, float from, float to)
{
    UM_TRY(part_alloc(part, rows, cols, 0));
    for (int r = 0; r < rows; r++) {
        float t = (float)(n - 1) * (float)r / (float)(rows - 1);
        um_synth_slice s = um_synth_slice_at(table, n, t);
        for (int c = 0; c < cols; c++) {
            float theta = from + (to - from) * (float)c / (float)(cols - 1);
            int i = r * cols + c;
            part->rest[i] = um_synth_slice_point(&s, theta);
            part->attr[i] = (um_synth_attr){part->rest[i].x, s.y, theta, 0};
        }
    }
    return UMCL_OK;
}

static umcl_status build_body(um_synth_body *body, int rows, int cols)
{
    static const um_synth_slice torso[] = {
        {5.0f, 4.7f, 3.9f, -1.5f, -6.0f},   {8.0f, 4.9f, 3.5f, -1.7f, -6.4f},
        {11.5f, 5.2f, 3.0f, -1.9f, -7.0f},  {13.6f, 6.6f, 3.2f, -2.0f, -7.6f},
        {15.2f, 10.5f, 4.0f, -2.2f, -8.2f}, {17.0f, 16.0f, 5.5f, -2.4f, -9.0f},
        {20.0f, 20.0f, 7.5f, -2.4f, -10.f}, {26.0f, 21.8f, 9.5f, -2.4f, -11.f},
        {34.0f, 22.3f, 10.f, -2.4f, -11.f}, {46.0f, 22.0f, 10.f, -2.4f, -11.f},
    };
    um_synth_part *part = &body->part[UM_PART_BODY];

    UM_TRY(build_slices(part, torso, 10, rows, cols, -PI, PI));
    for (int i = 0; i < rows * cols; i++) {
        float c = cosf(part->attr[i].theta);
        part->attr[i].w = part->rest[i].y - (13.6f + (c > 0 ? 1.9f * c * c : 0.0f));
        part->rest[i].x *= 0.5f + 0.5f * body->look.width;
    }
    return UMCL_OK;
}

static umcl_status build_curtain(um_synth_body *body, int rows, int cols)
{
    static const um_synth_slice hair[] = {
        {-10.f, 5.6f, 0.0f, -1.0f, -8.0f},  {-6.0f, 7.9f, 0.0f, -1.0f, -10.6f},
        {-1.0f, 8.6f, 0.0f, -1.2f, -10.8f}, {4.0f, 8.9f, 0.0f, -1.4f, -10.4f},
        {8.0f, 9.0f, 0.0f, -1.6f, -9.6f},   {12.0f, 8.6f, 0.0f, -1.8f, -9.0f},
        {14.0f, 7.6f, 0.0f, -2.0f, -8.6f},
    };
    um_synth_part *part = &body->part[UM_PART_CURTAIN];

    UM_TRY(build_slices(part, hair, 7, rows, cols, 0.45f * PI, 1.55f * PI));
    for (int i = 0; i < rows * cols; i++) part->rest[i].x *= body->look.width;
    return UMCL_OK;
}

umcl_status um_synth_body_build(um_synth_body *body, const um_synth_look *look, float px_per_cm)
{
    float fine = px_per_cm / 12.0f; /* a vertex every two to three pixels at most */

    fine = fine < 0.2f ? 0.2f : fine > 1 ? 1 : fine;
    *body = (um_synth_body){.look = *look};
    um_synth_head_slices(body->slices, look);
    UM_TRY(build_head(body, (int)(176 * fine), (int)(120 * fine)));
    UM_TRY(build_ear(body, UM_PART_EAR_LEFT, (int)(20 * fine) + 6, (int)(16 * fine) + 8));
    UM_TRY(build_ear(body, UM_PART_EAR_RIGHT, (int)(20 * fine) + 6, (int)(16 * fine) + 8));
    UM_TRY(build_body(body, (int)(40 * fine) + 10, (int)(48 * fine) + 12));
    if (look->hair == UM_HAIR_LONG)
        UM_TRY(build_curtain(body, (int)(24 * fine) + 8, (int)(40 * fine) + 10));
    const um_synth_part *head = &body->part[UM_PART_HEAD];
    return um_calloc(&body->posed, (size_t)head->rows * (size_t)head->cols, sizeof *body->posed);
}

void um_synth_body_clear(um_synth_body *body)
{
    for (int i = 0; i < UM_PART_COUNT; i++) {
        free(body->part[i].rest);
        free(body->part[i].attr);
        free(body->part[i].jaw);
        free(body->part[i].vertex);
        body->part[i] = (um_synth_part){0};
    }
    free(body->posed);
    body->posed = NULL;
}

/* Rotation, then projection around the point between the eyes. */
typedef struct pose {
    float r[3][3];
    const um_synth_state *state;
} pose;

static pose pose_of(const um_synth_state *s, float share)
{
    float cy = cosf(share * s->yaw), sy = sinf(share * s->yaw);
    float cp = cosf(share * s->pitch), sp = sinf(share * s->pitch);
    float cr = cosf(share * s->roll), sr = sinf(share * s->roll);

    /* Roll after yaw after pitch. */
    return (pose){{{cr * cy, -sr * cp + cr * sy * -sp, -sr * sp + cr * sy * cp},
                   {sr * cy, cr * cp + sr * sy * -sp, cr * sp + sr * sy * cp},
                   {-sy, -cy * sp, cy * cp}},
                  s};
}

static um_vec3 turn(const pose *p, um_vec3 a)
{
    a.x -= neck_pivot.x;
    a.y -= neck_pivot.y;
    a.z -= neck_pivot.z;
    return (um_vec3){p->r[0][0] * a.x + p->r[0][1] * a.y + p->r[0][2] * a.z + neck_pivot.x,
                     p->r[1][0] * a.x + p->r[1][1] * a.y + p->r[1][2] * a.z + neck_pivot.y,
                     p->r[2][0] * a.x + p->r[2][1] * a.y + p->r[2][2] * a.z + neck_pivot.z};
}

static void project(const um_synth_state *s, um_vec3 a, float *x, float *y, float *iz)
{
    *iz = 1.0f / (CAMERA_CM - a.z);
    float k = s->px_per_cm * CAMERA_CM * *iz;
    *x = s->x + k * a.x;
    *y = s->y + k * a.y;
}

void um_synth_project_head(const um_synth_state *state, um_vec3 at, float xy[2])
{
    pose p = pose_of(state, 1.0f);
    float iz;

    project(state, turn(&p, at), xy, xy + 1, &iz);
}

/* Normals from the differences to the neighbours in the grid. */
static void part_normals(um_synth_part *part, const um_vec3 *posed)
{
    int cols = part->cols, rows = part->rows;

    for (int r = 0; r < rows; r++)
        for (int c = 0; c < cols; c++) {
            const um_vec3 *up = posed + (r > 0 ? r - 1 : r) * cols + c;
            const um_vec3 *down = posed + (r < rows - 1 ? r + 1 : r) * cols + c;
            const um_vec3 *left = posed + r * cols + (c > 0 ? c - 1 : c);
            const um_vec3 *right = posed + r * cols + (c < cols - 1 ? c + 1 : c);
            um_vec3 a = {right->x - left->x, right->y - left->y, right->z - left->z};
            um_vec3 b = {down->x - up->x, down->y - up->y, down->z - up->z};
            float n[3] = {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
            float len = sqrtf(n[0] * n[0] + n[1] * n[1] + n[2] * n[2]);
            float *out = part->vertex[r * cols + c].n;
            for (int k = 0; k < 3; k++) out[k] = len > 1e-12f ? n[k] / len : k == 2 ? 1.0f : 0.0f;
        }
}

static void part_pose(um_synth_part *part, const um_synth_state *s, const pose *p, um_vec3 *posed)
{
    int n = part->rows * part->cols;

    for (int i = 0; i < n; i++) {
        um_synth_vertex *v = part->vertex + i;
        um_vec3 a = part->rest[i];
        if (part->jaw) {
            a.y += part->jaw[i] * s->mouth;
            a.z -= 0.3f * part->jaw[i] * s->mouth;
        }
        posed[i] = turn(p, a);
        v->attr = part->attr[i];
        project(s, posed[i], &v->x, &v->y, &v->iz);
    }
    part_normals(part, posed);
}

void um_synth_body_pose(um_synth_body *body, const um_synth_state *state)
{
    pose head = pose_of(state, 1.0f), rest = pose_of(state, 0.2f);

    for (int i = 0; i < UM_PART_COUNT; i++)
        if (body->part[i].rows > 0)
            part_pose(&body->part[i], state, i == UM_PART_BODY ? &rest : &head, body->posed);
}
