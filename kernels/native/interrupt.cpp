// Ctrl-C while a call runs; see interrupt.h.
#include "interrupt.h"

#include <signal.h>
#include <time.h>

#include <atomic>
#include <mutex>

namespace hangtag {

namespace {

// Some ten milliseconds of a core: shorter calls are over before Ctrl-C is.
constexpr double kLong = 1 << 28;

// How long a call may go on after Ctrl-C. The answer is due after a second, and a task that has
// begun needs some of it, more when other programs keep the cores busy.
constexpr int64_t kPatience = 300'000'000;  // nanoseconds

std::atomic<int64_t> presses{0};
std::atomic<int64_t> last_press{0};

std::mutex& changing() {
  static std::mutex mutex;
  return mutex;
}
int listeners = 0;          // both are changed under the mutex; the handler reads the
struct sigaction previous;  // second one, which stays as it is while the handler is in place

int64_t now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);  // one of the few calls a handler may make
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

void press(int number, siginfo_t* info, void* context) {
  last_press.store(now());
  presses.fetch_add(1);
  if ((previous.sa_flags & SA_SIGINFO) != 0) return previous.sa_sigaction(number, info, context);
  previous.sa_handler(number);
}

bool is_ours(const struct sigaction& action) {
  return (action.sa_flags & SA_SIGINFO) != 0 && action.sa_sigaction == press;
}

bool is_usual(const struct sigaction& action) {
  return (action.sa_flags & SA_SIGINFO) == 0 &&
         (action.sa_handler == SIG_DFL || action.sa_handler == SIG_IGN);
}

}  // namespace

void Interrupts::listen(double operations) {
  if (listening_ || operations < kLong) return;
  before_ = presses.load();
  const std::lock_guard<std::mutex> lock(changing());
  struct sigaction current;
  if (sigaction(SIGINT, nullptr, &current) != 0 || is_usual(current)) return;
  // Looked at by every call: Python puts its handler back whenever `signal.signal` is called.
  if (!is_ours(current)) {
    previous = current;
    struct sigaction own = current;
    own.sa_flags |= SA_SIGINFO;
    own.sa_sigaction = press;
    if (sigaction(SIGINT, &own, nullptr) != 0) return;
  }
  ++listeners;
  listening_ = true;
}

Interrupts::~Interrupts() {
  if (!listening_) return;
  const std::lock_guard<std::mutex> lock(changing());
  struct sigaction current;
  // What somebody else put in place meanwhile stays.
  if (--listeners == 0 && sigaction(SIGINT, nullptr, &current) == 0 && is_ours(current))
    sigaction(SIGINT, &previous, nullptr);
}

bool Interrupts::pressed() const { return listening_ && presses.load() != before_; }

void Interrupts::heed() const {
  if (pressed() && now() - last_press.load() > kPatience) throw Interrupted{};
}

}  // namespace hangtag
