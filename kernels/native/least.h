// The two least numbers of every column of a table, and the row of the least. Plain loops along the
// rows, which the compiler turns into vectors.
#pragma once

#include "steps.h"
#include "vector.h"

namespace hangtag::HANGTAG_ISA {

inline void least_two(const Least& task) {
  const float far = __builtin_inff();
  float* __restrict first = task.first;
  float* __restrict second = task.second;
  int32_t* __restrict place = task.place;
  for (int64_t one = 0; one < task.columns; ++one) first[one] = second[one] = far, place[one] = 0;
  for (int32_t row = 0; row < static_cast<int32_t>(task.rows); ++row) {
    const float* __restrict values = task.values + row * task.columns;
    for (int64_t one = 0; one < task.columns; ++one) {
      const float value = values[one], before = first[one];
      // What is not a number is neither below nor above, and once found it stays.
      const bool less = !(value >= before) && before == before;
      const float other = less ? before : value;
      first[one] = less ? value : before;
      place[one] = less ? row : place[one];
      second[one] = other < second[one] ? other : second[one];
    }
  }
  for (int64_t one = 0; one < task.columns; ++one)
    second[one] = first[one] == first[one] ? second[one] : first[one];
}

}  // namespace hangtag::HANGTAG_ISA
