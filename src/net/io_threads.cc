#include "net/io_threads.h"

#include <future>
#include <pthread.h>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "net/detail/io_thread_impl.h"

namespace pasu::net {
namespace {

constexpr std::chrono::milliseconds kLookAgain{20};

}  // namespace

IoThread::IoThread() : impl_(std::make_unique<detail::IoThreadImpl>(*this)) {
  impl_->thread = std::thread([this] {
    pthread_setname_np(pthread_self(), "io");
    impl_->context.run();
  });
}

IoThread::~IoThread() {
  stop();
  release();
}

void IoThread::release() {
  impl_->round.clear();
  impl_->context.shutdown();
}

void IoThread::stop() {
  impl_->context.stop();
  if (impl_->thread.joinable()) impl_->thread.join();
  impl_->stopped = true;
  impl_->fan_out->close();
}

void IoThread::post(std::function<void()> task) {
  boost::asio::post(impl_->context, std::move(task));
}

void IoThread::post_after(std::chrono::nanoseconds delay, std::function<void()> task) {
  auto timer = std::make_shared<boost::asio::steady_timer>(impl_->context, delay);
  timer->async_wait([timer, task = std::move(task)](const boost::system::error_code& error) {
    if (!error) task();
  });
}

void IoThread::in_round(std::function<void()> task) {
  auto& waiting = impl_->round;
  waiting.push_back(std::move(task));
  if (waiting.size() > 1) return;
  const auto since = system_clock().now().time_since_epoch() % kRoundEvery;
  post_after(kRoundEvery - since, [this] {
    for (const auto& each : std::exchange(impl_->round, {})) each();
  });
}

void IoThread::run(const std::function<void()>& task) {
  if (is_current() || impl_->stopped) return task();
  std::promise<void> done;
  post([&] {
    task();
    done.set_value();
  });
  const auto ran = done.get_future();
  while (ran.wait_for(kLookAgain) != std::future_status::ready) {
    // The loop has ended without it: what was posted will be destroyed, not run.
    if (impl_->stopped && ran.wait_for(kLookAgain) != std::future_status::ready) return task();
  }
}

bool IoThread::is_current() const { return std::this_thread::get_id() == impl_->thread.get_id(); }

FanOut& IoThread::fan_out() { return *impl_->fan_out; }

IoThreads::IoThreads(size_t count) {
  for (size_t i = 0; i < count; ++i) threads_.push_back(std::make_unique<IoThread>());
}

IoThreads::~IoThreads() {
  for (const auto& thread : threads_) thread->stop();
  for (const auto& thread : threads_) thread->release();
}

}  // namespace pasu::net
