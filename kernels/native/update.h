// Weights after a step of an optimizer: weights, what the optimizer keeps of them, and gradients
// in; all but the gradients changed in place. Plain loops, which the compiler turns into vectors.
#pragma once

#include "steps.h"
#include "vector.h"

namespace hangtag::HANGTAG_ISA {

// Keras' order of operations: first moment, second moment, weight.
inline void adam(const Adam& rule, float* __restrict weights, float* __restrict momentums,
                 float* __restrict velocities, const float* __restrict slopes, int64_t count) {
  for (int64_t one = 0; one < count; ++one) {
    const float slope = slopes[one];
    const float momentum = momentums[one] + (slope - momentums[one]) * rule.first;
    const float velocity = velocities[one] + (slope * slope - velocities[one]) * rule.second;
    momentums[one] = momentum;
    velocities[one] = velocity;
    weights[one] -= momentum * rule.rate / (__builtin_sqrtf(velocity) + rule.epsilon);
  }
}

}  // namespace hangtag::HANGTAG_ISA
