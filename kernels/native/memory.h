// Working memory that a thread keeps between calls: a size in, aligned floats out. Asking the
// system anew for each call would cost more than the smaller convolutions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace hangtag {

// A cache line, and the widest vector there is.
constexpr size_t kAlignment = 64;

// Number of floats rounded up to whole cache lines.
constexpr int64_t whole_lines(int64_t count) {
  constexpr int64_t line = kAlignment / sizeof(float);
  return (count + line - 1) / line * line;
}

// Floats beyond which their bytes could not be counted.
constexpr int64_t kMost = int64_t{1} << 60;

class Memory {
 public:
  Memory() = default;
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  ~Memory() { std::free(held_); }

  // Room for `count` floats, their contents undefined; valid until the next call on this object.
  float* floats(int64_t count) {
    if (count < 0 || count > kMost) throw std::bad_alloc();
    const size_t bytes = static_cast<size_t>(whole_lines(count)) * sizeof(float);
    if (bytes > size_) {
      std::free(held_);
      size_ = 0;
      held_ = std::aligned_alloc(kAlignment, bytes);
      if (held_ == nullptr) throw std::bad_alloc();
      size_ = bytes;
    }
    return static_cast<float*>(held_);
  }

 private:
  void* held_ = nullptr;
  size_t size_ = 0;
};

// Two for each thread: one for what a call shares between its tasks, one for a task, because the
// calling thread does tasks itself.
inline Memory& call_memory() {
  thread_local Memory memory;
  return memory;
}

inline Memory& task_memory() {
  thread_local Memory memory;
  return memory;
}

}  // namespace hangtag
