// Batch normalization: rows of channels in, every channel with mean 0 and variance 1 over the rows,
// scaled and moved, out; and the gradients of all that went in.
#pragma once

#include <cstdint>

#include "steps.h"
#include "team.h"

namespace hangtag {

struct NormalizationShape {
  int64_t rows = 0;
  int64_t channels = 0;
  float epsilon = 0;  // added to the variance
  bool relu = false;  // behind it
};

struct Normalization {
  NormalizationShape shape;
  const float* values = nullptr;
  const float* gamma = nullptr;  // what a channel is scaled by, and moved by
  const float* beta = nullptr;
  float* answers = nullptr;
  float* mean = nullptr;  // of every channel
  float* variance = nullptr;
};

struct NormalizationBack {
  NormalizationShape shape;
  const float* values = nullptr;
  const float* gamma = nullptr;
  const float* beta = nullptr;
  const float* mean = nullptr;
  const float* variance = nullptr;
  const float* slopes = nullptr;  // gradient of the answers
  float* value_slopes = nullptr;
  float* gamma_slopes = nullptr;
  float* beta_slopes = nullptr;
};

void normalize(const Normalization& call, const Steps& steps, Team& team);
void normalize_back(const NormalizationBack& call, const Steps& steps, Team& team);

}  // namespace hangtag
