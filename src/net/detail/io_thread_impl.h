// What an IoThread is made of, for the files that use Asio.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "net/fan_out.h"
#include "net/io_threads.h"

namespace pasu::net::detail {

/// An event loop whose waiting handlers can be destroyed before it is.
struct EventLoop : boost::asio::io_context {
  EventLoop() : boost::asio::io_context(1) {}
  using boost::asio::io_context::shutdown;
};

struct IoThreadImpl {
  explicit IoThreadImpl(IoThread& owner) : fan_out(std::make_shared<FanOut>(owner)) {}

  // Destroyed last: sessions that go with the event loop take themselves off it.
  std::shared_ptr<FanOut> fan_out;
  EventLoop context;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{
      context.get_executor()};
  /// See IoThread::in_round().
  std::vector<std::function<void()>> round;
  /// Every read of this thread lands here and is handed on before the next.
  std::array<uint8_t, 64 << 10> read_buffer;
  std::thread thread;
  std::atomic<bool> stopped = false;
};

}  // namespace pasu::net::detail
