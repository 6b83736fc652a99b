#include "net/tcp_socket.h"

#include "net/detail/socket_address.h"
#include "net/detail/tcp_socket_impl.h"

namespace pasu::net {

TcpSocket::TcpSocket(std::unique_ptr<detail::TcpSocketImpl> impl) : impl_(std::move(impl)) {}
TcpSocket::TcpSocket(TcpSocket&&) noexcept = default;
TcpSocket& TcpSocket::operator=(TcpSocket&&) noexcept = default;
TcpSocket::~TcpSocket() = default;

IoThread& TcpSocket::thread() const { return impl_->thread; }
const Address& TcpSocket::peer() const { return impl_->peer; }
const Address& TcpSocket::local() const { return impl_->local; }

namespace detail {

TcpSocket make_tcp_socket(IoThread& thread, boost::asio::ip::tcp::socket socket,
                          std::shared_ptr<const void> counted) {
  boost::system::error_code ignored;
  socket.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
  socket.non_blocking(true, ignored);
  SocketAddress peer, local;
  getpeername(socket.native_handle(), peer.get(), &peer.size);
  getsockname(socket.native_handle(), local.get(), &local.size);
  return TcpSocket(std::make_unique<TcpSocketImpl>(
      TcpSocketImpl{thread, std::move(socket), from_socket_address(peer.get()),
                    from_socket_address(local.get()), std::move(counted)}));
}

}  // namespace detail
}  // namespace pasu::net
