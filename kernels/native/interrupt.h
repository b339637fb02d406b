// Ctrl-C while a call runs. The interpreter's own handler only notes it for later, and later is
// when the call has returned; so a call that may last notes it too, beside that handler, and ends
// early.
#pragma once

#include <cstdint>

namespace hangtag {

// A call that was ended by Ctrl-C.
struct Interrupted {};

// Whether Ctrl-C was pressed since `listen`. May be asked from any thread.
class Interrupts {
 public:
  Interrupts() = default;
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

  // Listens from here on if `operations` take long enough for somebody to press Ctrl-C. Does
  // nothing where Ctrl-C would end the process anyway, or nobody wants to hear of it.
  void listen(double operations);

  // At once, for calls that can stop between two steps and lose nothing.
  bool pressed() const;

  // Throws Interrupted when it was pressed so long ago that the call will not end in time by
  // itself: whoever asked for an orderly end gets it from calls that are short.
  void heed() const;

 private:
  bool listening_ = false;
  int64_t before_ = 0;
};

}  // namespace hangtag
