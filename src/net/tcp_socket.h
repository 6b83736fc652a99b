// A connected TCP socket, between the listener or connector that made it and its Connection.
#pragma once

#include <memory>

#include "net/address.h"

namespace pasu::net {

class IoThread;
namespace detail {
struct TcpSocketImpl;
}

class TcpSocket {
 public:
  explicit TcpSocket(std::unique_ptr<detail::TcpSocketImpl> impl);
  TcpSocket(TcpSocket&&) noexcept;
  TcpSocket& operator=(TcpSocket&&) noexcept;
  ~TcpSocket();

  [[nodiscard]] IoThread& thread() const;
  [[nodiscard]] const Address& peer() const;
  [[nodiscard]] const Address& local() const;

  /// For net/ alone.
  [[nodiscard]] detail::TcpSocketImpl& impl() { return *impl_; }

 private:
  std::unique_ptr<detail::TcpSocketImpl> impl_;
};

}  // namespace pasu::net
