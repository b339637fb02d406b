// Convolution of 3 × 3 windows by tiles, Winograd's way (see winograd.h): images in, cut into
// tiles, transformed, multiplied as 36 matrices and transformed back. Values that are not finite
// spread over their tile on the way, so whoever calls this asks whether all were, and if not
// computes by windows.
#pragma once

#include <cstdint>
#include <functional>

#include "geometry.h"
#include "steps.h"
#include "team.h"

namespace hangtag {

// Whether tiles have clearly fewer products than windows, edges and transforming counted.
bool tiles_pay(const Shape& shape);

// The convolution that gives the gradient of the input: slopes in, in place of images.
Shape rotated(const Shape& shape);

// How weights are packed for each of the 36 matrices, and the floats of all of them.
Panels tile_panels(const Shape& shape, int widest);
int64_t tile_weights_size(const Panels& panels);

// Transforms the weights of all models, `weights(model)` for each; `to` takes tile_weights_size
// floats for each model.
void share_tile_weights(const Panels& panels, int64_t models,
                        const std::function<const float*(int64_t)>& weights, const Steps& steps,
                        Team& team, float* to);

struct TileConvolution {
  Shape shape;
  int64_t images = 0;
  const float* input = nullptr;    // images lie one behind the other
  const float* weights = nullptr;  // of tile_weights
  const float* bias = nullptr;     // packed
  Panels panels;
  bool relu = false;
  float* output = nullptr;
  uint8_t* routes = nullptr;  // as `output`; null when no gradient will be asked for
};

// Returns whether all that came out, and so all that went in, was finite.
bool convolve_tiles(const TileConvolution& call, const Steps& steps, float* memory);
int64_t convolution_memory(const Shape& shape);

struct TileCorrelation {
  Shape shape;
  int64_t images = 0;
  const float* input = nullptr;
  const float* slopes = nullptr;
  int lanes = 1;
  float* sums = nullptr;  // of tile_sums_size floats
  bool add = false;
};

// Sums for the gradient of the weights, and what they come to: rows of whole groups for each tap.
void correlate_tiles(const TileCorrelation& call, const Steps& steps, float* memory);
int64_t correlation_memory(const Shape& shape);
int64_t tile_sums_size(const Shape& shape, int lanes);
// Returns whether all was finite.
bool tile_gradient(const Shape& shape, int lanes, const float* sums, const Steps& steps, float* to);

}  // namespace hangtag
