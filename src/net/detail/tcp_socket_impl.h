// What a TcpSocket is made of, for the files that use Asio.
#pragma once

#include <memory>

#include <boost/asio/ip/tcp.hpp>

#include "net/io_threads.h"
#include "net/tcp_socket.h"

namespace pasu::net::detail {

struct TcpSocketImpl {
  IoThread& thread;
  boost::asio::ip::tcp::socket socket;
  Address peer, local;
  std::shared_ptr<const void> counted;  // Its place in the listener's count.
};

/// Without delay for small writes; peer and local address filled in.
[[nodiscard]] TcpSocket make_tcp_socket(IoThread& thread, boost::asio::ip::tcp::socket socket,
                                        std::shared_ptr<const void> counted = {});

}  // namespace pasu::net::detail
