/* Model files that differ from a good one in one thing. */
#ifndef UM_TEST_SUPPORT_MODELS_H
#define UM_TEST_SUPPORT_MODELS_H

#define SHIPPED(name) UMCL_TEST_SOURCE "/models/" name ".safetensors"

/** Copies a model file with another value for one of its metadata. `to` may be `from`. */
void model_with(const char *to, const char *from, const char *key, const char *value);

typedef enum model_fault {
    MODEL_HAS_NAN,     /* one of the tensor's numbers */
    MODEL_HAS_SHAPE,   /* one dimension more */
    MODEL_LACKS_TENSOR /* it is not there */
} model_fault;

/** Copies a model file with a fault in one tensor and the content hash that belongs to that. */
void model_spoilt(const char *to, const char *from, const char *tensor, model_fault fault);

/** A detector with thresholds of its own: scores above `low` and below `high` are no decision. */
void model_judge(const char *to, double threshold, double low, double high);

#endif
