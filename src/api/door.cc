#include "api/door.h"

#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace pasu::api {

using boost::asio::ip::tcp;
namespace asio = boost::asio;

Result<Door> Door::open(const std::string& address, uint16_t port) {
  boost::system::error_code error;
  const auto parsed = asio::ip::make_address(address == "localhost" ? "127.0.0.1" : address, error);
  if (error)
    return fail(Errc::invalid_argument,
                "server.listen: '{}' is no address of this computer; write 127.0.0.1, or 0.0.0.0 "
                "for every network",
                address);
  asio::io_context io;
  tcp::acceptor acceptor(io);
  const tcp::endpoint endpoint(parsed, port);
  (void)acceptor.open(endpoint.protocol(), error);
  if (!error) (void)acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) (void)acceptor.bind(endpoint, error);
  if (!error) (void)acceptor.listen(tcp::acceptor::max_listen_connections, error);
  if (!error) {
    const int socket = acceptor.release(error);
    if (!error) return Door(socket, parsed.is_v6());
  }
  if (error == asio::error::address_in_use)
    return fail(Errc::unavailable,
                "port {} is taken by another program; choose another with --port, or end that one "
                "(ss -ltnp names it)",
                port);
  if (error == asio::error::access_denied)
    return fail(Errc::unavailable, "port {} may only be opened by root; choose one above 1023",
                port);
  return fail(Errc::unavailable, "cannot listen at {} port {}: {}", address, port, error.message());
}

Door::~Door() {
  if (socket_ >= 0) ::close(socket_);
}

}  // namespace pasu::api
