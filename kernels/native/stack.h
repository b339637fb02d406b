// Training of a network of dense layers, many steps in one call: images, labels, weights and what
// Adam keeps of them in, the weights after the steps out.
#pragma once

#include <cstdint>
#include <vector>

#include "steps.h"
#include "team.h"

namespace hangtag {

// A dense layer with what Adam keeps: weights are inputs × outputs. All are changed in place.
struct StackLayer {
  int64_t inputs = 0;
  int64_t outputs = 0;
  bool relu = false;
  float* weights[3] = {};  // weights, first moments, second moments
  float* biases[3] = {};
};

struct StackTraining {
  std::vector<StackLayer> layers;  // the last one's answers go through a softmax
  int64_t batch = 0;
  const uint8_t* pixels = nullptr;  // images × inputs of the first layer
  const int32_t* labels = nullptr;
  const int32_t* order = nullptr;  // of images; step s takes those from s × batch
  int64_t first = 0;               // step
  int64_t last = 0;
  const float* rates = nullptr;  // the length of every step of the epoch, corrected for the start
  Preparing preparing;
  Adam rule;
  int64_t threads = 0;  // to work with at most; 0 is as many as there are
  float least = 0;      // a probability in the loss: Keras' epsilon

  // Goes on from what is here. Ends early after a step whose loss is not a number, and after the
  // step in which Ctrl-C was pressed: `done` says how far it came.
  float loss = 0;         // sum over images
  int64_t right = 0;      // answers
  int64_t done = 0;       // steps
  int64_t bad_step = -1;  // whose loss was not finite
};

// Throws std::bad_alloc, and Interrupted when Ctrl-C finds a single step that takes too long.
void train_stack(StackTraining& training, const Steps& steps, Team& team);

}  // namespace hangtag
