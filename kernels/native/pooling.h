// Max-pooling of images on its own, where no convolution stands right before it.
#pragma once

#include <cstdint>

#include "steps.h"
#include "team.h"

namespace hangtag {

// Images of `height` × `width` × `channels`; windows of `window` × `window` side by side, what does
// not fill one left out.
struct PoolCall {
  int64_t images = 0;
  int64_t height = 0;
  int64_t width = 0;
  int64_t channels = 0;
  int64_t window = 1;

  int64_t input_size() const { return height * width * channels; }
  int64_t output_size() const { return (height / window) * (width / window) * channels; }
};

void pool_images(const PoolCall& call, const float* input, float* output, uint8_t* routes,
                 const Steps& steps, Team& team);

void unpool_images(const PoolCall& call, const float* slopes, const uint8_t* routes,
                   float* input_slopes, const Steps& steps, Team& team);

}  // namespace hangtag
